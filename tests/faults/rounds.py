"""A round: everybody works, one is killed or the disk is filled, then what was said is checked."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fer_core.home import Home
from fer_core.jobs.folder import JobFolder
from fer_core.storage import open_store
from tests.faults.actors import Ledger, act
from tests.faults.checks import check
from tests.storage.rows import record
from tests.waiting import until

MOST_WAIT_S: Final = 1.0
#: A backup takes seconds: some have to end before the kill.
MOST_WAIT_BY_KIND_S: Final = {"backup": 5.0}
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.faults.actors"])  # an actor is at work within milliseconds


@dataclass(slots=True)
class Arena:
    """A home that many rounds work on, and the ledger of all of them."""

    folder: Path
    home: Home = field(init=False)
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.home = Home(self.folder / "disk" / "home")
        self.ledger = Ledger(self.folder / "ledger")
        with open_store(self.home, look_after=False) as store:
            record(self.home, "base", 20, name="base")
            store.sync()

    def prepare(self, seed: int, letters: str, sessions: int = 4) -> None:
        """Sessions that this round will delete (``d``) or forget (``f``)."""
        with open_store(self.home, look_after=False) as store:
            for number in range(sessions if letters else 0):
                for letter in letters:
                    session_id = f"{letter}{seed}-{number}"
                    record(self.home, session_id, 20, name=f"Named-{session_id}", viewers=(0, 1))
            store.sync()


def kill_round(arena: Arena, kind: str, seed: int, chance: random.Random) -> None:
    """Let everybody work, kill one after a moment of chance, then look."""
    arena.prepare(seed, {"deletion": "d", "backup": "f"}.get(kind, ""))
    victim = {"job": "worker", "ingest": "server"}.get(kind, kind)
    others = {"job": ["analyst"], "ingest": ["ingest"], "server": ["client", "ingest"]}
    roles = ["server", *others.get(kind, [kind, "client"])]
    begun = tries_of(arena.ledger, kind)
    with working(arena, roles, seed) as running:
        begins(arena.ledger, kind, begun)
        time.sleep(chance.uniform(0, MOST_WAIT_BY_KIND_S.get(kind, MOST_WAIT_S)))
        if victim == "worker":
            kill_worker(arena.home)
        else:
            running[victim].kill()
        if kind != "server" and chance.random() < 0.5:
            time.sleep(chance.uniform(0, 0.1))  # the others go on for a while without it
    check(arena.home, arena.ledger)


def full_round(arena: Arena, seed: int, chance: random.Random) -> None:
    """Fill the disk under the home up to a level of chance while everybody works."""
    arena.prepare(seed, "df", 2)
    filler = arena.home.root.parent / "filler"
    begun = tries_of(arena.ledger, "deletion")
    with working(arena, ["server", "client", "ingest", "deletion", "backup"], seed):
        begins(arena.ledger, "deletion", begun)
        time.sleep(chance.uniform(0, MOST_WAIT_S / 2))
        fill(filler, leave=chance.randrange(0, 400_000))
        time.sleep(chance.uniform(0.2, MOST_WAIT_S))
    filler.unlink()
    check(arena.home, arena.ledger)


#: What the first sign of work is, by whom a round kills.
_SIGNS: Final = {
    "server": ("rename",), "job": ("analyse",), "ingest": ("shard",), "deletion": ("delete",),
    "backup": ("backup", "forget"),
}  # fmt: skip


def tries_of(ledger: Ledger, kind: str) -> int:
    return sum(ledger.count("try", sign) for sign in _SIGNS[kind])


def begins(ledger: Ledger, kind: str, before: int) -> None:
    """Return when what is to be killed has begun its work, or does not come to it."""
    end = time.monotonic() + 10
    while tries_of(ledger, kind) <= before and time.monotonic() < end:
        time.sleep(0.005)


def fill(filler: Path, leave: int) -> None:
    room = shutil.disk_usage(filler.parent).free - leave
    with suppress(OSError), filler.open("wb", buffering=0) as out:
        while room > 0:
            out.write(bytes(min(room, 1 << 20)))
            room -= 1 << 20


@contextmanager
def working(arena: Arena, roles: list[str], seed: int) -> Iterator[dict[str, Any]]:
    """These actors at work; at the end all of them are killed."""
    running: dict[str, Any] = {}
    before, up = arena.ledger.count("ready", "server"), arena.ledger.count("up")
    for role in roles:
        process = _context.Process(target=act, args=(role, arena.home, arena.ledger, seed))
        process.start()
        running[role] = process
        if role == "server":
            await_server(arena.ledger, process, before)
    until(lambda: arena.ledger.count("up") >= up + len(roles))
    try:
        yield running
    finally:
        for process in running.values():
            process.kill()
            process.join()
        kill_worker(arena.home)


def await_server(ledger: Ledger, process: Any, before: int) -> None:
    """Return when a server has come to own the store."""
    until(lambda: ledger.count("ready", "server") > before or not process.is_alive())


def kill_worker(home: Home) -> None:
    for folder in home.jobs.glob("*"):
        job = JobFolder(folder)
        pid = job.pid() if job.alive() else None
        if pid:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
