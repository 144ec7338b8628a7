"""Corrections of viewers by hand: who is shown as whom, and what is left out.

The log of edits (``viewer_edits``) is the truth. Folding it, oldest first, gives the
tables ``viewers`` and ``exclusions`` that queries join; raw rows are never touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from fer_core.errors import StoreError
from fer_core.storage.codec import TableRow
from fer_core.storage.commands import Change, command
from fer_core.storage.ids import new_id
from fer_core.storage.migrations import now
from fer_core.storage.sessions.rows import Session
from fer_core.storage.timeline.seconds import refresh_seconds, refresh_summary

if TYPE_CHECKING:
    from fer_core.storage.database import Writer

_END = 2_147_483_647


class EditKind(StrEnum):
    RENAME = "rename"
    MERGE = "merge"
    EXCLUDE = "exclude"


@dataclass(frozen=True, slots=True)
class ViewerEdit(TableRow):
    """One correction; an undone one stays in the log."""

    TABLE: ClassVar[str] = "viewer_edits"
    KEY: ClassVar[str] = "edit_id"

    edit_id: str
    session_id: str
    kind: EditKind
    viewer: int
    into_viewer: int | None
    name: str | None
    from_ms: int | None  # of the recording
    to_ms: int | None
    reason: str | None
    undone: bool
    created: datetime


@command
class EditViewer:
    """``rename`` (name), ``merge`` (into_viewer) or ``exclude`` (from_ms, to_ms: a span).

    Every number follows; raw rows stay. Returns the edit's id, for ``UndoEdit``.
    """

    session_id: str
    kind: EditKind
    viewer: int
    into_viewer: int | None = None
    name: str | None = None
    from_ms: int | None = None
    to_ms: int | None = None
    reason: str | None = None

    def apply(self, change: Change) -> str:
        change.get(Session, self.session_id)
        lacks = {
            EditKind.RENAME: self.name is None,
            EditKind.MERGE: self.into_viewer is None or self.into_viewer == self.viewer,
            EditKind.EXCLUDE: False,
        }
        if lacks[self.kind]:
            raise StoreError(
                f"The edit {self.kind} of viewer {self.viewer} lacks what to change it to."
            )
        edit_id = new_id("viewer_edit")
        change.insert(
            "viewer_edits", edit_id=edit_id, session_id=self.session_id, kind=self.kind,
            viewer=self.viewer, into_viewer=self.into_viewer, name=self.name,
            from_ms=self.from_ms, to_ms=self.to_ms, reason=self.reason, created=now(),
        )  # fmt: skip
        fold_edits(change.cursor, self.session_id)
        return edit_id


@command
class UndoEdit:
    edit_id: str

    def apply(self, change: Change) -> None:
        edit = change.get(ViewerEdit, self.edit_id)
        change.update(ViewerEdit, self.edit_id, undone=True)
        fold_edits(change.cursor, edit.session_id)


def fold_edits(cursor: Writer, session_id: str) -> None:
    """Make the session's viewer tables, seconds and summary anew from its edits."""
    raw = cursor.execute(
        "SELECT DISTINCT viewer FROM timeline WHERE session_id = ? AND viewer >= 0", [session_id]
    ).fetchall()
    shown = {viewer: viewer for (viewer,) in raw}
    names: dict[int, str] = {}
    spans: list[tuple[int, int, int]] = []
    edits = cursor.execute(
        "SELECT kind, viewer, into_viewer, name, from_ms, to_ms FROM viewer_edits "
        "WHERE session_id = ? AND NOT undone ORDER BY created, edit_id",
        [session_id],
    ).fetchall()
    for kind, viewer, into, name, from_ms, to_ms in edits:
        if kind == "rename":
            names[viewer] = name
        elif kind == "merge":
            shown = {raw_: into if now == viewer else now for raw_, now in shown.items()}
        else:
            start, end = from_ms or 0, _END if to_ms is None else to_ms
            spans += [(raw_, start, end) for raw_, now in shown.items() if now == viewer]
    cursor.execute("DELETE FROM viewers WHERE session_id = ?", [session_id])
    cursor.execute("DELETE FROM exclusions WHERE session_id = ?", [session_id])
    rows = [
        [session_id, viewer, now, names.get(now)]
        for viewer, now in sorted(shown.items())
        if viewer != now or now in names
    ]
    cursor.executemany("INSERT INTO viewers VALUES (?, ?, ?, ?)", rows)
    cursor.executemany(
        "INSERT INTO exclusions VALUES (?, ?, ?, ?)", [[session_id, *span] for span in spans]
    )
    refresh_seconds(cursor, session_id)
    refresh_summary(cursor, session_id)
    cursor.execute("UPDATE sessions SET updated = ? WHERE session_id = ?", [now(), session_id])
