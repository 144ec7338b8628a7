"""Viewers corrected from the player: split at the playhead, left out of a stretch, and undone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from dashboard.audience.session import viewer_edits
from fer_core.errors import RaptError
from fer_core.storage import Store
from fer_core.storage.timeline.viewers import EditKind, ViewerEdit


@dataclass(frozen=True, slots=True)
class Split:
    """From a moment of the recording on, a viewer is another one."""

    viewer: int
    from_ms: int
    into: int


@dataclass(frozen=True, slots=True)
class AskedSplit:
    """A split that the player asked for; ``ask_id`` is the ask's."""

    ask_id: str
    viewer: int
    from_ms: int


def shown(store: Store, session_id: str) -> list[Split]:
    """The splits that hold, newest first."""
    return [
        Split(edit.viewer, edit.from_ms or 0, edit.into_viewer or 0)
        for edit in viewer_edits.edits(store, session_id)
        if edit.kind is EditKind.SPLIT
    ]


def answer(store: Store, session_id: str, asks: object, done: Collection[str]) -> list[str]:
    """Carry out the asks (``do``: split, leave_out, and their undoing unsplit, take_back); why any
    was refused.

    An ask may come again: what is done there already, or no more, stays as it is.
    """
    refused = []
    for ask in asks if isinstance(asks, list) else []:
        if isinstance(ask, dict) and ask.get("id") not in done:
            try:
                _carry_out(store, session_id, ask)
            except RaptError as error:
                refused.append(str(error))
    return refused


def last_asked(asks: object, done: Collection[str], before: AskedSplit | None) -> AskedSplit | None:
    """The split that was asked for last and that the player says: ``before`` where these asks
    bring nothing new, None where something else came after it."""
    new = [
        ask
        for ask in (asks if isinstance(asks, list) else [])
        if isinstance(ask, dict) and ask.get("id") not in done
    ]
    if not new:
        return before
    match new[-1]:
        case {"id": str(ask_id), "do": "split", "viewer": int(viewer), "t": int(from_ms)}:
            return AskedSplit(ask_id, viewer, from_ms)
    return None


def _carry_out(store: Store, session_id: str, ask: Mapping[str, object]) -> None:
    viewer, at, to = ask.get("viewer"), ask.get("t"), ask.get("to")
    if not isinstance(viewer, int) or not isinstance(at, int):
        return
    match ask.get("do"), to:
        case "split", _ if _find(store, session_id, EditKind.SPLIT, viewer, at) is None:
            viewer_edits.split(store, session_id, viewer, at)
        case "unsplit", _:
            _undo(store, _find(store, session_id, EditKind.SPLIT, viewer, at))
        case "leave_out", int(end) if 0 <= at < end:
            if _find(store, session_id, EditKind.EXCLUDE, viewer, at, end) is None:
                viewer_edits.leave_out_ms(store, session_id, viewer, at, end)
        case "take_back", int(end):
            _undo(store, _find(store, session_id, EditKind.EXCLUDE, viewer, at, end))


def _undo(store: Store, edit: ViewerEdit | None) -> None:
    if edit is not None:
        viewer_edits.undo(store, edit.edit_id)


def _find(
    store: Store, session_id: str, kind: EditKind, viewer: int, at: int, to: int | None = None
) -> ViewerEdit | None:
    for edit in viewer_edits.edits(store, session_id):
        if (edit.kind, edit.viewer, edit.from_ms, edit.to_ms) == (kind, viewer, at, to):
            return edit
    return None
