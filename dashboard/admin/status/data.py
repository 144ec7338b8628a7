"""What the page Status shows: checks, what runs and how fast, memory and disk, threads."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fer_core.home import Home
from fer_core.keeping.condition import DoctorCheck, running_checks
from fer_core.live import live_sessions
from fer_core.memory import held
from fer_core.storage import Store
from fer_core.threads import ThreadState
from fer_core.types import JobStatus
from fer_core.webhooks.hooks import Hooks

MOST_TOLD: Final = 50


@dataclass(frozen=True, slots=True)
class Work:
    """Something that runs now. ``rate`` is in units of it a second; ``bytes`` of its process."""

    what: str
    rate: float | None
    share: float | None  # of it that is done, 0 to 1
    bytes: int | None  # None: it is in the server's own process


@dataclass(frozen=True, slots=True)
class Told:
    """What another program was told. ``state``: delivered, waits or given up."""

    event: str
    address: str
    state: str
    tries: int
    status: int | None
    error: str


@dataclass(frozen=True, slots=True)
class Status:
    """The server at one moment."""

    checks: tuple[DoctorCheck, ...]
    work: tuple[Work, ...]
    waiting: int
    failed: int  # jobs that wait for somebody to resume or dismiss them
    threads: tuple[ThreadState, ...]
    held: int  # bytes of memory, this process
    free: int  # bytes at the home
    disk: int
    told: tuple[Told, ...]  # the latest deliveries of webhooks


def look(store: Store) -> Status:
    """How things stand now."""
    active = store.jobs.active()
    running = [job for job in active if job.status is JobStatus.RUNNING]
    jobs = [Work(job.kind, job.rate, job.progress, _bytes_of(job.pid)) for job in running]
    views = [session.view() for session in live_sessions(store.home)]
    live = [Work("live", one.rate, None, None) for one in views]
    usage = shutil.disk_usage(store.home.root)
    return Status(
        checks=tuple(running_checks(store)),
        work=(*live, *jobs),
        waiting=len(active) - len(running),
        failed=len(store.jobs.list(status=(JobStatus.FAILED,), limit=1000)),
        threads=tuple(store.threads()),
        held=held(),
        free=usage.free,
        disk=usage.total,
        told=_told(store.home),
    )


def _told(home: Home) -> tuple[Told, ...]:
    hooks = Hooks(home)
    addresses = {one.hook_id: one.address for one in hooks.list()}
    return tuple(
        Told(
            one.event, addresses.get(one.hook_id, "removed"),
            "delivered" if one.done else "waits" if one.due is not None else "given up",
            one.tries, one.status, one.error,
        )
        for one in hooks.log()[:MOST_TOLD]
    )  # fmt: skip


def _bytes_of(pid: int | None) -> int | None:
    """Memory that another process holds now; None where the system does not say."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
