"""The queue as pages show it, and what a person can do with a job."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pandas as pd

from fer_core.jobs import queue
from fer_core.storage import Store

ACTIVE = ("queued", "running")
OVER = ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Job:
    """One row of the queue. ``share`` is None while nobody knows how much is to do;
    ``resumes``: something of it was kept already.
    """

    job_id: str
    session_id: str | None
    name: str
    path: str
    status: str
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
        return self.status in ACTIVE


def board(store: Store) -> tuple[list[Job], list[Job]]:
    """What is under way, and what ended. A job that ends between the two looks has ended."""
    under_way = active(store)
    ended = over(store)
    gone = {job.job_id for job in ended}
    return [job for job in under_way if job.job_id not in gone], ended


def active(store: Store) -> list[Job]:
    """What runs and what waits, in the order in which it is done."""
    rows = _rows(store.jobs(status=list(ACTIVE), kind="analyze", limit=2000))
    jobs = sorted(
        (_job(row) for row in rows), key=lambda job: (job.status != "running", job.created)
    )
    running = sum(job.status == "running" for job in jobs)
    return [
        job if job.status == "running" else replace(job, waits_for=max(0, place - running))
        for place, job in enumerate(jobs)
    ]


def over(store: Store, limit: int = 8) -> list[Job]:
    """What ended, the latest first; failures stay until they are resumed or dismissed."""
    table = store.jobs(status=list(OVER), kind="analyze", limit=200)
    if table.empty:
        return []
    table = table.sort_values("finished", ascending=False, na_position="last", kind="stable")
    return [_job(row) for row in _rows(table.head(limit))]


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
    store.order("delete_job", job_id=job_id)


def job_of(store: Store, session_id: str) -> Job | None:
    """The latest job of a session."""
    rows = _rows(store.jobs(session_id=session_id, kind="analyze", limit=1))
    return _job(rows[0]) if rows else None


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            str(key): None if value is pd.NaT or value != value else value
            for key, value in row.items()
        }
        for row in table.to_dict("records")
    ]


def _job(row: dict[str, Any]) -> Job:
    spec = json.loads(row["spec"])
    done, total = row["done"], row["total"]
    return Job(
        job_id=row["job_id"],
        session_id=row["session_id"],
        name=row["session_name"] or row["title"] or spec.get("name") or row["job_id"],
        path=str(spec.get("path") or ""),
        status=row["status"],
        share=min(1.0, done / total) if total and done is not None else None,
        rate=row["rate"],
        eta_s=row["eta_s"],
        message=row["message"] or "",
        error=row["error"] or "",
        stopping=bool(row["cancel_asked"]) and row["status"] == "running",
        resumes=row["session_name"] is not None,
        created=row["created"],
    )
