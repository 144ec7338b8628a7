"""The queue as pages show it, and what a person can do with a job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import heappop, heappush
from pathlib import Path

from fer_core.jobs import queue
from fer_core.storage import Store
from fer_core.storage.jobs import DeleteJob
from fer_core.storage.jobs import Job as StoredJob
from fer_core.types import JobStatus

ACTIVE = tuple(status for status in JobStatus if not status.over)
OVER = tuple(status for status in JobStatus if status.over)
#: The kinds that bring sessions.
KINDS = ("analyze", "demo", "spark")
#: Finished jobs that pages look at: a batch is as large as a folder may be.
MOST_OVER = 2000


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
    starts_in_s: float | None = None
    lasts_s: float | None = None  # from then on, of ``timed`` jobs
    took_s: float | None = None
    batch: str = ""  # shared by recordings that were given together
    study: str = ""  # id or name

    @property
    def active(self) -> bool:
        return not self.status.over

    @property
    def whole_s(self) -> float | None:
        """How long a running job takes in all."""
        return None if self.took_s is None or self.eta_s is None else self.took_s + self.eta_s

    @property
    def ends_in_s(self) -> float | None:
        """When it is done, of ``timed`` jobs; None where nobody knows."""
        if self.starts_in_s is None or self.lasts_s is None:
            return None
        return self.starts_in_s + self.lasts_s


def active(store: Store) -> list[Job]:
    """What runs and what waits, in the order in which it is done."""
    found = store.jobs.list(status=ACTIVE, kind=KINDS, limit=2000)
    jobs = sorted(
        map(_shown, found), key=lambda job: (job.status is not JobStatus.RUNNING, job.created)
    )
    running = sum(job.status is JobStatus.RUNNING for job in jobs)
    return [
        job if job.status is JobStatus.RUNNING else replace(job, waits_for=max(0, place - running))
        for place, job in enumerate(jobs)
    ]


def over(store: Store) -> list[Job]:
    """What ended, the latest first; failures stay until they are resumed or dismissed."""
    ended = store.jobs.list(status=OVER, kind=KINDS, limit=MOST_OVER)
    ended.sort(key=lambda job: job.finished or datetime.min, reverse=True)
    return [_shown(job) for job in ended]


def timed(waiting: Sequence[Job], ended: Sequence[Job]) -> list[Job]:
    """The jobs under way, each with when it starts; as many at a time as run now.

    How long a recording takes is told by its size from those that are done and the one that
    runs; None where nothing tells it yet.
    """
    sizes = {job.job_id: _size(job.path) for job in waiting}
    known = [(_size(job.path), job.took_s) for job in ended if job.status is JobStatus.DONE]
    known += [(sizes[job.job_id], job.whole_s) for job in waiting]
    told = [(size, seconds) for size, seconds in known if size and seconds]
    pace = sum(s for _, s in told) / sum(size for size, _ in told) if told else None
    running = sum(job.status is JobStatus.RUNNING for job in waiting)
    free = [0.0] * max(1, running)  # when each of them takes the next
    all_known, shown = True, []
    for job in waiting:
        lasts = job.eta_s
        if lasts is None and pace is not None:
            lasts = pace * sizes[job.job_id] * (1 - (job.share or 0.0))
        starts = heappop(free)
        begins = starts if all_known or job.status is JobStatus.RUNNING else None
        shown.append(replace(job, starts_in_s=begins, lasts_s=lasts))
        all_known = all_known and lasts is not None
        heappush(free, starts + (lasts or 0.0))
    return shown


def _size(path: str) -> int:
    if not path:
        return 0  # no recording: nothing to tell others' time by
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0


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
        error=_without_folder(job.error or "", str(job.spec.get("path") or "")),
        stopping=job.cancel_asked and job.status is JobStatus.RUNNING,
        resumes=job.session_name is not None,
        created=job.created,
        took_s=(
            ((job.finished or job.updated) - job.started).total_seconds() if job.started else None
        ),
        batch=str(job.spec.get("batch") or ""),
        study=job.study_id or str(job.spec.get("study") or ""),
    )


def _without_folder(error: str, path: str) -> str:
    """An error with the recording's name in place of where it lies on the server."""
    return error.replace(path, Path(path).name) if path else error
