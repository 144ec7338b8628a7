"""Orders on jobs: the queue that the supervisor works through."""

from __future__ import annotations

import json
from typing import Any

from fer_core.errors import StoreError
from fer_core.storage.ids import check_id, new_id
from fer_core.storage.migrations import now
from fer_core.storage.orders import Change, order

JOB_STATUSES = ("queued", "running", "done", "failed", "cancelled")
_FREE_COLUMNS = ("done", "total", "rate", "eta_s", "message", "error", "pid", "attempt",
                 "session_id", "run_id", "title", "priority")  # fmt: skip


@order
def add_job(
    change: Change,
    *,
    kind: str,
    spec: dict[str, Any],
    title: str | None = None,
    session_id: str | None = None,
    run_id: str | None = None,
    priority: int = 0,
    job_id: str | None = None,
) -> str:
    """Queue a job; returns its id."""
    job_id = check_id(job_id or new_id("job"))
    change.insert(
        "jobs",
        {
            "job_id": job_id, "kind": kind, "title": title, "session_id": session_id,
            "run_id": run_id, "spec": json.dumps(spec), "status": "queued",
            "priority": priority, "created": now(), "updated": now(),
        },
    )  # fmt: skip
    return job_id


@order
def update_job(
    change: Change, *, job_id: str, status: str | None = None, fields: dict[str, Any] | None = None
) -> None:
    """Mirror what a job's process says: a status, and any of done, total, rate, eta_s,
    message, error, pid, attempt, session_id, run_id, title, priority (None clears)."""
    row = change.row("jobs", "job_id", job_id)
    fields = dict(fields or {})
    wrong = sorted(set(fields) - set(_FREE_COLUMNS))
    if wrong or status not in (None, *JOB_STATUSES):
        raise StoreError(f"A job cannot be set to {status or ', '.join(wrong)!r}.")
    changes: dict[str, Any] = {**fields, "updated": now()}
    if status is not None and status != row["status"]:
        changes["status"] = status
        if status == "running":
            changes |= {"started": now(), "finished": None}
        elif status == "queued":
            changes |= {"cancel_asked": False, "finished": None}
        else:
            changes["finished"] = now()
    pairs = ", ".join(f"{name} = ?" for name in changes)
    change.cursor.execute(f"UPDATE jobs SET {pairs} WHERE job_id = ?", [*changes.values(), job_id])


@order
def cancel_job(change: Change, *, job_id: str) -> None:
    """Ask a job to stop. One that still waits is cancelled at once."""
    row = change.row("jobs", "job_id", job_id)
    if row["status"] == "queued":
        update_job(change, job_id=job_id, status="cancelled")
        return
    if row["status"] != "running":
        return
    change.update("jobs", "job_id", job_id, {"cancel_asked": True, "updated": now()})
    folder = change.home.job(check_id(job_id))
    change.after.append(lambda: (folder / "cancel").touch() if folder.is_dir() else None)


@order
def requeue_job(change: Change, *, job_id: str) -> None:
    """Put a failed or cancelled job back into the queue; it goes on from its last shard."""
    row = change.row("jobs", "job_id", job_id)
    if row["status"] not in ("failed", "cancelled"):
        raise StoreError(f"Job {job_id} is {row['status']}; only failed or cancelled ones resume.")
    update_job(
        change, job_id=job_id, status="queued",
        fields={"error": None, "message": None, "eta_s": None, "attempt": row["attempt"] + 1},
    )  # fmt: skip
    folder = change.home.job(check_id(job_id))
    change.after.append(lambda: (folder / "cancel").unlink(missing_ok=True))


@order
def delete_job(change: Change, *, job_id: str) -> None:
    """Forget a job that is over; its session stays."""
    row = change.row("jobs", "job_id", job_id)
    if row["status"] == "running":
        raise StoreError(f"Job {job_id} is running.", "Cancel it first.")
    change.cursor.execute("DELETE FROM jobs WHERE job_id = ?", [job_id])
