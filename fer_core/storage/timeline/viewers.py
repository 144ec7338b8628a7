"""Corrections of viewers by hand: who is shown as whom, and what is left out.

The log of edits (``viewer_edits``) is the truth. Folding it, oldest first, gives the tables
that queries join: ``viewers`` (which tracked viewer is shown as whom, from when to when),
``exclusions`` (of tracked viewers) and ``left_out`` (the same by shown viewer). Raw rows are
never touched.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from fer_core.errors import StoreError
from fer_core.storage.codec import TableRow, row
from fer_core.storage.commands import Change, command
from fer_core.storage.ids import new_id
from fer_core.storage.migrations import now
from fer_core.storage.sessions.rows import Session
from fer_core.storage.timeline.archive import take_back
from fer_core.storage.timeline.seconds import (
    EDITED_TIMELINE,
    refresh_seconds,
    refresh_summary,
)
from fer_core.text import clock
from fer_core.types import SessionStatus

if TYPE_CHECKING:
    from fer_core.storage.database import Writer

_END = 2_147_483_647


class EditKind(StrEnum):
    RENAME = "rename"
    MERGE = "merge"
    EXCLUDE = "exclude"
    SPLIT = "split"


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
    """``rename`` (name), ``merge`` (into_viewer), ``exclude`` (from_ms, to_ms: a span) or
    ``split``: from ``from_ms`` on it is someone else, who gets the next free number.

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
        session = change.get(Session, self.session_id)
        lacks = {
            EditKind.RENAME: self.name is None,
            EditKind.MERGE: self.into_viewer is None or self.into_viewer == self.viewer,
            EditKind.EXCLUDE: False,
            EditKind.SPLIT: self.from_ms is None,
        }
        if lacks[self.kind]:
            raise StoreError(
                f"The edit {self.kind} of viewer {self.viewer} lacks what to change it to."
            )
        into = self.into_viewer
        if self.kind is EditKind.SPLIT:
            into = _number_after_split(change.cursor, session, self.viewer, self.from_ms or 0)
        edit_id = new_id("viewer_edit")
        change.insert(
            "viewer_edits", edit_id=edit_id, session_id=self.session_id, kind=self.kind,
            viewer=self.viewer, into_viewer=into, name=self.name,
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


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a tracked viewer's rows, and the number it is shown under."""

    viewer: int  # as tracked
    from_ms: int
    to_ms: int
    shown: int

    def within(self, start: int, end: int) -> Piece:
        """What of it lies in a span; empty where ``to_ms`` is not after ``from_ms``."""
        return replace(self, from_ms=max(self.from_ms, start), to_ms=min(self.to_ms, end))

    def meets(self, other: Piece) -> bool:
        """Whether some rows belong to both."""
        return self.viewer == other.viewer and (
            max(self.from_ms, other.from_ms) < min(self.to_ms, other.to_ms)
        )


@dataclass(slots=True)
class Folded:
    """What the edits that hold make of the tracked viewers."""

    pieces: list[Piece]
    names: dict[int, str] = field(default_factory=dict)
    #: Spans left out, with the pieces of the viewer at that place of the log.
    left_out: list[tuple[int, int, list[Piece]]] = field(default_factory=list)

    def apply(self, edit: ViewerEdit) -> None:
        """Apply the next edit of the log."""
        into = edit.viewer if edit.into_viewer is None else edit.into_viewer
        start = edit.from_ms or 0
        if edit.kind is EditKind.RENAME:
            self.names[edit.viewer] = edit.name or ""
            return
        ours = [one for one in self.pieces if one.shown == edit.viewer]
        if edit.kind is EditKind.EXCLUDE:
            self.left_out.append((start, _END if edit.to_ms is None else edit.to_ms, ours))
            return
        others = [one for one in self.pieces if one.shown != edit.viewer]
        after = [replace(one.within(start, _END), shown=into) for one in ours]
        before = [one.within(0, start) for one in ours]
        self.pieces = [one for one in (*others, *before, *after) if one.from_ms < one.to_ms]

    def excluded(self) -> set[tuple[int, int, int]]:
        """Tracked viewers and the spans in which their rows do not count."""
        spans = {one.within(start, end) for start, end, ours in self.left_out for one in ours}
        return {(one.viewer, one.from_ms, one.to_ms) for one in spans if one.from_ms < one.to_ms}

    def spans(self) -> set[tuple[int, int, int]]:
        """Shown viewers and the spans, within those in which they are known, left out of them."""
        found = set()
        for start, end, ours in self.left_out:
            for shown in {one.shown for one in self.pieces for part in ours if one.meets(part)}:
                theirs = [one for one in self.pieces if one.shown == shown]
                low = max(start, min(one.from_ms for one in theirs))
                high = min(end, max(one.to_ms for one in theirs))
                if low < high:
                    found.add((shown, low, high))
        return found


def fold_edits(cursor: Writer, session_id: str) -> None:
    """Make the session's viewer tables, seconds and summary anew from its edits."""
    take_back(cursor, session_id)
    raw = cursor.execute(
        "SELECT DISTINCT viewer FROM timeline WHERE session_id = ? AND viewer >= 0", [session_id]
    ).fetchall()
    folded = Folded([Piece(viewer, 0, _END, viewer) for (viewer,) in sorted(raw)])
    edits = cursor.execute(
        "SELECT * FROM viewer_edits WHERE session_id = ? AND NOT undone ORDER BY created, edit_id",
        [session_id],
    )
    for values in edits.fetchall():
        folded.apply(row(ViewerEdit, dict(zip(edits.names, values))))
    names = folded.names
    tables = {
        "viewers": [
            (one.viewer, one.shown, names.get(one.shown), one.from_ms, one.to_ms)
            for one in folded.pieces
            if one.viewer != one.shown or one.shown in names
        ],
        "exclusions": folded.excluded(),
        "left_out": folded.spans(),
    }
    for table, rows in tables.items():
        cursor.execute(f"DELETE FROM {table} WHERE session_id = ?", [session_id])
        for values in sorted(rows):
            marks = ", ".join("?" for _ in values)
            cursor.execute(f"INSERT INTO {table} VALUES (?, {marks})", [session_id, *values])
    refresh_seconds(cursor, session_id)
    refresh_summary(cursor, session_id)
    cursor.execute("UPDATE sessions SET updated = ? WHERE session_id = ?", [now(), session_id])


def _number_after_split(cursor: Writer, session: Session, viewer: int, at_ms: int) -> int:
    """The number that nobody has, also in an edit; StoreError where nothing can be split."""
    if session.status is not SessionStatus.DONE:  # a viewer to come may have that number
        raise StoreError(
            f"{session.name} is not analysed to its end.",
            "Wait for it, or resume it: then its viewers can be split.",
        )
    take_back(cursor, session.session_id)
    before, after, highest = cursor.execute(
        f"""
        WITH edited AS ({EDITED_TIMELINE})
        SELECT count(*) FILTER (WHERE viewer = $viewer AND t_ms < $at_ms),
               count(*) FILTER (WHERE viewer = $viewer AND t_ms >= $at_ms),
               greatest(
                   (SELECT max(viewer) FROM timeline WHERE session_id = $session_id),
                   (SELECT max(greatest(viewer, coalesce(into_viewer, 0))) FROM viewer_edits
                    WHERE session_id = $session_id AND NOT undone))
        FROM edited
        """,
        {"session_id": session.session_id, "viewer": viewer, "at_ms": at_ms},
    ).fetchall()[0]
    if not before or not after:
        raise StoreError(
            f"Viewer {viewer} is not seen both before and after {clock(at_ms)}.",
            "Choose a moment between the first and the last in which this viewer is seen.",
        )
    return int(highest) + 1
