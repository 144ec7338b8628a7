"""``rapt doctor --repair``: mend what can be mended without losing anything, and say what was done.

Nothing that could be somebody's work is thrown away: what is damaged is set aside, what has lost
its entry gets one, and only doubled rows and leftovers of what a person deleted are removed.
"""

from __future__ import annotations

import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fer_core import problems
from fer_core.errors import ModelError, RaptError
from fer_core.files import PART, is_locked
from fer_core.home import Home
from fer_core.jobs.queue import close_analysis_orphans
from fer_core.keeping.backup import backups, known_places, read_manifest
from fer_core.keeping.forget import clean_backups
from fer_core.keeping.retention import clock_is_behind
from fer_core.places import PLACES
from fer_core.storage import open_store
from fer_core.storage.repair.doctor import MendTables
from fer_core.training.checkpoint import Checkpoint
from fer_core.zoo.model_store import stored_models

if TYPE_CHECKING:
    from fer_core.storage import Store

#: A half-written file is left alone for as long: somebody may still write it.
_STALE_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked for. ``found`` is 0 where all is well."""

    name: str
    found: int
    done: str  # what was done, or what a person can do


def repair(home: Home) -> list[Finding]:
    """Mend a home whose store opens; every step's finding."""
    found = [_permissions(home)]
    with open_store(home) as store:
        store.sync()
        found += _tables(store)
        for step in (_clock, _damaged_shards, _left_running, _job_folders, _backups):
            found.append(_guarded(step, store))
    for look in (_session_folders, _half_written, _models, _checkpoints):
        found.append(_guarded(look, home))
    problems.problems(home)
    return found


def _guarded(step: Callable[..., Finding], what: object) -> Finding:
    """One step's fault costs that step."""
    try:
        return step(what)
    except (RaptError, OSError) as error:
        return Finding(step.__name__.strip("_").replace("_", " "), 1, f"could not be done: {error}")


def _tables(store: Store) -> Iterator[Finding]:
    said = {
        "sessions without an entry": "each is there again as «Recovered ID»",
        "seconds that lack": "made anew from the timeline",
    }
    for name, number in store.run(MendTables(), timeout_s=600).items():
        yield Finding(name, number, said.get(name, "mended") if number else "")


def _permissions(home: Home) -> Finding:
    """Give the user back what it may not read or write of its own home."""
    locked_out = [path for path in _own(home) if not os.access(path, _wanted(path))]
    mended = 0
    for path in locked_out:
        try:
            path.chmod(stat.S_IMODE(path.lstat().st_mode) | (0o700 if path.is_dir() else 0o600))
            mended += 1
        except OSError as error:
            problems.note(home, path, error)
    left = len(locked_out) - mended
    done = "readable and writable again" if locked_out else ""
    if left:
        done = f"{left} belong to another user: give them back with chown"
    return Finding("permissions lost", len(locked_out), done)


def _wanted(path: Path) -> int:
    return os.R_OK | os.W_OK | (os.X_OK if path.is_dir() else 0)


def _own(home: Home) -> Iterator[Path]:
    yield home.root
    for place in PLACES:
        for path in home.root.glob(place.name):
            if path.is_symlink():
                continue
            yield path
            if path.is_dir():
                yield from (one for one in path.rglob("*") if not one.is_symlink())


def _clock(store: Store) -> Finding:
    behind = clock_is_behind(store)
    said = "Set the machine's clock: nothing is removed for its age until then." if behind else ""
    return Finding("clock before the last change", int(behind), said)


def _damaged_shards(store: Store) -> Finding:
    """Sessions that lack rows because a shard could not be read."""
    table = store.sessions.shard_problems()
    lacking = list(dict.fromkeys(table["session_id"]))
    said = f"analyse again: {', '.join(lacking[:5])}" if lacking else ""
    return Finding("damaged shards", len(table), said)


def _left_running(store: Store) -> Finding:
    closed = close_analysis_orphans(store.home, store)
    return Finding("analyses that nobody works on", len(closed), "can be resumed" if closed else "")


def _job_folders(store: Store) -> Finding:
    """Folders of jobs that the store does not know."""
    known = set(store.frame("SELECT job_id FROM jobs")["job_id"])
    left = [
        folder
        for folder in store.home.jobs.glob("*")
        if folder.is_dir() and folder.name not in known and not is_locked(folder / "alive.lock")
    ]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return Finding("folders of unknown jobs", len(left), "removed" if left else "")


def _backups(store: Store) -> Finding:
    """Backups that are damaged, or hold what was forgotten since."""
    damaged = []
    for folder in known_places(store):
        for path in backups(folder) if folder.is_dir() else ():
            try:
                read_manifest(path)
            except RaptError:
                damaged.append(path)
                path.replace(path.with_name(path.name + problems.DAMAGED))
    rewritten, dropped, _ = clean_backups(store)
    number = len(damaged) + rewritten + len(dropped)
    said = f"{len(damaged)} set aside, {rewritten} written anew, {len(dropped)} dropped"
    return Finding("backups", number, said if number else "")


def _session_folders(home: Home) -> Finding:
    """Folders of sessions without a session.json: what a killed start left."""
    left = [
        folder
        for folder in (home.root / "sessions").glob("*")
        if folder.is_dir()
        and not any(one.is_file() and one.name != "writer.lock" for one in folder.rglob("*"))
        and not is_locked(folder / "writer.lock")
    ]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return Finding("empty session folders", len(left), "removed" if left else "")


def _half_written(home: Home) -> Finding:
    """What a killed writer left beside the file that it was to replace."""
    until = time.time() - _STALE_S
    names = ("sessions", "jobs", "inbox", "models", "runs", "backups", "problems", "archive")
    left = [
        path
        for name in names
        for path in (home.root / name).rglob(f".*{PART}")
        if path.is_file() and path.stat().st_mtime < until
    ]
    for path in left:
        path.unlink(missing_ok=True)
    return Finding("half-written files", len(left), "removed" if left else "")


def _models(home: Home) -> Finding:
    """Models of this home whose files are not what their cards say."""
    wrong = []
    for stored in stored_models(home):
        if stored.folder != home.models:
            continue
        try:
            for kind in stored.card.files:
                stored.checked(kind)
        except ModelError as error:
            wrong.append(stored.card.name)
            problems.set_aside(home, home.models / f"{stored.card.name}.json", error.message)
    said = f"set aside: {', '.join(wrong)}; restore them from a backup or train them again"
    return Finding("damaged models", len(wrong), said if wrong else "")


def _checkpoints(home: Home) -> Finding:
    """Trainings whose last state cannot be read go on from their best one."""
    wrong = []
    for last in sorted(home.runs.glob("*/last.npz")):
        with _unreadable(last) as damaged:
            if damaged:
                wrong.append(last.parent.name)
                problems.set_aside(home, last, "its last state cannot be read")
                best = last.with_name("best.npz")
                with _unreadable(best) as also:
                    if not also:
                        shutil.copyfile(best, last)
    said = f"{', '.join(wrong)}: set aside; where the best state is whole, it goes on from there"
    return Finding("damaged checkpoints", len(wrong), said if wrong else "")


@contextmanager
def _unreadable(path: Path) -> Iterator[bool]:
    try:
        Checkpoint.load(path)
    except ModelError:
        yield True
    else:
        yield False
