"""Take sessions and shards from their folders into the store, each shard exactly once.

A shard's rows and its row in ``ingested`` are one transaction: a killed ingester leaves
either both or neither. A damaged shard is set aside with its reason and never tried again.
``step`` runs twice a second in the owner, so an idle look at thousands of sessions must
cost next to nothing: it compares times of change and opens no file.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import threading
import time
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

from fer_core import problems
from fer_core.errors import StoreError
from fer_core.home import Home
from fer_core.measures import has_eyes
from fer_core.storage.database import Database, Writer
from fer_core.storage.migrations import now
from fer_core.storage.reading import Query
from fer_core.storage.sessions.registration import add_session, is_deleted, update_session
from fer_core.storage.sessions.reported import ReportedSession, read_reported
from fer_core.storage.timeline import seconds, shards
from fer_core.storage.timeline.archive import take_back
from fer_core.storage.timeline.calibrated import calibrate_session
from fer_core.storage.timeline.session_file import FILE, session_path
from fer_core.types import SessionStatus

#: Finished sessions keep their shards for a while, for whoever still reads them.
KEPT_S = 900.0
#: How often a running session's new shards are taken: what follows from them (its seconds,
#: its summary) costs far more than the rows, and more the longer the session is. An hour of
#: twenty people live takes 0.37 s of a core each time; every twenty minutes add a second.
RUNNING_EVERY_S = 2.0
LONGER_BY = 1 / 1200
#: A session that could not be taken is tried again after this time, or when it changes.
AGAIN_S = 10.0
#: How long a look takes new shards of running sessions in: with those of hundreds, commands and
#: answers come first. Those that have waited longest are taken; the rest at the next look.
LOOK_S = 0.25
#: After a look that left some for the next one, so many times as long as it took is nobody taken.
REST = 4
_AT_ONCE = 64  # shards in one transaction
_FRESH_NS = 2_000_000_000  # a folder changed within this time may change again unnoticed


@dataclass(slots=True)
class Step:
    """What one step did."""

    sessions: list[str] = field(default_factory=list)
    shards: int = 0
    rows: int = 0
    problems: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.shards or self.sessions)


class Follow(Enum):
    """Which seconds of a session are worked out with a transaction, and its summary with them."""

    NOT = 0  # none: the one that ends the session works out all
    NEW = 1
    ALL = 2


class Ingester:
    """Looks through ``sessions/`` and takes what is new. One per owner."""

    def __init__(self, database: Database, home: Home, kept_s: float = KEPT_S) -> None:
        self._database = database
        self._home = home
        self._kept_s = kept_s
        self._seen: dict[str, tuple[int, int]] = {}
        known = database.select(Query("SELECT session_id, source_ns FROM sessions")).to_pydict()
        #: When the session.json that the store has followed was written.
        self._registered: dict[str, int] = dict(zip(known["session_id"], known["source_ns"]))
        #: On the monotonic clock, for running sessions and for those that failed.
        self._next_turn: dict[str, float] = {}
        self._last_ms: dict[str, int] = {}  # how far each has come, as far as we took it
        self._removable: dict[str, float] = {}  # done sessions that still have shards
        self._rests_until = 0.0
        self._one_at_a_time = threading.Lock()

    def step(self, *, at_once: bool = True) -> Step:
        """Take what is new; call again whenever something may have come.

        With ``at_once=False`` a running session that was taken a moment ago waits its turn, and
        after ``LOOK_S`` and at least one of them so does every other; ``REST`` follows.
        """
        report = Step()
        with self._one_at_a_time:
            began, left = time.monotonic(), False
            if not at_once and began < self._rests_until:
                return report
            until = math.inf if at_once else began + LOOK_S
            for session_id, folder in self._changed(at_once):
                late = bool(report.sessions) and time.monotonic() >= until
                if late and session_id in self._next_turn:
                    self._put_off(session_id)
                    left = True
                    continue
                try:
                    self._take(session_id, folder, report, late)
                except Exception as e:  # noqa: BLE001 - one session's fault costs that session
                    report.problems.append(f"{session_id}: {e}")
                    self._failed(session_id, folder, e)
            if left:
                now = time.monotonic()
                self._rests_until = now + REST * (now - began)
            self._tidy()
        return report

    def _put_off(self, session_id: str) -> None:
        """Leave what is new of a session for the next look, where it comes before others."""
        self._seen.pop(session_id, None)
        self._next_turn.setdefault(session_id, time.monotonic())

    def _failed(self, session_id: str, folder: Path, error: Exception) -> None:
        """Note a session that could not be taken, and look at it again before long."""
        problems.note(self._home, folder / FILE, error)
        self._seen.pop(session_id, None)
        self._next_turn[session_id] = time.monotonic() + AGAIN_S

    def _changed(self, at_once: bool) -> list[tuple[str, Path]]:
        root = self._home.root / "sessions"
        changed = []
        clock, now_s = time.time_ns(), time.monotonic()
        try:
            entries = list(os.scandir(root))
        except FileNotFoundError:
            return []
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if not at_once and self._next_turn.get(entry.name, 0.0) > now_s:
                continue
            try:
                mark = (entry.stat().st_mtime_ns, _changed_ns(f"{entry.path}/shards"))
            except FileNotFoundError:
                continue
            if mark != self._seen.get(entry.name) or clock - max(mark) < _FRESH_NS:
                self._seen[entry.name] = mark
                changed.append((entry.name, Path(entry.path)))
        return sorted(changed, key=lambda one: (self._next_turn.get(one[0], 0.0), one[0]))

    def _take(self, session_id: str, folder: Path, report: Step, late: bool) -> None:
        # The state is read before the list: whoever says "done" has written its last shard.
        source = folder / FILE
        changed_ns = _changed_ns(str(source))
        same = self._registered.get(session_id) == changed_ns
        if same and not shards.shard_files(folder / "shards"):
            return
        given = read_reported(source)
        if given is None:
            return
        if late and not given.status.over:
            self._put_off(session_id)
            return
        if given.status == SessionStatus.DONE:
            self._removable[session_id] = changed_ns / 1e9 + self._kept_s
        new = self._new_shards(session_id, folder / "shards")
        if same and not new:
            return
        final = self._is_to_be_calibrated(session_id, given, bool(new))
        while True:
            part, new = new[:_AT_ONCE], new[_AT_ONCE:]
            hold = given.status.over and (bool(new) or final)
            follow = Follow.NOT if final else Follow.NEW
            known = self._transact(session_id, given, part, changed_ns, report, hold, follow)
            if not known or not new:
                break
        if known and final:  # once all frames are there, what only the whole of them tells
            calibrate_session(self._database, session_id, json.loads(given.settings))
            known = self._transact(session_id, given, [], changed_ns, report, False, Follow.ALL)
        if not known:
            shutil.rmtree(folder, ignore_errors=True)  # deleted while a worker still wrote
            return
        self._registered[session_id] = changed_ns
        problems.clear(self._home, source)
        if given.status.over:
            self._last_ms.pop(session_id, None)
            self._next_turn.pop(session_id, None)
        else:
            every = RUNNING_EVERY_S + LONGER_BY * self._last_ms.get(session_id, 0) / 1000
            self._next_turn[session_id] = time.monotonic() + every
        report.sessions.append(session_id)

    def _is_to_be_calibrated(self, session_id: str, given: ReportedSession, new: bool) -> bool:
        if not given.status.over or not has_eyes(json.loads(given.versions)):
            return False
        kept = Query("SELECT status FROM sessions WHERE session_id = $id", {"id": session_id})
        before = self._database.select(kept)["status"].to_pylist()
        return new or not before or not SessionStatus(before[0]).over

    def _transact(
        self,
        session_id: str,
        given: ReportedSession,
        paths: list[Path],
        changed_ns: int,
        report: Step,
        hold: bool,
        follow: Follow,
    ) -> bool:
        """One transaction: shards, what follows from them, and the session's own row.

        ``hold`` keeps a finished session at "running" while shards of it still wait. False
        where a person has deleted the session.
        """
        read = {path: _read(path, session_id) for path in paths}
        damaged = [path for path, shard in read.items() if isinstance(shard, StoreError)]
        with self._database.transaction() as cursor:
            if hold:
                given = replace(given, status=SessionStatus.RUNNING)
            before = cursor.value("SELECT status FROM sessions WHERE session_id = ?", [session_id])
            if before is None:
                if is_deleted(cursor, session_id):
                    return False
                add_session(cursor, session_id, given)
            first_ms = self._insert_shards(cursor, session_id, read, report)
            # seconds follow its settings
            moved = update_session(cursor, session_id, given, 0 if hold else changed_ns)
            if follow is Follow.NEW and moved:
                seconds.refresh_seconds(cursor, session_id)
            elif follow is Follow.NEW and first_ms is not None:
                start = seconds.changed_since(cursor, session_id, first_ms)
                seconds.refresh_seconds(cursor, session_id, start)
            elif follow is Follow.ALL:
                seconds.refresh_seconds(cursor, session_id)
            if follow is not Follow.NOT:
                seconds.refresh_summary(cursor, session_id)
        for path in damaged:
            shards.set_aside(path)
        return True

    def _insert_shards(
        self,
        cursor: Writer,
        session_id: str,
        read: dict[Path, shards.Shard | StoreError | None],
        report: Step,
    ) -> int | None:
        """Add what the shards hold; from which moment on rows are new, in ms; None: none are."""
        starts = []
        for path, shard in read.items():
            if shard is None:
                continue
            if isinstance(shard, StoreError):
                report.problems.append(shard.message)
                _note(cursor, session_id, int(path.name.split(".")[0]), 0, 0, shard.message)
                continue
            replaced = _insert(cursor, session_id, shard)
            starts.append(0 if replaced else shard.first_ms)
            self._last_ms[session_id] = shard.last_ms
            report.shards += 1
            report.rows += shard.timeline.num_rows
        return min(starts, default=None)

    def _new_shards(self, session_id: str, folder: Path) -> list[Path]:
        found = shards.shard_files(folder)
        if not found:
            return []
        taken = Query("SELECT shard FROM ingested WHERE session_id = $id", {"id": session_id})
        had = set(self._database.select(taken)["shard"].to_pylist())
        return [path for number, path in found.items() if number not in had]

    def _tidy(self) -> None:
        """Remove the shards of sessions that are done and all in the store."""
        clock = time.time()
        for session_id in [key for key, due in self._removable.items() if due <= clock]:
            del self._removable[session_id]
            folder = self._home.shards(session_id)
            try:
                given = read_reported(session_path(self._home, session_id))
            except StoreError:
                continue  # damaged since: its shards stay
            if given is None or given.status != SessionStatus.DONE:
                continue
            if folder.is_dir() and not self._new_shards(session_id, folder):
                shards.remove_shards(folder)


def _read(path: Path, session_id: str) -> shards.Shard | StoreError | None:
    try:
        return shards.read_shard(path, session_id)
    except StoreError as e:
        return e
    except FileNotFoundError:
        return None  # set aside by a worker that resumes, between the listing and now


def _insert(cursor: Writer, session_id: str, shard: shards.Shard) -> bool:
    """Add a shard's rows in the place of any from its first frame on; whether there were."""
    take_back(cursor, session_id)
    last = cursor.value("SELECT max(frame) FROM frames WHERE session_id = ?", [session_id])
    replaces = last is not None and last >= shard.first_frame
    if replaces:
        for table in ("timeline", "frames"):
            cursor.execute(
                f"DELETE FROM {table} WHERE session_id = ? AND frame >= ?",
                [session_id, shard.first_frame],
            )
    for table, rows in (("timeline", shard.timeline), ("frames", shard.frames)):
        cursor.insert_arrow(table, rows)
    _note(cursor, session_id, shard.number, shard.timeline.num_rows, shard.frames.num_rows, None)
    return replaces


def _note(
    cursor: Writer, session_id: str, number: int, rows: int, frames: int, problem: str | None
) -> None:
    cursor.execute(
        "INSERT INTO ingested VALUES (?, ?, ?, ?, ?, ?)",
        [session_id, number, rows, frames, problem, now()],
    )


def _changed_ns(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except FileNotFoundError:
        return 0
