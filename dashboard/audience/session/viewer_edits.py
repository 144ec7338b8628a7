"""Corrections of viewers: rename one, merge two numbers, divide one number, leave one out.

Edits are commands; the store applies them to every number and keeps the raw rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from fer_core.errors import SettingsError
from fer_core.storage import Store
from fer_core.storage.timeline.viewers import EditKind, EditViewer, UndoEdit, ViewerEdit
from fer_core.text import parse_clock


@dataclass(frozen=True, slots=True)
class Viewer:
    """One viewer as shown after the edits."""

    number: int
    name: str
    from_ms: float
    to_ms: float
    engagement: float | None

    @property
    def label(self) -> str:
        return f"{self.number} · {self.name}" if self.name else f"Viewer {self.number}"


def viewers(store: Store, session_id: str) -> list[Viewer]:
    table = store.timeline.viewers(session_id)
    return [
        Viewer(
            number=int(row["viewer"]),
            name=row["name"] if isinstance(row["name"], str) else "",
            from_ms=float(row["from_ms"]),
            to_ms=float(row["to_ms"]),
            engagement=None if pd.isna(row["engagement"]) else float(row["engagement"]),
        )
        for row in table.to_dict("records")
    ]


def rename(store: Store, session_id: str, viewer: int, name: str) -> None:
    """An empty name takes the name away."""
    store.run(
        EditViewer(
            session_id=session_id, kind=EditKind.RENAME, viewer=viewer, name=name.strip()[:60]
        )
    )


def merge(store: Store, session_id: str, viewer: int, into: int) -> None:
    """Both numbers were one person: ``viewer`` counts as ``into``."""
    if viewer == into:
        raise SettingsError("These are the same viewer.", "Choose two different numbers.")
    store.run(
        EditViewer(session_id=session_id, kind=EditKind.MERGE, viewer=viewer, into_viewer=into)
    )


def leave_out(store: Store, session_id: str, viewer: int, start: str = "", end: str = "") -> None:
    """Leave a viewer out, from ``start`` up to ``end`` of the recording where they are given."""
    from_ms, to_ms = _typed(start), _typed(end)
    if from_ms is not None and to_ms is not None and to_ms <= from_ms:
        raise SettingsError("The end is not after the start.", "Write both as minutes:seconds.")
    leave_out_ms(store, session_id, viewer, from_ms, to_ms)


def leave_out_ms(
    store: Store, session_id: str, viewer: int, from_ms: int | None, to_ms: int | None
) -> None:
    """The same in ms of the recording; None: its beginning, its end."""
    store.run(
        EditViewer(
            session_id=session_id,
            kind=EditKind.EXCLUDE,
            viewer=viewer,
            from_ms=from_ms,
            to_ms=to_ms,
        )
    )


def split(store: Store, session_id: str, viewer: int, at_ms: int) -> None:
    """From ``at_ms`` of the recording on, ``viewer`` is someone else, with a new number."""
    store.run(EditViewer(session_id=session_id, kind=EditKind.SPLIT, viewer=viewer, from_ms=at_ms))


def undo(store: Store, edit_id: str) -> None:
    store.run(UndoEdit(edit_id=edit_id))


def together_s(store: Store, session_id: str, one: int, other: int) -> int:
    """Seconds in which both were seen: one person is never seen twice."""
    seconds = store.timeline.seconds(session_id, columns=["viewer", "second", "seen"])
    seen = seconds[seconds["seen"] > 0]
    both = [set(seen.loc[seen["viewer"] == number, "second"]) for number in (one, other)]
    return len(both[0] & both[1])


def edits(store: Store, session_id: str) -> list[ViewerEdit]:
    """Those that hold, newest first."""
    return [edit for edit in reversed(store.timeline.edits(session_id)) if not edit.undone]


def _typed(text: str) -> int | None:
    """In ms; None where nothing is written."""
    return parse_clock(text) if text.strip() else None
