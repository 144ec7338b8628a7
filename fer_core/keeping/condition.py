"""How a running Rapt fares: one answer for ``rapt doctor``, ``/healthz``, ``/readyz``, a page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fer_core import problems
from fer_core.errors import RaptError
from fer_core.home import Home
from fer_core.keeping.retention import clock_is_behind
from fer_core.text import size
from fer_core.threads import ThreadState

if TYPE_CHECKING:
    from fer_core.storage import Store

OK: Final = "ok"
WARN: Final = "warn"
FAIL: Final = "fail"

#: An hour of one face is about 25 MB of timeline; uploads are what fills a disk.
DISK_WARN_BYTES: Final = 5 * 2**30
DISK_FAIL_BYTES: Final = 500 * 2**20


@dataclass(frozen=True, slots=True)
class DoctorCheck:
    """One thing looked at."""

    name: str
    status: str
    message: str
    advice: str = ""


def running_checks(store: Store) -> Iterator[DoctorCheck]:
    """What can go wrong while a server runs, looked at in the process that serves."""
    try:
        found = store.threads()
        clock_behind = clock_is_behind(store)
    except RaptError as error:
        yield DoctorCheck("store", FAIL, error.message, error.hint)
    else:
        yield DoctorCheck("store", OK, "The store is open")
        yield threads(found)
        yield clock(behind=clock_behind)
    yield disk(store.home)
    yield damaged(store.home)
    yield memory()


def threads(found: Sequence[ThreadState]) -> DoctorCheck:
    """The threads of the process that owns the store; none where no server runs."""
    wrong = [f"{one.name} has ended" for one in found if not one.alive]
    wrong += [f"{one.name}: {one.failure}" for one in found if one.failure]
    ended = [f"{one.name} ({one.ended}×)" for one in found if one.ended]
    if wrong:
        said = "; ".join(wrong)
        return DoctorCheck("threads", FAIL, said, "Restart `rapt serve`; its log says why.")
    if ended:
        said = f"Ended and started again: {', '.join(ended)}"
        return DoctorCheck("threads", WARN, said, "The log of `rapt serve` says why.")
    names = ", ".join(one.name for one in found)
    return DoctorCheck("threads", OK, f"At work: {names}" if found else "No server is running")


def faults(found: Sequence[ThreadState]) -> list[str]:
    """What is wrong with these threads, a sentence each, fit for whoever asks."""
    dead = [f"The thread {one.name} has ended." for one in found if not one.alive]
    return dead + [f"The thread {one.name} fails." for one in found if one.failure]


def clock(*, behind: bool) -> DoctorCheck:
    """Whether the machine's clock was set back."""
    if behind:
        said = "The clock is over an hour earlier than the store's last change"
        return DoctorCheck(
            "clock", WARN, said, "Set it: until then nothing is removed for its age."
        )
    return DoctorCheck("clock", OK, "The clock is later than the store's last change")


def disk(home: Home) -> DoctorCheck:
    """Free space at the home folder, and whether it can be written."""
    folder = home.root
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    text = f"{size(free)} free at {home.root}"
    if free < DISK_FAIL_BYTES:
        return DoctorCheck("disk", FAIL, text, "Delete sessions or uploads, or use another --home.")
    if free < DISK_WARN_BYTES:
        return DoctorCheck(
            "disk", WARN, text, "Long videos may not fit; another --home may have room."
        )
    if not os.access(folder, os.W_OK):
        return DoctorCheck("disk", FAIL, f"{folder} cannot be written.", "Use another --home.")
    return DoctorCheck("disk", OK, text)


def damaged(home: Home) -> DoctorCheck:
    """What could not be read in this home and was set aside."""
    found = problems.problems(home)
    if not found:
        return DoctorCheck("damaged", OK, "Nothing was set aside")
    named = "; ".join(f"{one.path} ({one.why})" for one in found[:5])
    more = f"; and {len(found) - 5} more" if len(found) > 5 else ""
    return DoctorCheck(
        "damaged",
        WARN,
        f"{len(found)} damaged: {named}{more}",
        f"They lie in {home.root}. Mend a session.json, or delete what nobody needs.",
    )


def memory() -> DoctorCheck:
    """The machine's memory."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    text = f"{size(total)} of memory"
    if total < 3 * 2**30:
        return DoctorCheck(
            "memory", WARN, text, "Analysis needs 1 GB; training a model about 3 GB."
        )
    return DoctorCheck("memory", OK, text)
