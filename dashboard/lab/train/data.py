"""Trainings as the page shows them: those under way, and what came of those that are over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from fer_core.errors import ModelError
from fer_core.evaluation.paired import Paired
from fer_core.home import Home
from fer_core.jobs import queue
from fer_core.jobs.training_sources import OWN_LABELS
from fer_core.storage import Store
from fer_core.storage.jobs import Job
from fer_core.training.examples import read_examples
from fer_core.types import JobStatus
from fer_core.zoo.model_store import find_model


@dataclass(frozen=True, slots=True)
class TrainedOn:
    """A data set that a model learned from: its path, or OWN_LABELS."""

    data: str
    faces: int | None
    weight: float = 1.0  # its share of an epoch beside the others'


@dataclass(frozen=True, slots=True)
class ExampleFace:
    """A held-out face and what the network says of it."""

    picture: str  # a data link
    truth: str
    guess: str
    p: float


@dataclass(frozen=True, slots=True)
class Examples:
    """The same few faces after every epoch."""

    epoch: int
    faces: tuple[ExampleFace, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One training, under way or over."""

    job_id: str
    name: str
    status: JobStatus
    base: str
    epochs_planned: int
    share: float | None
    eta_s: float | None
    message: str
    error: str
    stopping: bool
    created: datetime
    epochs: pd.DataFrame = field(default_factory=pd.DataFrame)
    sources: tuple[TrainedOn, ...] = ()
    notes: tuple[str, ...] = ()
    comparison: tuple[Paired, ...] = ()  # with ``base``, on faces that trained neither
    forgot: bool = False  # it fell on public faces
    examples: Examples | None = None
    practice: bool = False  # its model learned from drawn faces
    chose_best: bool = False  # its epoch was chosen by the faces that the comparison is on

    @property
    def active(self) -> bool:
        return not self.status.over


def runs(store: Store, limit: int = 50) -> list[Run]:
    """Trainings of this dashboard, those under way first, then the newest."""
    found = [_run(job) for job in store.jobs.list(kind="train", limit=limit)]
    return sorted(found, key=lambda run: not run.active)


def _run(job: Job) -> Run:
    spec = job.spec
    return Run(
        job_id=job.job_id,
        name=job.title or "",
        status=job.status,
        base=spec.get("base") or spec.get("beside") or "",
        epochs_planned=int(spec["settings"]["epochs"]),
        share=job.progress,
        eta_s=job.eta_s,
        message=job.message or "",
        error=job.error or "",
        stopping=job.cancel_asked and job.status is JobStatus.RUNNING,
        created=job.created,
    )


def whole(home: Home, store: Store, run: Run) -> Run:
    """A run with its epochs, its data, what came of it and its current examples."""
    run_id = queue.training_run_of(store, store.jobs.get(run.job_id))
    if run_id is None:
        return run
    kept = store.training_runs.get(run_id)
    return replace(
        run,
        epochs=curves(store.training_runs.epochs(kept.run_id)),
        sources=tuple(_trained_on(one) for one in kept.data.get("sources") or ()),
        notes=tuple(kept.data.get("notes") or ()),
        comparison=tuple(map(Paired.from_dict, kept.metrics.get("comparison") or ())),
        forgot=bool(kept.metrics.get("forgot")),
        examples=_examples(home.runs / run.name),
        practice=_is_practice(home, run.name),
        chose_best=kept.settings.get("choose", "best") == "best",
    )


def _is_practice(home: Home, model: str) -> bool:
    try:
        return find_model(model, home).card.practice
    except ModelError:  # it was removed, or is not finished
        return False


def _trained_on(one: Mapping[str, Any]) -> TrainedOn:
    return TrainedOn(str(one["data"]), one.get("faces"), float(one.get("weight", 1)))


def _examples(folder: Path) -> Examples | None:
    found = read_examples(folder)
    if found is None:
        return None
    return Examples(found["epoch"], tuple(ExampleFace(**one) for one in found["faces"]))


def curves(epochs: pd.DataFrame) -> pd.DataFrame:
    """Epoch, accuracy, loss and rate, as the charts name them."""
    return pd.DataFrame(
        {
            "epoch": epochs["epoch"].astype(int),
            "accuracy": epochs["val_accuracy"].astype(float),
            "loss": epochs["loss"].astype(float),
            "rate": epochs["learning_rate"].astype(float),
            "seconds": epochs["seconds"].astype(float),
        }
    )


def source_names(run: Run) -> str:
    """What it trained on, with each part's share of an epoch."""
    total = sum(one.weight for one in run.sources)
    said = []
    for one in run.sources:
        name = "own labels" if one.data == OWN_LABELS else Path(one.data).name
        share = f", {100 * one.weight / total:.0f} % of each epoch"
        faces = f"{one.faces:,} faces" if one.faces is not None else ""
        said.append(f"{name} ({faces}{share if len(run.sources) > 1 else ''})")
    return " and ".join(said)
