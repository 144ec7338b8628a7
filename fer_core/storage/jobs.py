"""Jobs: long work that waits, runs or is over, and the commands that move it on."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from fer_core.errors import StoreError
from fer_core.storage.codec import TableRow
from fer_core.storage.commands import Change, command, given
from fer_core.storage.ids import check_id, new_id
from fer_core.storage.migrations import now
from fer_core.storage.reading import Queries
from fer_core.storage.removal import erasure
from fer_core.types import JobStatus

#: What ``UpdateJob`` may set beside the status.
_FREE_COLUMNS: Final = ("done", "total", "rate", "eta_s", "message", "error", "pid", "attempt",
                        "session_id", "run_id", "title", "priority")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Job(TableRow):
    """One job. ``spec`` is what its kind needs to know; ``done`` of ``total`` in its own unit."""

    TABLE: ClassVar[str] = "jobs"
    KEY: ClassVar[str] = "job_id"

    job_id: str
    kind: str
    status: JobStatus
    spec: dict[str, Any]
    created: datetime
    updated: datetime
    title: str | None = None
    session_id: str | None = None
    run_id: str | None = None
    priority: int = 0
    attempt: int = 0
    done: float | None = None
    total: float | None = None
    rate: float | None = None  # of ``done``, a second
    eta_s: float | None = None
    message: str | None = None
    error: str | None = None
    pid: int | None = None
    cancel_asked: bool = False
    started: datetime | None = None
    finished: datetime | None = None
    session_name: str | None = None  # of the session that it works on, in lists
    study_id: str | None = None  # of that session, in lists

    @property
    def progress(self) -> float | None:
        """From 0 to 1; None where nobody knows."""
        if self.status is JobStatus.DONE:
            return 1.0
        if self.done is None or not self.total or self.total <= 0:
            return None
        return min(1.0, max(0.0, self.done / self.total))


class Jobs(Queries):
    """``store.jobs``."""

    def get(self, job_id: str) -> Job:
        """One job; StoreError where there is none."""
        found = self._first(Job, "SELECT * FROM jobs WHERE job_id = $id", id=job_id)
        if found is None:
            raise StoreError(f"There is no job {job_id!r}.")
        return found

    def active(self, each: int | None = None) -> list[Job]:
        """Jobs that are not over: running ones, then waiting ones in the order of their turn.

        ``each``: of every kind, no more of those that wait.
        """
        return self._all(
            Job,
            "SELECT * FROM jobs WHERE status IN ('queued', 'running') "
            "QUALIFY $each IS NULL OR status = 'running' OR row_number() OVER "
            "(PARTITION BY kind, status ORDER BY priority DESC, created, job_id) <= $each "
            "ORDER BY status DESC, CASE WHEN status = 'queued' THEN priority END DESC, "
            "CASE WHEN status = 'running' THEN created END DESC, created, job_id",
            each=each,
        )

    def waiting(self) -> list[Job]:
        """Queued jobs in the order in which they should start."""
        return [job for job in self.active() if job.status is JobStatus.QUEUED]

    def unfinished_analyses(self) -> list[Job]:
        """Recordings' jobs that wait, run, failed or were cancelled; the newest first."""
        return self._all(
            Job,
            "SELECT * FROM jobs WHERE kind = 'analyze' AND status != 'done' "
            "ORDER BY created DESC, job_id DESC",
        )

    def statuses(self, job_ids: Sequence[str]) -> dict[str, JobStatus]:
        """How these jobs stand, by their ids; one that was deleted is left out."""
        found = self._frame(
            "SELECT job_id, status FROM jobs WHERE job_id IN (SELECT unnest($ids::VARCHAR[]))",
            ids=[*job_ids],
        )
        return {job: JobStatus(status) for job, status in zip(found["job_id"], found["status"])}

    def list(
        self,
        *,
        status: JobStatus | Sequence[JobStatus] | None = None,
        kind: str | Sequence[str] | None = None,
        session_id: str | None = None,
        limit: int = 100,
    ) -> list[Job]:
        """Jobs, newest first; ``status`` and ``kind`` may be one or several."""
        return self._all(
            Job,
            """
            SELECT j.*, s.name AS session_name, s.study_id FROM jobs j
            LEFT JOIN sessions s ON s.session_id = j.session_id
            WHERE ($status IS NULL OR j.status IN (SELECT unnest($status::VARCHAR[])))
              AND ($kind IS NULL OR j.kind IN (SELECT unnest($kind::VARCHAR[])))
              AND ($session_id IS NULL OR j.session_id = $session_id)
            ORDER BY j.created DESC, j.job_id DESC LIMIT $limit
            """,
            status=[status] if isinstance(status, str) else status,
            kind=[kind] if isinstance(kind, str) else kind,
            session_id=session_id,
            limit=limit,
        )


@command
class AddJob:
    """Queue a job; returns its id."""

    kind: str
    spec: Mapping[str, object]
    title: str | None = None
    session_id: str | None = None
    run_id: str | None = None
    priority: int = 0
    job_id: str | None = None

    def apply(self, change: Change) -> str:
        job_id = check_id(self.job_id or new_id("job"))
        change.insert(
            "jobs", job_id=job_id, kind=self.kind, title=self.title, session_id=self.session_id,
            run_id=self.run_id, spec=self.spec, status=JobStatus.QUEUED, priority=self.priority,
            created=now(), updated=now(),
        )  # fmt: skip
        return job_id


@command
class AddJobs:
    """Queue many jobs at once, and those of ``job_ids`` once more; the ids of the new ones."""

    jobs: tuple[AddJob, ...] = ()
    job_ids: tuple[str, ...] = ()  # a field of this name is checked for whoever may not see all

    def apply(self, change: Change) -> tuple[str, ...]:
        for job_id in self.job_ids:
            RequeueJob(job_id=job_id).apply(change)
        return tuple(job.apply(change) for job in self.jobs)


@command
class UpdateJob:
    """Mirror what a job's process says: a status, and any of done, total, rate, eta_s,
    message, error, pid, attempt, session_id, run_id, title, priority (None empties one)."""

    job_id: str
    status: JobStatus | None = None
    fields: Mapping[str, object] | None = None

    def apply(self, change: Change) -> None:
        before = change.get(Job, self.job_id)
        wrong = sorted(set(self.fields or {}) - set(_FREE_COLUMNS))
        if wrong:
            raise StoreError(
                f"A job's {', '.join(wrong)} cannot be set.", f"Use {', '.join(_FREE_COLUMNS)}."
            )
        columns: dict[str, object] = {**(self.fields or {}), "updated": now()}
        if self.status is not None and self.status is not before.status:
            columns["status"] = self.status
            if self.status is JobStatus.RUNNING:
                columns |= {"started": now(), "finished": None}
            elif self.status is JobStatus.QUEUED:
                columns |= {"cancel_asked": False, "finished": None}
            else:
                columns["finished"] = now()
        change.update(Job, self.job_id, **columns)


@command
class AssignJob:
    """Say where a recording belongs that has a job and no session yet; False where it has one.

    Its session takes that over when it is first seen, whatever its worker was told before.
    """

    job_id: str
    study: str | None = None
    stimulus: str | None = None
    condition: str | None = None
    respondent: str | None = None

    def apply(self, change: Change) -> bool:
        job = change.get(Job, self.job_id)
        known = change.cursor.value("SELECT 1 FROM sessions WHERE session_id = ?", [job.session_id])
        if job.status.over or known is not None:
            return False
        said = given(study=self.study, stimulus=self.stimulus, condition=self.condition,
                     respondent=self.respondent)  # fmt: skip
        change.update(Job, self.job_id, spec={**job.spec, **said}, updated=now())
        return True


@command
class ClaimJob:
    """Mark a waiting job as running; False where a person has cancelled it meanwhile."""

    job_id: str

    def apply(self, change: Change) -> bool:
        if change.get(Job, self.job_id).status is not JobStatus.QUEUED:
            return False
        fields = {"message": "Starting", "pid": None}
        UpdateJob(job_id=self.job_id, status=JobStatus.RUNNING, fields=fields).apply(change)
        return True


@command
class CancelJob:
    """Ask a job to stop. One that still waits is cancelled at once."""

    job_id: str

    def apply(self, change: Change) -> None:
        status = change.get(Job, self.job_id).status
        if status is JobStatus.QUEUED:
            UpdateJob(job_id=self.job_id, status=JobStatus.CANCELLED).apply(change)
        elif status is JobStatus.RUNNING:
            change.update(Job, self.job_id, cancel_asked=True, updated=now())
            folder = change.home.job(check_id(self.job_id))
            change.after.append(lambda: (folder / "cancel").touch() if folder.is_dir() else None)


@command
class CancelJobs:
    """Ask many jobs to stop; those that are over stay as they are."""

    job_ids: tuple[str, ...]

    def apply(self, change: Change) -> None:
        for job_id in self.job_ids:
            CancelJob(job_id=job_id).apply(change)


@command
class RequeueJob:
    """Put a failed or cancelled job back into the queue; it goes on from its last shard."""

    job_id: str

    def apply(self, change: Change) -> None:
        job = change.get(Job, self.job_id)
        if not job.status.resumable:
            raise StoreError(
                f"Job {self.job_id} is {job.status}; only failed or cancelled ones resume."
            )
        fields = {"error": None, "message": None, "eta_s": None, "attempt": job.attempt + 1}
        UpdateJob(job_id=self.job_id, status=JobStatus.QUEUED, fields=fields).apply(change)
        folder = change.home.job(check_id(self.job_id))
        change.after.append(lambda: (folder / "cancel").unlink(missing_ok=True))


@command
class DeleteJob:
    """Forget a job that is over; its session stays."""

    job_id: str

    def apply(self, change: Change) -> None:
        if change.get(Job, self.job_id).status is JobStatus.RUNNING:
            raise StoreError(f"Job {self.job_id} is running.", "Cancel it first.")
        erasure.ask(change.home)
        change.delete(Job, self.job_id)
        folder = change.home.job(check_id(self.job_id))
        change.after.append(lambda: shutil.rmtree(folder, ignore_errors=True))
