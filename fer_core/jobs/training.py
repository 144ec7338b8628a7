"""A whole training: data, loop, export, calibration, card. What `rapt train` and a job share.

Everything appears in HOME/runs/NAME while it runs; HOME/models gets the model only when
it is finished and measured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from fer_core.evaluation import evaluate, fit_temperature, run_model, score_labels
from fer_core.evaluation.paired import forgot
from fer_core.evaluation.runner import milliseconds_per_face
from fer_core.files import Json, JsonObject
from fer_core.home import Home
from fer_core.inference.classifier import Classifier
from fer_core.inference.outputs import to_seven
from fer_core.jobs.kinds import Progress
from fer_core.jobs.training_compare import compared
from fer_core.jobs.training_record import TrainingRecord
from fer_core.jobs.training_sources import (
    Source,
    TrainSpec,
    base_of,
    beside_of,
    data_of,
    fine_tune,
    prepared_of,
)
from fer_core.labels import EMOTIONS
from fer_core.machine import commit
from fer_core.text import fine_percent
from fer_core.training.checkpoint import Checkpoint
from fer_core.training.datasets import DataSet
from fer_core.training.examples import keep_examples
from fer_core.training.export import export, first_card
from fer_core.training.loop import Epoch, train
from fer_core.training.prepare import Prepared
from fer_core.training.samples import Samples
from fer_core.training.targets import build, columns
from fer_core.zoo.card import Card
from fer_core.zoo.model_store import StoredModel, find_model

__all__ = ["Source", "TrainSpec", "fine_tune", "measured", "run_job", "train_model"]

OnEpoch = Callable[[Epoch], None]
OnBatch = Callable[[int, int], None]


def train_model(
    home: Home,
    spec: TrainSpec,
    *,
    on_epoch: OnEpoch | None = None,
    on_batch: OnBatch | None = None,
    on_note: Callable[[str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    enough: Callable[[], bool] | None = None,
    own: Callable[[Home], DataSet] | None = None,
    job_id: str | None = None,
) -> Card:
    """Train, export the chosen epoch, calibrate and measure it; the card that was written.

    A run with a base, or a model to stand beside, ends with both compared. One with teachers
    trains them first, unless it is resumed and they are there. ``own`` reads one's own labels.
    A job that does it, ``job_id``, is told its run's id.
    """
    watch = Watch(on_epoch, on_batch, on_note, cancelled, enough)
    *teachers, _ = spec.in_turn()
    for teacher in teachers:
        if spec.resume and (home.models / f"{teacher.name}.json").exists():
            continue
        teacher = replace(teacher, resume=spec.resume, command=spec.command)
        train_one(home, teacher, watch, own)
    return train_one(home, spec, watch, own, job_id)


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told of a training, and who may end it."""

    on_epoch: OnEpoch | None
    on_batch: OnBatch | None
    on_note: Callable[[str], None] | None
    cancelled: Callable[[], bool] | None
    enough: Callable[[], bool] | None


def train_one(
    home: Home,
    spec: TrainSpec,
    watch: Watch,
    own: Callable[[Home], DataSet] | None,
    job_id: str | None = None,
) -> Card:
    """One run whose teachers are there."""
    base, beside = base_of(home, spec), beside_of(home, spec)
    spec = _with_weights(home, spec, base)
    data = data_of(home, spec, own)
    prepared = prepared_of(data, spec.settings)
    for note in prepared.notes:
        if watch.on_note is not None:
            watch.on_note(note)
    folder = home.runs / spec.name
    record = _record(home, folder, spec, data, prepared.notes, job_id)

    def keep(numbers: Epoch) -> None:
        record.epoch(numbers)
        if watch.on_epoch is not None:
            watch.on_epoch(numbers)

    with record.watched():
        last = train(
            spec.settings,
            prepared.training,
            prepared.validation,
            folder,
            resume=spec.resume,
            on_epoch=keep,
            on_batch=watch.on_batch,
            cancelled=watch.cancelled,
            enough=watch.enough,
            on_answers=lambda logits, epoch: keep_examples(
                folder, spec.settings, prepared.validation, logits, epoch
            ),
        )
        if spec.settings.choose == "best":
            last = replace(Checkpoint.load(folder / "best.npz"), history=last.history)
        card = finished(home, spec, prepared, last, folder / "export", base, beside)
        record.finish(card, data[0][0].name)
    return card


def _record(
    home: Home,
    folder: Path,
    spec: TrainSpec,
    data: Sequence[tuple[DataSet, float]],
    notes: Sequence[str],
    job_id: str | None,
) -> TrainingRecord:
    """The run's record, begun with its settings and with the faces that each source gives."""
    sources: list[Json] = [
        {**asdict(source), "faces": len(one.splits.get("train", ()))}
        for source, (one, _) in zip(spec.sources, data, strict=True)
    ]
    return TrainingRecord.begin(
        home,
        folder,
        settings=spec.settings.as_dict(),
        data={"sources": sources, "notes": list(notes)},
        model=spec.name,
        base=spec.base or None,
        resume=spec.resume,
        job_id=job_id,
    )


def _with_weights(home: Home, spec: TrainSpec, base: StoredModel | None) -> TrainSpec:
    """The run with the files of its teachers and of the model whose weights it starts from."""
    teachers = tuple(str(find_model(one.name, home).file("keras")) for one in spec.teachers)
    start = str(base.file("keras")) if base is not None else spec.settings.start
    if spec.begins and teachers and not start:
        start = teachers[0]
    return replace(spec, settings=replace(spec.settings, start=start, teachers=teachers))


#: Why a practice model must not be put into use.
PRACTICE_ONLY = "It learned from drawn faces: it is for practice, and cannot be put into use."
#: What a model has in common with the one that it was fine-tuned from.
_LIKE_BASE = ("crop", "to_seven", "counts_as", "also_serves", "shares", "log_prior", "mirror")


def finished(
    home: Home,
    spec: TrainSpec,
    prepared: Prepared,
    chosen: Checkpoint,
    folder: Path,
    base: StoredModel | None = None,
    beside: StoredModel | None = None,
) -> Card:
    """Export, calibrate and measure; HOME/models gets the files first and the card last."""
    card = first_card(chosen, spec.name, about=spec.about, serves=spec.serves)
    card = replace(card, also_serves=spec.also_serves, shares=spec.shares, mirror=spec.mirror)
    card = replace(card, log_prior=log_prior(card, prepared.training, spec.rarity))
    if base is not None:
        card = replace(card, **{name: getattr(base.card, name) for name in _LIKE_BASE})
    learned = base is not None and base.card.practice
    card = replace(card, practice=prepared.practice or learned)
    card = export(chosen, card, folder)
    kept = base.card.temperature if base is not None and not prepared.public else None
    card = measured(StoredModel(card, folder), prepared.validation, temperature=kept)
    limits = [PRACTICE_ONLY] if card.practice else []
    if spec.settings.choose != "last":
        limits += ["Its accuracy was measured on the split that its best epoch was chosen by."]
    facts: JsonObject = {}
    other = base or beside
    if other is not None:
        comparisons = compared(other, StoredModel(card, folder), prepared)
        facts = {
            "base" if base is not None else "beside": other.card.name,
            "comparison": [one.as_dict() for one in comparisons],
            "forgot": forgot(comparisons),
        }
        limits += [f"Beside {other.card.name}: {one.sentence}" for one in comparisons]
    card = replace(
        card,
        data=tuple(Path(source.data).name for source in spec.sources),
        training={
            **card.training,
            "command": spec.command,
            "commit": commit(),
            "faces": len(prepared.training),
            "validation_faces": len(prepared.validation),
            "notes": list(prepared.notes),
            "chosen_epoch": chosen.epoch,
            **facts,
        },
        limits=tuple(limits),
    )
    _publish(home, card, folder)
    return card


def _publish(home: Home, card: Card, folder: Path) -> None:
    """Move the weight files from the run's folder to HOME/models, then write the card there."""
    home.models.mkdir(parents=True, exist_ok=True)
    for entry in card.files.values():
        (folder / entry.name).replace(home.models / entry.name)
    card.write(home.models / f"{card.name}.json")
    (folder / f"{card.name}.json").unlink()


def log_prior(card: Card, faces: Samples, rarity: float) -> dict[str, float]:
    """A log prior for each of the seven emotions, added to the logits of what is served.

    It corrects for how often each emotion occurs in training: a network's own prior is that
    of its training faces, one face of disgust in a hundred. With a ``rarity`` of 1 all emotions
    are equally likely beforehand, with 0 each as likely as it was in training. An emotion that
    never occurred gets 0.
    """
    if not rarity:
        return {}
    total = np.zeros(len(EMOTIONS))
    for output in card.served:
        shown = build(faces, (output,), smoothing=0, vote_weight=1).sum(axis=0, keepdims=True)
        often = to_seven(card, shown, output)[0]
        often[often == 0] = often.max()
        total -= rarity * card.share(output) * np.log(often)
    total -= total.min()
    return {emotion: round(float(value), 4) for emotion, value in zip(EMOTIONS, total)}


#: The 8-bit file serves where it loses no more accuracy than this.
INT8_MAY_LOSE = 0.003


def measured(
    stored: StoredModel,
    faces: Samples,
    copies: np.ndarray | None = None,
    *,
    temperature: dict[str, float] | None = None,
) -> Card:
    """The card with a temperature for each output, all metrics of each file, and the file
    that serves. ``copies`` marks faces that the data set holds for training as well;
    ``temperature`` is kept where these faces are too few to find one."""
    card = stored.card
    networks = {kind: Classifier(stored, kind) for kind in card.files if kind != "keras"}
    logits = {kind: run_model(network, faces.images) for kind, network in networks.items()}
    temperature = dict(temperature or {})
    for output in [output for output in card.outputs if output not in temperature]:
        truth = faces.majority() if output == "ferplus" else columns(output)[faces.labels]
        known = truth >= 0
        if known.any():
            part = logits["litert"][known][:, card.part(output)]
            temperature[output] = round(fit_temperature(part, truth[known]), 4)
    card = replace(card, temperature=temperature)
    metrics: dict[str, Any] = {}
    for kind, network in networks.items():
        report = evaluate(card, logits[kind], faces.labels, faces.votes, copies=copies)
        on_labels = replace(report, votes=None, votes_agreed=None)
        entry: dict[str, object] = {"labels": on_labels.as_dict()}
        if report.votes is not None:
            entry["votes"] = report.votes.as_dict()
            if report.votes_agreed is not None:
                entry["votes_agreed"] = report.votes_agreed.as_dict()
            by_votes = score_labels(card, logits[kind], faces.labels, "ferplus")
            entry["labels_by_ferplus"] = by_votes.as_dict()
        entry["ms_per_face"] = milliseconds_per_face(network, seconds=0.5)
        metrics[kind] = entry
    default = "litert"
    if "int8" in metrics:
        lost = [
            metrics["litert"][on]["accuracy"] - metrics["int8"][on]["accuracy"]
            for on in ("labels", "votes")
            if on in metrics["litert"]
        ]
        default = "int8" if max(lost) <= INT8_MAY_LOSE else "litert"
    headline = {key: metrics[default]["labels"][key] for key in ("accuracy", "macro_f1", "ece")}
    return replace(card, default=default, metrics={**headline, "validation": metrics})


def run_job(home: Home, spec: JsonObject, progress: Progress) -> JsonObject:
    """The job of kind ``train``; its spec is what ``TrainSpec.as_dict`` gives."""
    message = ""

    def on_epoch(numbers: Epoch) -> None:
        nonlocal message
        message = (
            f"epoch {int(numbers['epoch'])}: loss {numbers['loss']:.3f}, "
            f"accuracy {fine_percent(numbers['accuracy'])}, macro-F1 {numbers['macro_f1']:.2f}"
        )

    card = train_model(
        home,
        replace(TrainSpec.from_dict(spec), command="a job of the dashboard"),
        on_epoch=on_epoch,
        on_batch=lambda done, total: progress(done, total, message),
        cancelled=progress.should_stop,
        job_id=progress.job_id,
    )
    numbers = card.metrics["validation"][card.default]["labels"]
    return {
        "model": card.name,
        "accuracy": numbers["accuracy"],
        "macro_f1": numbers["macro_f1"],
        **{key: card.training[key] for key in ("comparison", "forgot") if key in card.training},
    }
