"""The queue as pages show it, and what a person can do with a job."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from fer_core.jobs import queue
from fer_core.storage import Store
from fer_core.storage.jobs import DeleteJob
from fer_core.storage.jobs import Job as StoredJob
from fer_core.types import JobStatus

ACTIVE = tuple(status for status in JobStatus if not status.over)
OVER = tuple(status for status in JobStatus if status.over)


@dataclass(frozen=True, slots=True)
class Job:
    """One row of the queue. ``share`` is None while nobody knows how much is to do;
    ``resumes``: something of it was kept already.
    """

    job_id: str
    session_id: str | None
    name: str
    path: str
    status: JobStatus
    share: float | None
    rate: float | None
    eta_s: float | None
    message: str
    error: str
    stopping: bool
    resumes: bool
    created: datetime
    waits_for: int = 0

    @property
    def active(self) -> bool:
        return not self.status.over


def board(store: Store) -> tuple[list[Job], list[Job]]:
    """What is under way, and what ended. A job that ends between the two looks has ended."""
    under_way = active(store)
    ended = over(store)
    gone = {job.job_id for job in ended}
    return [job for job in under_way if job.job_id not in gone], ended


def active(store: Store) -> list[Job]:
    """What runs and what waits, in the order in which it is done."""
    found = store.jobs.list(status=ACTIVE, kind="analyze", limit=2000)
    jobs = sorted(
        map(_shown, found), key=lambda job: (job.status is not JobStatus.RUNNING, job.created)
    )
    running = sum(job.status is JobStatus.RUNNING for job in jobs)
    return [
        job if job.status is JobStatus.RUNNING else replace(job, waits_for=max(0, place - running))
        for place, job in enumerate(jobs)
    ]


def over(store: Store, limit: int = 8) -> list[Job]:
    """What ended, the latest first; failures stay until they are resumed or dismissed."""
    ended = store.jobs.list(status=OVER, kind="analyze", limit=200)
    ended.sort(key=lambda job: job.finished or datetime.min, reverse=True)
    return [_shown(job) for job in ended[:limit]]


def cancel(store: Store, job_id: str) -> None:
    queue.cancel(store, job_id)


def resume(store: Store, job_id: str) -> None:
    """Queue it again: it goes on from what was kept, or starts anew where nothing was."""
    queue.resume(store, job_id)


def resume_session(store: Store, session_id: str) -> None:
    """Queue a session that was cut short, also one that a command left, which has no job."""
    queue.resume_session(store, session_id)


def dismiss(store: Store, job_id: str) -> None:
    """Take a job that is over off the list."""
    store.run(DeleteJob(job_id=job_id))


def job_of(store: Store, session_id: str) -> Job | None:
    """The latest job of a session."""
    found = store.jobs.list(session_id=session_id, kind="analyze", limit=1)
    return _shown(found[0]) if found else None


def _shown(job: StoredJob) -> Job:
    return Job(
        job_id=job.job_id,
        session_id=job.session_id,
        name=job.session_name or job.title or job.spec.get("name") or job.job_id,
        path=str(job.spec.get("path") or ""),
        status=job.status,
        share=min(1.0, job.done / job.total) if job.total and job.done is not None else None,
        rate=job.rate,
        eta_s=job.eta_s,
        message=job.message or "",
        error=job.error or "",
        stopping=job.cancel_asked and job.status is JobStatus.RUNNING,
        resumes=job.session_name is not None,
        created=job.created,
    )
