"""Markers as the replay shows and sets them, on the recording's own clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from fer_core.storage import Store
from fer_core.storage.markers import AddMarkers, DeleteMarkers, NewMarker, UpdateMarker

SOURCE = "replay"
MOST_ASKS = 200


@dataclass(frozen=True, slots=True)
class ShownMarker:
    """A marker or scene on the recording's clock; only the session's ``own`` can be changed."""

    marker_id: str
    from_ms: int
    to_ms: int | None
    name: str
    own: bool


def shown(store: Store, session_id: str) -> list[ShownMarker]:
    """A session's markers and those of its stimulus, in order of time.

    A stimulus' markers are on its own clock; the session's offset brings them here.
    """
    session = store.sessions.get(session_id)
    found = []
    for mark in store.markers.list(session_id=session_id, stimulus_id=session.stimulus_id):
        own = mark.session_id is not None
        shift = 0 if own else session.offset_ms
        end = None if mark.to_ms is None else mark.to_ms + shift
        found.append(ShownMarker(mark.marker_id, mark.from_ms + shift, end, mark.name, own))
    return sorted(found, key=lambda mark: mark.from_ms)


def answer(store: Store, session_id: str, asks: object, done: Collection[str]) -> list[str]:
    """Carry out what the player asks; the ids of the asks that are over.

    The player repeats an ask until it sees it answered, so each is done once: ``done`` are
    those answered before, and a marker that is already there is not set a second time.
    """
    over = []
    for ask in (asks if isinstance(asks, list) else [])[:MOST_ASKS]:
        if not isinstance(ask, dict) or not isinstance(ask.get("id"), str):
            continue
        if ask["id"] not in done:
            _carry_out(store, session_id, ask)
        over.append(ask["id"])
    return over


def _carry_out(store: Store, session_id: str, ask: Mapping[str, object]) -> None:
    own = [mark for mark in shown(store, session_id) if mark.own]
    ids = {mark.marker_id for mark in own}
    name = str(ask.get("name") or "").strip()[:120]
    marker, at, to = str(ask.get("marker")), ask.get("t"), ask.get("to")
    if ask.get("do") == "add" and isinstance(at, int) and at >= 0 and name:
        if any((mark.from_ms, mark.name) == (at, name) for mark in own):
            return
        new = NewMarker(name, at, to if isinstance(to, int) and to > at else None)
        store.run(AddMarkers(markers=(new,), session_id=session_id, source=SOURCE))
    elif marker not in ids:
        return
    elif ask.get("do") == "rename" and name:
        store.run(UpdateMarker(marker_id=marker, name=name))
    elif ask.get("do") == "remove":
        store.run(DeleteMarkers(marker_ids=(marker,)))
