"""Evaluations as jobs: queueing them, and how far they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.lab.data import data as lab_data
from dashboard.lab.models.data import evaluations
from fer_core.errors import DataError
from fer_core.home import Home
from fer_core.jobs import face_cache, queue
from fer_core.jobs.evaluation import EvaluationSpec, enqueue_evaluation
from fer_core.storage import Store


@dataclass(frozen=True, slots=True)
class EvaluationJob:
    """One evaluation that runs, waits, or did not come to its end."""

    job_id: str
    title: str
    status: str
    share: float | None
    eta_s: float | None
    message: str
    error: str

    @property
    def active(self) -> bool:
        return self.status in ("queued", "running")


def data_sets(store: Store, home: Home) -> list[str]:
    """Paths of the data sets at hand: added on the page Data, or evaluated on before."""
    face_cache.sweep(home)
    found = dict.fromkeys([one.path for one in lab_data.known(store)])
    found.update(dict.fromkeys(one.data for one in evaluations(store)))
    return [path for path in found if Path(path).exists()]


def evaluate(store: Store, model: str, data: str, *, neighbours: bool = True) -> str:
    """Queue it; the job's id."""
    text = data.strip().strip("\"'")
    if not text:
        raise DataError(
            "No data set was given.", "Type the path of a CSV or folder, or drop a file."
        )
    return enqueue_evaluation(store, EvaluationSpec(model, text, neighbours=neighbours))


def shown(store: Store) -> list[EvaluationJob]:
    """What runs and waits, and what failed until it is dismissed."""
    table = queue.jobs(store, kind="evaluate", status=["queued", "running", "failed"], limit=50)
    return [_job(row) for row in table.to_dict("records")]


def _job(row: dict[Any, Any]) -> EvaluationJob:
    def number(value: Any) -> float | None:
        return None if value is None or value != value else float(value)

    return EvaluationJob(
        job_id=str(row["job_id"]),
        title=str(row["title"] or row["job_id"]),
        status=str(row["status"]),
        share=number(row["progress"]),
        eta_s=number(row["eta_s"]),
        message=str(row["message"] or "") if row["message"] == row["message"] else "",
        error=str(row["error"] or "It failed without a word."),
    )


def stop(store: Store, job_id: str) -> None:
    queue.cancel(store, job_id)


def again(store: Store, job_id: str) -> None:
    queue.resume(store, job_id)


def dismiss(store: Store, job_id: str) -> None:
    store.order("delete_job", job_id=job_id)
