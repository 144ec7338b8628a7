"""A training run's rows in the store: its settings, each epoch as it ends, its model.

The store is opened for each entry and not held in between, so that a long run on the
command line never stands in the way of a dashboard that starts meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from fer_core.errors import Cancelled, RaptError
from fer_core.files import JsonObject, read_json, write_json
from fer_core.home import Home
from fer_core.storage import open_store
from fer_core.storage.jobs import UpdateJob
from fer_core.storage.lab.evaluations import AddEvaluation
from fer_core.storage.lab.models import AddEpochs, AddModel, AddTrainingRun, UpdateTrainingRun
from fer_core.types import JobStatus
from fer_core.zoo.card import Card


class TrainingRecord:
    """One run. A resumed run goes on with the rows of the one that was broken off."""

    def __init__(self, home: Home, folder: Path, run_id: str) -> None:
        self.home = home
        self.folder = folder
        self.run_id = run_id

    @classmethod
    def begin(
        cls,
        home: Home,
        folder: Path,
        *,
        settings: JsonObject,
        data: JsonObject,
        model: str,
        resume: bool,
        base: str | None = None,
        job_id: str | None = None,
    ) -> TrainingRecord:
        """The run's row, a new one or that of the run it resumes; its job keeps the run's id."""
        known = read_json(folder / "run.json") if resume else None
        with open_store(home) as store:
            kept = {run.run_id for run in store.training_runs.list(limit=10_000)}
            if isinstance(known, dict) and known.get("run_id") in kept:
                run_id = str(known["run_id"])
            else:
                run_id = store.run(
                    AddTrainingRun(
                        settings=settings,
                        data=data,
                        architecture=str(settings["arch"]),
                        model=model,
                        base_model=base,
                    )
                )
            store.run(UpdateTrainingRun(run_id=run_id, status=JobStatus.RUNNING))
            if job_id is not None:
                store.run(UpdateJob(job_id=job_id, fields={"run_id": run_id}))
        write_json(folder / "run.json", {"run_id": run_id})
        return cls(home, folder, run_id)

    def epoch(self, numbers: dict[str, float]) -> None:
        """Accuracy is that on the validation faces; what has no column stays under its name."""
        row = dict(numbers)
        row["val_accuracy"] = row.pop("accuracy")
        row["learning_rate"] = row.pop("rate")
        with open_store(self.home) as store:
            store.run(AddEpochs(run_id=self.run_id, epochs=(row,)))

    def finish(self, card: Card, data: str) -> None:
        """The model, its evaluation on the validation faces, and that the run is done."""
        file = card.files[card.default]
        report = card.metrics["validation"][card.default]["labels"]
        told = card.training
        with open_store(self.home) as store:
            store.run(
                AddModel(
                    model=card.name,
                    path=str(self.home.models / f"{card.name}.json"),
                    checksum=file.sha256,
                    source="trained",
                    family=card.arch,
                    run_id=self.run_id,
                    card=asdict(card),
                )
            )
            store.run(AddEvaluation(model=card.name, data=data, report=report))
            store.run(
                UpdateTrainingRun(
                    run_id=self.run_id,
                    status=JobStatus.DONE,
                    model=card.name,
                    metrics={
                        **{key: report[key] for key in ("accuracy", "macro_f1", "ece")},
                        **{key: told[key] for key in ("comparison", "forgot") if key in told},
                    },
                )
            )

    def _end(self, status: JobStatus, error: str | None) -> None:
        with open_store(self.home) as store:
            store.run(UpdateTrainingRun(run_id=self.run_id, status=status, error=error))

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Whatever ends the run early is written down, and goes on its way."""
        try:
            yield
        except (Cancelled, KeyboardInterrupt):
            self._end(JobStatus.CANCELLED, None)
            raise
        except RaptError as error:
            self._end(JobStatus.FAILED, str(error))
            raise
        except Exception as error:
            # a bug: the run must not look as if it still went on; the caller shows the rest
            self._end(JobStatus.FAILED, f"Unexpected {type(error).__name__}: {error}")
            raise
