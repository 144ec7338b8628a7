"""Models made or pulled here, and the training runs that make them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final

import pandas as pd

from fer_core.errors import StoreError
from fer_core.files import JsonObject
from fer_core.storage.codec import TableRow, to_json
from fer_core.storage.commands import Change, command, given
from fer_core.storage.ids import new_id
from fer_core.storage.migrations import now
from fer_core.storage.reading import Queries
from fer_core.types import JobStatus

_EPOCH_COLUMNS: Final = (
    "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ModelRecord(TableRow):
    """A model file that Rapt itself wrote or pulled; ``checksum`` is its SHA-256."""

    TABLE: ClassVar[str] = "models"
    KEY: ClassVar[str] = "model"

    model: str
    family: str | None
    path: str | None
    checksum: str | None
    source: str | None
    run_id: str | None
    created: datetime
    card: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrainingRun(TableRow):
    """One training, from its settings to its figures."""

    TABLE: ClassVar[str] = "training_runs"
    KEY: ClassVar[str] = "run_id"

    run_id: str
    model: str | None
    architecture: str | None
    base_model: str | None
    status: JobStatus
    error: str | None
    created: datetime
    finished: datetime | None
    settings: JsonObject = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    note: str | None = None


class Models(Queries):
    """``store.models``."""

    def find(self, model: str) -> ModelRecord | None:
        """The model of this name, or None where it was neither made nor pulled here."""
        return self._first(ModelRecord, "SELECT * FROM models WHERE model = $m", m=model)

    def list(self) -> list[ModelRecord]:
        """Models that were trained or pulled here, newest first."""
        return self._all(ModelRecord, "SELECT * FROM models ORDER BY created DESC LIMIT 10000")


class TrainingRuns(Queries):
    """``store.training_runs``."""

    def get(self, run_id: str) -> TrainingRun:
        """One run; StoreError where there is none."""
        found = self._first(
            TrainingRun, "SELECT * FROM training_runs WHERE run_id = $id", id=run_id
        )
        if found is None:
            raise StoreError(f"There is no training run {run_id!r}.")
        return found

    def epochs(self, run_id: str) -> pd.DataFrame:
        """A run's epochs in order: run_id, epoch, loss, accuracy, val_loss, val_accuracy,
        learning_rate, seconds; ``metrics`` holds what has no column, as JSON."""
        return self._frame("SELECT * FROM epochs WHERE run_id = $id ORDER BY epoch", id=run_id)

    def list(self, *, limit: int = 100) -> list[TrainingRun]:
        """Runs, newest first."""
        return self._all(
            TrainingRun,
            "SELECT * FROM training_runs ORDER BY created DESC LIMIT $limit",
            limit=limit,
        )


@command
class AddModel:
    """Remember a model file that Rapt itself wrote or pulled; a second time replaces it."""

    model: str
    path: str
    checksum: str
    source: str
    family: str | None = None
    run_id: str | None = None
    card: JsonObject | None = None

    def apply(self, change: Change) -> None:
        change.delete(ModelRecord, self.model)
        change.insert(
            "models", model=self.model, family=self.family, path=self.path,
            checksum=self.checksum, source=self.source, run_id=self.run_id,
            card=self.card or {}, created=now(),
        )  # fmt: skip


@command
class AddTrainingRun:
    """Begin a training run; returns its id."""

    settings: JsonObject
    data: JsonObject
    architecture: str | None = None
    base_model: str | None = None
    model: str | None = None
    run_id: str | None = None

    def apply(self, change: Change) -> str:
        run_id = self.run_id or new_id("training_run")
        change.insert(
            "training_runs", run_id=run_id, model=self.model, architecture=self.architecture,
            base_model=self.base_model, status=JobStatus.QUEUED, settings=self.settings,
            data=self.data, created=now(),
        )  # fmt: skip
        return run_id


@command
class UpdateTrainingRun:
    """Change what is given; a status that ends the run sets its end."""

    run_id: str
    status: JobStatus | None = None
    model: str | None = None
    metrics: JsonObject | None = None
    error: str | None = None

    def apply(self, change: Change) -> None:
        over = self.status is not None and self.status.over
        columns = given(
            status=self.status, model=self.model, error=self.error, metrics=self.metrics,
            finished=now() if over else None,
        )  # fmt: skip
        change.update(TrainingRun, self.run_id, **columns)


@command
class NoteTrainingRun:
    """Write something down about a run; empty text takes the note away."""

    run_id: str
    note: str

    def apply(self, change: Change) -> None:
        change.update(TrainingRun, self.run_id, note=self.note.strip()[:2000] or None)


@command
class AddEpochs:
    """Add or replace epochs of a run; what has no column of its own is kept as metrics."""

    run_id: str
    epochs: tuple[dict[str, float], ...]

    def apply(self, change: Change) -> None:
        change.get(TrainingRun, self.run_id)
        for numbers in self.epochs:
            epoch = int(numbers["epoch"])
            change.cursor.execute(
                "DELETE FROM epochs WHERE run_id = ? AND epoch = ?", [self.run_id, epoch]
            )
            rest = {k: v for k, v in numbers.items() if k not in (*_EPOCH_COLUMNS, "epoch")}
            change.insert(
                "epochs", run_id=self.run_id, epoch=epoch, metrics=to_json(rest),
                **{name: numbers.get(name) for name in _EPOCH_COLUMNS},
            )  # fmt: skip
