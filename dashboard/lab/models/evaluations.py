"""Evaluations as jobs: queueing them, and how far they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dashboard.lab.data.data import known
from dashboard.lab.models.figures import evaluations
from fer_core.errors import DataError
from fer_core.home import Home
from fer_core.jobs import face_cache
from fer_core.jobs.evaluation import EvaluationSpec, enqueue_evaluation
from fer_core.storage import Store
from fer_core.types import JobStatus


@dataclass(frozen=True, slots=True)
class EvaluationJob:
    """One evaluation, or map of one, that runs, waits, or did not come to its end."""

    job_id: str
    title: str
    status: JobStatus
    share: float | None
    eta_s: float | None
    message: str
    error: str
    of: str  # the evaluation of which it is a map; "" for an evaluation

    @property
    def active(self) -> bool:
        return not self.status.over


def data_sets(store: Store, home: Home) -> list[str]:
    """Paths of the data sets at hand: added on the page Data, or evaluated on before."""
    face_cache.sweep(home)
    found = dict.fromkeys([one.path for one in known(store)])
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
    waited_for = (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.FAILED)
    return [
        EvaluationJob(
            job_id=job.job_id,
            title=job.title or job.job_id,
            status=job.status,
            share=job.progress,
            eta_s=job.eta_s,
            message=job.message or "",
            error=job.error or "It failed and gave no reason.",
            of=str(job.spec.get("evaluation") or ""),
        )
        for job in store.jobs.list(kind=("evaluate", "map"), status=waited_for, limit=50)
    ]
