"""«From here it is someone else», asked for at the playhead: viewers split, and undone."""

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


def shown(store: Store, session_id: str) -> list[Split]:
    """The splits that hold, newest first."""
    return [
        Split(edit.viewer, edit.from_ms or 0, edit.into_viewer or 0)
        for edit in viewer_edits.edits(store, session_id)
        if edit.kind is EditKind.SPLIT
    ]


def answer(store: Store, session_id: str, asks: object, done: Collection[str]) -> list[str]:
    """Carry out the asks to split (``do``: split, unsplit); why any was refused.

    An ask may come again: what is split there already, or no more, stays as it is.
    """
    refused = []
    for ask in asks if isinstance(asks, list) else []:
        if isinstance(ask, dict) and ask.get("id") not in done:
            try:
                _carry_out(store, session_id, ask)
            except RaptError as error:
                refused.append(str(error))
    return refused


def _carry_out(store: Store, session_id: str, ask: Mapping[str, object]) -> None:
    viewer, at = ask.get("viewer"), ask.get("t")
    if not isinstance(viewer, int) or not isinstance(at, int):
        return
    there = _split_at(store, session_id, viewer, at)
    if ask.get("do") == "split" and there is None:
        viewer_edits.split(store, session_id, viewer, at)
    elif ask.get("do") == "unsplit" and there is not None:
        viewer_edits.undo(store, there.edit_id)


def _split_at(store: Store, session_id: str, viewer: int, at: int) -> ViewerEdit | None:
    for edit in viewer_edits.edits(store, session_id):
        if (edit.kind, edit.viewer, edit.from_ms) == (EditKind.SPLIT, viewer, at):
            return edit
    return None
