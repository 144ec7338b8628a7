"""Markers as the replay shows and sets them."""

from __future__ import annotations

from dashboard.audience.replay import markers
from fer_core.storage.markers import AddMarkers
from fer_core.storage.sessions import AssignSession
from fer_core.storage.studies import AddStimulus
from tests.dashboard.simulated import Furnished


def test_a_marker_is_set_renamed_and_removed_once(furnished: Furnished) -> None:
    store, session = furnished.store, furnished.one
    ask = {"id": "a1", "do": "add", "t": 12_345, "name": "Logo"}
    assert markers.answer(store, session, [ask], []) == ["a1"]
    # the player repeats it, also to a server that has forgotten
    assert markers.answer(store, session, [ask], ["a1"]) == ["a1"]
    assert markers.answer(store, session, [ask], []) == ["a1"]
    (mark,) = markers.shown(store, session)
    assert (mark.from_ms, mark.name, mark.own) == (12_345, "Logo", True)
    renamed = {"id": "a2", "do": "rename", "marker": mark.marker_id, "name": "Our logo"}
    markers.answer(store, session, [ask, renamed], ["a1"])
    assert [one.name for one in markers.shown(store, session)] == ["Our logo"]
    markers.answer(store, session, [{"id": "a3", "do": "remove", "marker": mark.marker_id}], [])
    assert markers.shown(store, session) == []


def test_asks_that_make_no_sense_change_nothing(furnished: Furnished) -> None:
    asks = [
        "no",
        {"do": "add", "t": 5, "name": "no id"},
        {"id": "b1", "do": "add", "t": -5, "name": "before the start"},
        {"id": "b2", "do": "add", "t": 5, "name": "  "},
        {"id": "b3", "do": "remove", "marker": "another session's"},
    ]
    assert markers.answer(furnished.store, furnished.one, asks, []) == ["b1", "b2", "b3"]
    assert markers.answer(furnished.store, furnished.one, "no list", []) == []
    assert markers.shown(furnished.store, furnished.one) == []


def test_a_stimulus_markers_come_on_the_recordings_clock(furnished: Furnished) -> None:
    store, session = furnished.store, furnished.one
    stimulus = store.run(AddStimulus(title="The ad"))
    store.run(AddMarkers(stimulus_id=stimulus, markers=[{"name": "Joke", "from_ms": 4000}]))
    store.run(AssignSession(session_id=session, stimulus=stimulus, offset_ms=1500))
    try:
        (mark,) = markers.shown(store, session)
        assert (mark.from_ms, mark.own) == (5500, False)
        markers.answer(store, session, [{"id": "c", "do": "remove", "marker": mark.marker_id}], [])
        assert len(markers.shown(store, session)) == 1
    finally:
        store.run(AssignSession(session_id=session, stimulus="", offset_ms=0))
