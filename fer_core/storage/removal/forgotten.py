"""The list of what was forgotten for good: ids and numbers alone, outside the store and backups.

It is written before anything is removed, and replayed whenever a store is opened: a crash in
between, or a backup from before, brings nothing back. A backup made elsewhere has a copy of the
list beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fer_core.errors import StoreError, disk_full
from fer_core.files import locked, read_json, write_json
from fer_core.home import Home
from fer_core.storage.commands import Command, to_wire
from fer_core.storage.ids import check_id
from fer_core.storage.reading import Query
from fer_core.storage.removal.forgetting import (
    ForgetResponses,
    ForgetSessions,
    ForgetStudy,
    ForgetViewer,
    clean_viewer,
)
from fer_core.storage.sharing.inbox import carry_out
from fer_core.types import SessionStatus

if TYPE_CHECKING:
    from fer_core.storage.database import Database

#: The list's name, in a home and beside backups.
FILE: Final = "forgotten.json"
_KINDS: Final = ("session", "viewer", "response", "study")


@dataclass(frozen=True, slots=True)
class Forgotten:
    """One thing that is forgotten. ``pieces``, of a viewer: tracked number, from and to in ms."""

    kind: str  # session, viewer, response or study
    id: str  # of a viewer: its session's
    pieces: tuple[tuple[int, int, int], ...] = ()
    at: str = ""

    @property
    def key(self) -> tuple[str, str, tuple[tuple[int, int, int], ...]]:
        return self.kind, self.id, self.pieces


def read(path: Path) -> list[Forgotten]:
    """The list of a file; none where there is no file. StoreError where it is damaged."""
    try:
        value = read_json(path) or []
        return [_entry(one) for one in value]
    except (ValueError, TypeError, KeyError, AttributeError, StoreError) as error:
        raise StoreError(
            f"The list of what was forgotten, {path}, is damaged.",
            "Take it from beside a backup; without it a restore may bring back what must not be.",
        ) from error


def _entry(value: Any) -> Forgotten:
    pieces = tuple((int(a), int(b), int(c)) for a, b, c in value.get("pieces", ()))
    if value["kind"] not in _KINDS:
        raise ValueError(f"{value['kind']!r} is nothing that can be forgotten")
    return Forgotten(value["kind"], check_id(value["id"]), pieces, str(value.get("at", "")))


def add(path: Path, entries: Iterable[Forgotten]) -> list[Forgotten]:
    """Add to a list what is not on it; the whole list. StoreError where it cannot be written."""
    try:
        return _add(path, entries)
    except OSError as error:
        why = "the disk is full" if disk_full(error) else error.strerror or str(error)
        raise StoreError(
            f"The list of what was forgotten, {path}, cannot be written: {why}.",
            "Make room or give the permission back, then try again: nothing was removed.",
        ) from error


def _add(path: Path, entries: Iterable[Forgotten]) -> list[Forgotten]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked(path.with_name(f".{FILE}.lock")):
        known = read(path)
        have = {one.key for one in known}
        stamp = datetime.now(UTC).isoformat(timespec="seconds")
        new = [Forgotten(*one.key, one.at or stamp) for one in entries if one.key not in have]
        if new:
            write_json(path, [asdict(one) for one in (*known, *new)])
        return known + new


def replay(database: Database, home: Home, entries: Sequence[Forgotten] | None = None) -> int:
    """Remove from a store what is on the list; how many entries were found in it."""
    listed = read(home.forgotten) if entries is None else list(entries)
    if not listed:
        return 0
    there = {
        kind: _ids(database, kind, [one.id for one in listed if one.kind == kind])
        for kind in _KINDS
    }
    found = 0
    for one in listed:
        if one.id not in there[one.kind]:
            continue
        done = one.kind != "viewer" or _is_done(database, one.id)
        if one.kind == "viewer" and done:
            clean_viewer(home, one.id, one.pieces)
            if not _has_rows(database, one):
                continue
        carry_out(database, home, *to_wire(_command(one, done)))
        found += 1
    return found


def _command(one: Forgotten, done: bool) -> Command[Any]:
    """What removes an entry; of a session that is not done nobody can take one viewer out."""
    if one.kind == "viewer" and done:
        return ForgetViewer(session_id=one.id, pieces=one.pieces)
    if one.kind == "study":
        return ForgetStudy(study_id=one.id)
    if one.kind == "response":
        return ForgetResponses(response_ids=(one.id,))
    return ForgetSessions(session_ids=(one.id,))


_WHERE: Final = {
    "session": "SELECT session_id AS id FROM sessions",
    "viewer": "SELECT session_id AS id FROM sessions",
    "study": "SELECT study_id AS id FROM studies",
    # one that is forgotten has its number for a name
    "response": "SELECT response_id AS id FROM responses WHERE session_id NOT NULL "
    "OR respondent <> 'R' || lpad(number::VARCHAR, 3, '0')",
}


def _ids(database: Database, kind: str, ids: list[str]) -> set[str]:
    """Which of these ids are in the store."""
    if not ids:
        return set()
    asked = f"SELECT id FROM ({_WHERE[kind]}) WHERE list_contains($ids::VARCHAR[], id)"
    return set(database.select(Query(asked, {"ids": ids}))["id"].to_pylist())


def _is_done(database: Database, session_id: str) -> bool:
    asked = Query("SELECT status FROM sessions WHERE session_id = $id", {"id": session_id})
    return bool(database.select(asked)["status"].to_pylist() == [SessionStatus.DONE])


def _has_rows(database: Database, one: Forgotten) -> bool:
    spans = " OR ".join(
        f"(viewer = {viewer} AND t_ms >= {start} AND t_ms < {end})"
        for viewer, start, end in one.pieces
    )
    asked = f"SELECT 1 AS n FROM timeline WHERE session_id = $id AND ({spans or 'false'}) LIMIT 1"
    return bool(database.select(Query(asked, {"id": one.id})).num_rows)
