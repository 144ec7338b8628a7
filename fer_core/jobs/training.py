"""A whole training: data, loop, export, calibration, card. What `rapt train` and a job share.

Everything appears in HOME/runs/NAME while it runs; HOME/models gets the model only when
it is finished and measured.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from fer_core.evaluation import fit_temperature, run, score_labels, score_votes
from fer_core.evaluation.runner import milliseconds_per_face
from fer_core.home import Home
from fer_core.inference.classifier import Classifier
from fer_core.jobs.kinds import Progress
from fer_core.jobs.training_record import TrainingRecord
from fer_core.machine import commit
from fer_core.training.checkpoint import Checkpoint
from fer_core.training.datasets import load
from fer_core.training.export import export, first_card
from fer_core.training.loop import Epoch, train
from fer_core.training.prepare import Prepared, for_output, prepare
from fer_core.training.samples import Samples
from fer_core.training.settings import TrainSettings
from fer_core.training.targets import columns
from fer_core.zoo.card import Card
from fer_core.zoo.shelf import Shelved

OnEpoch = Callable[[Epoch], None]
OnBatch = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class TrainSpec:
    """One training: its name, settings and data set."""

    name: str
    settings: TrainSettings
    data: str
    serves: str | None = None
    about: str = ""
    resume: bool = False
    command: str = ""


def train_model(
    home: Home,
    spec: TrainSpec,
    *,
    on_epoch: OnEpoch | None = None,
    on_batch: OnBatch | None = None,
    on_note: Callable[[str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Card:
    """Train, export the best epoch, calibrate and measure it; the card that was written."""
    data = load(spec.data)
    prepared = for_output(prepare(data, seed=spec.settings.seed), spec.settings.outputs[0])
    for note in prepared.notes:
        if on_note is not None:
            on_note(note)
    folder = home.runs / spec.name
    record = TrainingRecord.begin(
        home,
        folder,
        settings=spec.settings.as_dict(),
        data={"path": spec.data, "notes": list(prepared.notes)},
        model=spec.name,
        resume=spec.resume,
    )

    def keep(numbers: Epoch) -> None:
        record.epoch(numbers)
        if on_epoch is not None:
            on_epoch(numbers)

    with record.watched():
        last = train(
            spec.settings,
            prepared.training,
            prepared.validation,
            folder,
            resume=spec.resume,
            on_epoch=keep,
            on_batch=on_batch,
            cancelled=cancelled,
        )
        best = replace(Checkpoint.load(folder / "best.npz"), history=last.history)
        card = finished(home, spec, prepared, best, folder / "export")
        record.finish(card, data.name)
    return card


def finished(
    home: Home, spec: TrainSpec, prepared: Prepared, best: Checkpoint, folder: Path
) -> Card:
    """Export, calibrate and measure; HOME/models gets the files first and the card last."""
    card = first_card(best, spec.name, about=spec.about, serves=spec.serves)
    card = export(best, card, folder)
    card = measured(Shelved(card, folder), prepared.validation)
    card = replace(
        card,
        data=(Path(spec.data).name,),
        training={
            **card.training,
            "command": spec.command,
            "commit": commit(),
            "faces": len(prepared.training),
            "validation_faces": len(prepared.validation),
            "notes": list(prepared.notes),
            "chosen_epoch": best.epoch,
        },
        limits=("Its accuracy was measured on the split that its best epoch was chosen by.",),
    )
    home.models.mkdir(parents=True, exist_ok=True)
    for entry in card.files.values():
        (folder / entry.name).replace(home.models / entry.name)
    card.write(home.models / f"{card.name}.json")
    (folder / f"{card.name}.json").unlink()
    return card


#: The 8-bit file serves where it loses no more accuracy than this.
INT8_MAY_LOSE = 0.003


def measured(shelved: Shelved, faces: Samples, copies: np.ndarray | None = None) -> Card:
    """The card with a temperature for each output, all metrics of each file, and the file
    that serves. ``copies`` marks faces that the data set holds for training as well."""
    card = shelved.card
    networks = {kind: Classifier(shelved, kind) for kind in card.files if kind != "keras"}
    logits = {kind: run(network, faces.images) for kind, network in networks.items()}
    temperature = {}
    for output in card.outputs:
        truth = faces.majority() if output == "ferplus" else columns(output)[faces.labels]
        known = truth >= 0
        if known.any():
            part = logits["litert"][known][:, card.part(output)]
            temperature[output] = round(fit_temperature(part, truth[known]), 4)
    card = replace(card, temperature=temperature)
    metrics: dict[str, Any] = {}
    for kind, network in networks.items():
        entry: dict[str, Any] = {"labels": score_labels(card, logits[kind], faces.labels).as_dict()}
        if copies is not None and copies.any():
            without = score_labels(card, logits[kind][~copies], faces.labels[~copies])
            entry["labels"]["accuracy_without_copies"] = without.scores.accuracy
        if "ferplus" in card.outputs and faces.votes is not None and faces.voted.any():
            entry["votes"] = score_votes(card, logits[kind], faces.votes).as_dict()
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


def run_job(home: Home, spec: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The job of kind ``train``; its spec is a TrainSpec as a dict."""
    message = ""

    def on_epoch(numbers: Epoch) -> None:
        nonlocal message
        message = (
            f"epoch {int(numbers['epoch'])}: loss {numbers['loss']:.3f}, "
            f"accuracy {numbers['accuracy']:.1%}, macro-F1 {numbers['macro_f1']:.2f}"
        )

    settings = TrainSettings.from_dict(spec["settings"])
    card = train_model(
        home,
        TrainSpec(
            name=spec["name"],
            settings=settings,
            data=spec["data"],
            serves=spec.get("serves"),
            about=spec.get("about", ""),
            resume=bool(spec.get("resume")),
            command="a job of the dashboard",
        ),
        on_epoch=on_epoch,
        on_batch=lambda done, total: progress(done, total, message),
        cancelled=progress.should_stop,
    )
    numbers = card.metrics["validation"][card.default]["labels"]
    return {"model": card.name, "accuracy": numbers["accuracy"], "macro_f1": numbers["macro_f1"]}
