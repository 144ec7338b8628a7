"""Stages of training on a rented machine, one after another, within the minutes given."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from fer_core.errors import ModelError
from fer_core.files import write_json
from fer_core.rental.halves import finished, unfinished, whole
from fer_core.rental.outbox import Outbox
from fer_core.rental.pack import (
    FACES,
    TEACHERS,
    Packed,
    read_pack,
    read_soft_targets,
    write_soft_targets,
)
from fer_core.rental.parts import left_out, shown
from fer_core.rental.stages import Stage
from fer_core.training.checkpoint import Checkpoint
from fer_core.training.datasets import mix, stratified
from fer_core.training.fused.loop import Pace, Run
from fer_core.training.prepare import Prepared, for_output
from fer_core.training.samples import Samples
from fer_core.training.settings import TrainSettings
from fer_core.types import Float, Int

#: What comes back of a run that is to go on is written this often, beside its checkpoints.
BACK_EVERY_S = 60.0
#: Augmented pictures of each face that a teacher answers beside the face and its mirror image.
VIEWS = 4


@dataclass
class Machine:
    """Where a run works, what it may use and whom it tells."""

    pack: Path  # the folder that travelled
    work: Path  # full checkpoints, to go on on this machine
    out: Path  # what comes back
    minutes: float
    photographs: float = 0.1  # share of every epoch
    shorter: float = 1.0  # share of the epochs: a rehearsal
    faces: int = 0  # at most so many faces of each kind: a rehearsal; 0: all
    reserve_s: float = 15.0  # kept for writing at a stage's end
    log: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def left(self) -> float:
        """Seconds that are left."""
        return self.minutes * 60 - (time.monotonic() - self.started)

    def note(self, text: str) -> None:
        """Print a line and keep it for the log that comes back."""
        self.log.append(f"{time.monotonic() - self.started:6.1f} s  {text}")
        sys.stdout.write(self.log[-1] + "\n")
        sys.stdout.flush()


def train_stages(machine: Machine, stages: Sequence[Stage]) -> list[str]:
    """Train the stages in turn; the names of those that were finished, here or before."""
    packed = read_pack(machine.pack / FACES)
    machine.note(
        f"{len(packed.faces)} faces, {int(packed.photographs.sum())} of them photographs; "
        f"{machine.left():.0f} s left"
    )
    outbox = Outbox(machine.out, machine.note)
    done = []
    for stage in stages:
        target = machine.work / f"{stage.name}.npz"
        if target.exists():
            put_result(outbox, machine, stage)
            put_soft_targets(outbox, machine, stage)
            done.append(stage.name)
            machine.note(f"{stage.name}: finished before")
            continue
        if machine.left() < 2 * machine.reserve_s:
            machine.note(f"{stage.name}: {machine.left():.0f} s are too few to begin")
            break
        if train_stage(machine, stage, packed, outbox):
            done.append(stage.name)
        outbox.put("log.txt", "\n".join(machine.log).encode())
    return done


def train_stage(machine: Machine, stage: Stage, packed: Packed, outbox: Outbox) -> bool:
    """Train one stage, new or taken up again; whether it was finished."""
    note, name = machine.note, stage.name
    run = begun(machine, stage, packed)
    pace = run.measure()
    before = run.found.epoch if run.found is not None else 0
    least = max(1, round(machine.shorter * stage.least))
    wished = run.settings.epochs
    answers = (2 + VIEWS) * len(packed.faces) if stage.teaches else 0
    reserve = machine.reserve_s + answers / pace.answers_per_s
    epochs = run.fit(machine.left() - reserve, least)
    note(
        f"{name}: {len(run.training)} faces, {pace.pictures_per_s:.0f} pictures/s, an epoch "
        f"{pace.epoch_s:.2f} s, compiled in {pace.compile_s:.0f} s; epochs {before} to {epochs} "
        f"of {wished} wished; {machine.left():.0f} s left"
    )
    if run.found is None and machine.left() - reserve < 1.2 * pace.epoch_s:
        note(f"{name}: too little for an epoch, not begun")
        return False
    written = time.monotonic()

    def on_epoch(numbers: dict[str, float]) -> None:
        shown = (f"{key} {numbers[key]:.4g}" for key in numbers if key not in ("size", "epoch"))
        note(f"{name} epoch {int(numbers['epoch'])}/{epochs}: {', '.join(shown)}")

    def on_checkpoint(checkpoint: Checkpoint) -> None:
        nonlocal written
        if not run.done and time.monotonic() - written > BACK_EVERY_S:
            put_unfinished(outbox, machine, name, checkpoint)
            written = time.monotonic()

    last = run.train(
        lambda: machine.left() - reserve, on_epoch=on_epoch, on_checkpoint=on_checkpoint
    )
    if not run.done:
        put_unfinished(outbox, machine, name, last)
        note(f"{name}: stopped after epoch {last.epoch} of {epochs}, to go on another time")
        return False
    finish(machine, stage, run, packed, outbox)
    put_facts(machine, stage, run, pace, outbox)
    note(f"{name}: finished; {machine.left():.0f} s left")
    return True


def begun(machine: Machine, stage: Stage, packed: Packed) -> Run:
    """A stage's run, new or taken up where another rental left it."""
    settings, training, rows, validation = prepared(machine, stage, packed)
    teachers, logits = taught(machine, stage, packed)
    if settings.distill_weight:
        machine.note(f"{stage.name}: taught by {', '.join(teachers) or 'nobody'}")
        weight = settings.distill_weight if teachers else 0.0
        settings = replace(settings, teachers=teachers, distill_weight=weight)
    folder = machine.work / stage.name
    take_up(machine, stage.name, folder)
    return Run(
        settings,
        training,
        folder,
        validation=validation,
        logits=None if logits is None else logits[rows],
        fuse=on_gpu(),
    )


def put_facts(machine: Machine, stage: Stage, run: Run, pace: Pace, outbox: Outbox) -> None:
    """Write down on what a finished run was trained, and how fast."""
    everybody = run.validation is None and stage.photographs
    facts = {
        "machine": device(),
        "pictures_per_s": round(pace.pictures_per_s),
        "faces": len(run.training),
        "photographs": machine.photographs if everybody else 0.0,
    }
    write_json(machine.work / f"{stage.name}.json", facts)
    put_result(outbox, machine, stage)


def finish(machine: Machine, stage: Stage, run: Run, packed: Packed, outbox: Outbox) -> None:
    """Write a finished run's weights, and its answers where it teaches others."""
    assert run.found is not None
    chosen = run.found
    if run.validation is not None and run.settings.choose == "best":
        chosen = replace(Checkpoint.load(run.best), history=run.found.history)
    weights = run.weights(chosen)
    result = machine.work / f"{stage.name}.npz"
    finished(chosen, weights).save(result)
    outbox.remove(f"{stage.name}.unfinished.npz")
    put_result(outbox, machine, stage)
    if stage.teaches:
        answered = left_out(packed, stage.left_out)
        found = run.logits(weights, packed.faces.images[answered], VIEWS)
        logits = np.full((len(packed.faces), found.shape[1]), np.nan, np.float32)
        logits[answered] = found
        path = machine.work / TEACHERS / f"{stage.name}.npz"
        write_soft_targets(path, logits, packed)
        put_soft_targets(outbox, machine, stage)
    shutil.rmtree(machine.work / stage.name)


def prepared(
    machine: Machine, stage: Stage, packed: Packed
) -> tuple[TrainSettings, Samples, Int, Samples | None]:
    """A stage's settings, training faces with their rows in the pack, and validation faces."""
    settings = stage.recipe.settings
    if not on_gpu():
        settings = replace(settings, precision="float32")
    rows, photographs = shown(packed, stage.left_out)
    if machine.shorter < 1:
        settings = replace(settings, epochs=max(2, round(machine.shorter * settings.epochs)))
    if machine.faces:
        rows, photographs = rows[: machine.faces], photographs[: machine.faces]
    share = machine.photographs if stage.photographs and len(photographs) else 0.0
    if share:
        parts = [(packed.faces[rows], 1 - share), (packed.faces[photographs], share)]
        training = mix(parts)
        # Photographs come on top: an epoch shows as many faces of FER2013 as without them.
        settings = replace(settings, faces_an_epoch=round(len(rows) / (1 - share)))
        return settings, training, np.concatenate([rows, photographs]), None
    faces = packed.faces[rows]
    if stage.judged:
        training, validation = stratified(faces, stage.judged, settings.seed)
        ready = Prepared(training, validation, ())
        ready = for_output(ready, settings.outputs[0])
        return settings, ready.training, rows, ready.validation
    return settings, faces, rows, None


def taught(machine: Machine, stage: Stage, packed: Packed) -> tuple[tuple[str, ...], Float | None]:
    """Those of a stage's teachers that answered the packed faces, and their mean logits.

    NaN where none of them did.
    """
    there: dict[str, Float] = {}
    for name in stage.recipe.teachers:
        for folder in (machine.work, machine.pack):
            logits = read_soft_targets(folder / TEACHERS, name, packed)
            if logits is not None:
                there.setdefault(name, logits)
    if not there:
        return (), None
    all_of_them = np.ma.masked_invalid(np.stack(list(there.values())))
    return tuple(there), all_of_them.mean(axis=0).filled(np.nan).astype(np.float32)


def take_up(machine: Machine, name: str, folder: Path) -> None:
    """Begin from the run that came here unfinished, unless this machine holds a later one."""
    travelled = machine.pack / "unfinished" / f"{name}.npz"
    if travelled.exists() and not (folder / "last.npz").exists():
        try:
            whole(Checkpoint.load(travelled)).save(folder / "last.npz")
        except ModelError as error:
            machine.note(f"{name}: begun anew; {error}")


def put_unfinished(outbox: Outbox, machine: Machine, name: str, checkpoint: Checkpoint) -> None:
    path = machine.work / name / "back.npz"
    unfinished(checkpoint).save(path)
    outbox.put(f"{name}.unfinished.npz", path.read_bytes())
    path.unlink()


def put_result(outbox: Outbox, machine: Machine, stage: Stage) -> None:
    """A finished stage's weights and facts; of one that left faces out, its answers are enough."""
    paths = [machine.work / f"{stage.name}{end}" for end in (".npz", ".json")]
    for path in paths if stage.left_out is None else []:
        if path.exists():
            outbox.put(path.name, path.read_bytes())


def put_soft_targets(outbox: Outbox, machine: Machine, stage: Stage) -> None:
    path = machine.work / TEACHERS / f"{stage.name}.npz"
    if stage.teaches and path.exists():
        outbox.put(f"{stage.name}.soft.npz", path.read_bytes())


def on_gpu() -> bool:
    import jax

    return jax.default_backend() != "cpu"


def device() -> str:
    """What the stages run on."""
    import jax

    return str(jax.devices()[0].device_kind)
