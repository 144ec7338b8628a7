"""Kill and starve Rapt at moments of chance: nothing acknowledged is lost, doubled or back.

``make attack`` runs the long form (``python -m tests.faults 300 20``), the suite a short one. Each
round works on a home that earlier rounds have used: a server, a client that changes things, a
recorder of shards, deletions, backups, forgetting and an analysis run at once; after a moment of
chance one of them is killed (-9), or the disk under the home is filled. Then the store is opened
again and everything that was acknowledged before is looked up. A seed chooses the same moments
again, as far as a machine's speed allows.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fer_core.errors import RaptError
from fer_core.home import Home
from fer_core.jobs import queue
from fer_core.jobs.analysis_spec import AnalysisSpec
from fer_core.jobs.folder import JobFolder
from fer_core.jobs.supervisor import Supervisor
from fer_core.keeping.backup import back_up, backups, keep_newest, read_manifest
from fer_core.keeping.forget import forget, plan_session
from fer_core.keeping.restore import restore
from fer_core.storage import Store, open_store
from fer_core.storage.sessions import RenameSession
from fer_core.storage.studies import AddStudy
from fer_core.types import JobStatus
from tests.jobs.trial_film import film
from tests.storage.rows import record, say, write
from tests.waiting import until

KINDS: Final = ("server", "job", "ingest", "deletion", "backup")
TRIAL: Final = (
    sys.executable, str(Path(__file__).resolve().parent / "jobs" / "trial_worker.py"),
)  # fmt: skip
MOST_WAIT_S: Final = 1.0
FRAMES: Final = 10  # of a shard
FILM: Final = 60  # frames of an analysed film
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.faults"])  # an actor is at work within milliseconds


@dataclass(slots=True)
class Ledger:
    """What was tried and what was acknowledged: a line each, outside the home."""

    path: Path
    refused: bool = False  # whether the last try was

    def note(self, kind: str, what: str, value: object = None) -> None:
        line = json.dumps([kind, what, value]).encode() + b"\n"
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(handle, line)
        os.close(handle)

    def read(self) -> list[tuple[str, str, Any]]:
        if not self.path.exists():
            return []
        return [tuple(json.loads(line)) for line in self.path.read_text().splitlines()]

    @contextmanager
    def trying(self, what: str, value: object) -> Iterator[None]:
        """Note the try, then the acknowledgement; a refusal in words is noted as well."""
        self.refused = True
        self.note("try", what, value)
        try:
            yield
        except RaptError as error:
            self.note("said", what, str(error))
        except OSError as error:
            self.note("said", what, f"OSError {error.errno}")
        else:
            self.refused = False
            self.note("ack", what, value)


# -- actors: each a process of its own --------------------------------------------------------


def server(home: Home, ledger: Ledger, _seed: int) -> None:
    with open_store(home) as store:
        watching = Supervisor(store, home, worker=TRIAL)
        watching.start()
        ledger.note("ready", "server")
        time.sleep(60)


def client(home: Home, ledger: Ledger, seed: int) -> None:
    with open_store(home) as store:
        for number in range(1000):
            name = f"study-{seed}-{number}"
            with ledger.trying("study", name):
                store.run(AddStudy(name=name))
            with ledger.trying("rename", name):
                store.run(RenameSession(session_id="base", name=name))


def recorder(home: Home, ledger: Ledger, seed: int) -> None:
    for number in range(1000):
        session_id = f"i{seed}-{number}"
        with ledger.trying("session", session_id):
            say(home, session_id, name=f"Recorded-{session_id}")
        for shard in range(4):
            if ledger.refused:
                break  # as a recording does, which ends with the first shard that is refused
            last = (shard + 1) * FRAMES - 1
            with ledger.trying("shard", [session_id, last]):
                write(home, session_id, range(shard * FRAMES, last + 1), viewers=(0, 1))
        if ledger.refused:
            continue
        with ledger.trying("done", session_id):
            say(home, session_id, status="done", name=f"Recorded-{session_id}")


def deleter(home: Home, ledger: Ledger, seed: int) -> None:
    with open_store(home) as store:
        for session_id in made_for(store, f"d{seed}-"):
            with ledger.trying("delete", session_id):
                queue.delete_session(store, session_id)


def keeper(home: Home, ledger: Ledger, seed: int) -> None:
    with open_store(home) as store:
        for number, session_id in enumerate(made_for(store, f"f{seed}-")):
            name: list[str] = []
            with ledger.trying("backup", name):
                name.append(str(back_up(store)))
            if number % 2:
                with ledger.trying("forget", session_id):
                    forget(store, plan_session(store, session_id))


def analyst(home: Home, ledger: Ledger, seed: int) -> None:
    with open_store(home) as store:
        path = film(home.root.parent / f"film-{seed}.mp4", FILM, 4)
        spec = AnalysisSpec.new(path, name=f"Analysed-{seed}")
        with ledger.trying("analyse", [spec.session_id, str(path)]):
            queue.enqueue_analysis(store, spec)
        time.sleep(60)


ACTORS: Final[dict[str, Callable[[Home, Ledger, int], None]]] = {
    "server": server, "client": client, "ingest": recorder, "deletion": deleter,
    "backup": keeper, "analyst": analyst,
}  # fmt: skip


def act(role: str, home: Home, ledger: Ledger, seed: int) -> None:
    """One actor's process. What is no sentence is a fault of Rapt, and noted as one."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    ledger.note("up", role)
    try:
        ACTORS[role](home, ledger, seed)
    except RaptError as error:
        ledger.note("said", role, str(error))
    except Exception:  # noqa: BLE001 - whatever it is, the round fails with it
        ledger.note("crash", role, traceback.format_exc())


def made_for(store: Store, prefix: str) -> list[str]:
    found = store.frame("SELECT session_id FROM sessions ORDER BY session_id")["session_id"]
    return [str(one) for one in found if str(one).startswith(prefix)]


# -- a round ----------------------------------------------------------------------------------


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

    def prepare(self, seed: int, sessions: int = 4) -> None:
        """Sessions that this round will delete or forget."""
        with open_store(self.home, look_after=False) as store:
            for number in range(sessions):
                for letter in "df":
                    session_id = f"{letter}{seed}-{number}"
                    record(self.home, session_id, 20, name=f"Named-{session_id}", viewers=(0, 1))
            store.sync()


def kill_round(arena: Arena, kind: str, seed: int, chance: random.Random) -> None:
    """Let everybody work, kill one after a moment of chance, then look."""
    arena.prepare(seed)
    victim = {"job": "worker", "ingest": "server"}.get(kind, kind)
    others = {"job": ["analyst"], "ingest": ["ingest"], "server": ["client", "ingest"]}
    roles = ["server", *others.get(kind, [kind, "client"])]
    begun = tries_of(arena.ledger, kind)
    with working(arena, roles, seed) as running:
        begins(arena.ledger, kind, begun)
        time.sleep(chance.uniform(0, MOST_WAIT_S))
        if victim == "worker":
            kill_worker(arena.home)
        else:
            running[victim].kill()
        if kind != "server" and chance.random() < 0.5:
            time.sleep(chance.uniform(0, 0.1))  # the others go on for a while without it
    check(arena)


def full_round(arena: Arena, seed: int, chance: random.Random) -> None:
    """Fill the disk under the home up to a level of chance while everybody works."""
    arena.prepare(seed)
    filler = arena.home.root.parent / "filler"
    begun = tries_of(arena.ledger, "deletion")
    with working(arena, ["server", "client", "ingest", "deletion", "backup"], seed):
        begins(arena.ledger, "deletion", begun)
        time.sleep(chance.uniform(0, MOST_WAIT_S / 2))
        fill(filler, leave=chance.randrange(0, 400_000))
        time.sleep(chance.uniform(0.2, MOST_WAIT_S))
    filler.unlink()
    check(arena)


#: What the first sign of work is, by whom a round kills.
_SIGNS: Final = {
    "server": "rename", "job": "analyse", "ingest": "shard", "deletion": "delete",
    "backup": "backup",
}  # fmt: skip


def tries_of(ledger: Ledger, kind: str) -> int:
    return sum(one[0] == "try" and one[1] == _SIGNS[kind] for one in ledger.read())


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
    before, up = owners(arena.ledger), count_of(arena.ledger, "up")
    for role in roles:
        process = _context.Process(target=act, args=(role, arena.home, arena.ledger, seed))
        process.start()
        running[role] = process
        if role == "server":
            await_server(arena.ledger, process, before)
    until(lambda: count_of(arena.ledger, "up") >= up + len(roles))
    try:
        yield running
    finally:
        for process in running.values():
            process.kill()
            process.join()
        kill_worker(arena.home)


def owners(ledger: Ledger) -> int:
    """How often a server came to own the store."""
    return count_of(ledger, "ready")


def count_of(ledger: Ledger, kind: str) -> int:
    return sum(one[0] == kind for one in ledger.read())


def await_server(ledger: Ledger, process: Any, before: int) -> None:
    until(lambda: owners(ledger) > before or not process.is_alive())


def kill_worker(home: Home) -> None:
    for folder in home.jobs.glob("*"):
        job = JobFolder(folder)
        pid = job.pid() if job.alive() else None
        if pid:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)


# -- what must hold ---------------------------------------------------------------------------


def check(arena: Arena) -> None:
    """Everything acknowledged is there once, everything deleted is gone; AssertionError else."""
    lines = arena.ledger.read()
    crashes = [value for kind, _, value in lines if kind == "crash"]
    assert not crashes, crashes[0]
    acked: dict[str, list[Any]] = {}
    tried: dict[str, list[Any]] = {}
    for kind, what, value in lines:
        {"ack": acked, "try": tried}.get(kind, {}).setdefault(what, []).append(value)
    with open_store(arena.home, look_after=False) as store:
        store.sync()
        bad = [f"{one.name}: {one.detail}" for one in store.checks.integrity() if not one.ok]
        assert not bad, bad
        _studies(store, acked, tried)
        gone = set(acked.get("delete", [])) | set(acked.get("forget", []))
        _sessions(store, acked, tried, gone)
        assert store.erase(), "what was deleted is erased"
    _erased(arena.home, gone, set(acked.get("forget", [])))


def _studies(store: Store, acked: dict[str, list[Any]], tried: dict[str, list[Any]]) -> None:
    names = list(store.frame("SELECT name FROM studies")["name"])
    assert len(names) == len(set(names)), "a study is there twice"
    lost = set(acked.get("study", [])) - set(names)
    assert not lost, f"acknowledged and lost: {sorted(lost)[:5]}"
    renamed = acked.get("rename", [])
    if renamed:
        later = tried["rename"][tried["rename"].index(renamed[-1]) :]
        assert store.sessions.get("base").name in later


def _sessions(
    store: Store, acked: dict[str, list[Any]], tried: dict[str, list[Any]], gone: set[str]
) -> None:
    there = set(store.frame("SELECT session_id FROM sessions")["session_id"])
    back = gone & there
    assert not back, f"deleted and back: {sorted(back)[:5]}"
    leaving = set(tried.get("delete", [])) | set(tried.get("forget", []))
    last: dict[str, int] = {}
    for session_id, frame in acked.get("shard", []):
        last[session_id] = max(frame, last.get(session_id, -1))
    frames = store.frame(
        "SELECT session_id, count(*) AS n, max(frame) AS last FROM frames GROUP BY session_id"
    ).set_index("session_id")
    rows = store.frame("SELECT session_id, count(*) AS n FROM timeline GROUP BY session_id")
    faces = dict(zip(rows["session_id"], rows["n"]))
    for session_id, frame in last.items():
        found = frames.loc[session_id]
        assert found["n"] >= frame + 1, f"{session_id} lost frames: {found['n']} of {frame + 1}"
        assert found["n"] == found["last"] + 1, f"{session_id} has gaps or doubles"
        assert faces[session_id] == 2 * found["n"], f"{session_id}: faces {faces[session_id]}"
    whole = {one for one in there if one.startswith(("d", "f")) and one in leaving}
    for session_id in whole:  # tried and not acknowledged: all of it, or nothing
        assert frames.loc[session_id]["n"] == 20, f"{session_id} is half deleted"
        assert faces[session_id] == 40


def _erased(home: Home, gone: set[str], forgotten: set[str]) -> None:
    """No byte of a deleted session's name in the home, of a forgotten one's in the backups."""
    names = [f"Named-{one}".encode() for one in gone]
    for path in home.root.rglob("*"):
        if not path.is_file() or path.parent == home.backups:
            continue
        content = path.read_bytes()
        for name in names:
            assert name not in content, f"{name.decode()} is still in {path}"
    for archive in backups(home.backups):
        with zipfile.ZipFile(archive) as packed:
            content = b"".join(packed.read(name) for name in packed.namelist())
        for session_id in forgotten:
            assert f"Named-{session_id}".encode() not in content, f"{session_id} in {archive}"


def check_backups(arena: Arena) -> int:
    """Every acknowledged backup that is still there is whole, and can be restored."""
    acked = [value[0] for kind, what, value in arena.ledger.read()
             if kind == "ack" and what == "backup" and value]  # fmt: skip
    there = [Path(path) for path in acked if Path(path).exists()]
    for path in there:
        read_manifest(path)
    for path in there[-2:]:
        target = Home(arena.folder / f"restored-{path.stem}")
        found = restore(target, path)
        assert found.sessions > 0
        with open_store(target, look_after=False) as store:
            assert all(one.ok for one in store.checks.integrity())
        shutil.rmtree(target.root)
    keep_newest(arena.home.backups, 3)
    return len(there)


def check_jobs(arena: Arena) -> int:
    """Every acknowledged analysis ends with the rows of one that nobody disturbed."""
    asked = [value for kind, what, value in arena.ledger.read()
             if kind == "ack" and what == "analyse"]  # fmt: skip
    if not asked:
        return 0
    with open_store(arena.home) as store:
        watching = Supervisor(store, arena.home, worker=TRIAL)
        watching.start()
        reference = AnalysisSpec.new(film(arena.folder / "reference.mp4", FILM), name="reference")
        queue.enqueue_analysis(store, reference)
        end = time.monotonic() + 300
        while time.monotonic() < end:
            for job in store.jobs.list(limit=1000):
                if job.status in (JobStatus.FAILED, JobStatus.CANCELLED):
                    with suppress(RaptError):
                        queue.resume(store, job.job_id)
            if not store.jobs.active():
                break
            time.sleep(0.05)
        watching.stop()
        store.sync()
        right = store.timeline.rows(reference.session_id).drop(columns="session_id")
        for session_id, _ in asked:
            assert len(store.jobs.list(session_id=session_id)) == 1
            rows = store.timeline.rows(session_id).drop(columns="session_id")
            assert rows.equals(right), f"{session_id} has other rows"
    return len(asked)


# -- series -----------------------------------------------------------------------------------


@contextmanager
def disk(folder: Path, megabytes: int) -> Iterator[Path | None]:
    """A small disk of its own below a folder; None where this user cannot mount one."""
    place = folder / "disk"
    place.mkdir(parents=True)
    options = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "rapt-faults", str(place)]
    done = subprocess.run(options, capture_output=True, check=False)
    if done.returncode:
        yield None
        return
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


def kills(folder: Path, rounds: int, seed: int, kinds: tuple[str, ...] = KINDS) -> dict[str, int]:
    """So many kills, of each kind in turn."""
    chance = random.Random(seed)
    arena = Arena(folder)
    done = dict.fromkeys(kinds, 0)
    for number in range(rounds):
        kind = kinds[number % len(kinds)]
        kill_round(arena, kind, seed * 10_000 + number, chance)
        done[kind] += 1
        if number % 25 == 24:
            check_backups(arena)
    told = [one[1] for one in arena.ledger.read() if one[0] == "ack"]
    counted = {f"acknowledged: {what}": told.count(what) for what in sorted(set(told))}
    whole = {"backups whole": check_backups(arena), "analyses whole": check_jobs(arena)}
    return done | counted | whole


def fills(folder: Path, rounds: int, seed: int) -> dict[str, int] | None:
    """So many times a full disk; None where no disk can be mounted."""
    chance = random.Random(seed)
    with disk(folder, 48) as place:
        if place is None:
            return None
        arena = Arena(folder)
        for number in range(rounds):
            full_round(arena, seed * 10_000 + 5000 + number, chance)
            keep_newest(arena.home.backups, 2)
        lines = arena.ledger.read()
    said = [value for kind, _, value in lines if kind == "said"]
    return {
        "full disks": rounds,
        "acknowledged": sum(kind == "ack" for kind, *_ in lines),
        "refused in words": len(said),
    }


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    full = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(100_000)
    sys.stdout.write(f"seed {seed}\n")
    sys.stdout.flush()
    with tempfile.TemporaryDirectory() as folder:
        if rounds:
            sys.stdout.write(json.dumps(kills(Path(folder, "kills"), rounds, seed)) + "\n")
            sys.stdout.flush()
        if full:
            found = fills(Path(folder, "fills"), full, seed)
            sys.stdout.write(json.dumps(found or "no disk can be mounted here") + "\n")


if __name__ == "__main__":
    main()
