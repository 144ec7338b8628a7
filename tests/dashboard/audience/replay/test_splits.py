"""Corrections of viewers, as the replay asks for them."""

from __future__ import annotations

from dashboard.audience.replay import splits
from dashboard.audience.session import viewer_edits
from tests.dashboard.simulated import Furnished


def test_a_viewer_is_split_once_and_made_one_again(furnished: Furnished) -> None:
    store, session = furnished.store, furnished.many
    before = store.timeline.seconds(session)
    ask = {"id": "s1", "do": "split", "viewer": 2, "t": 12_400}
    # the player repeats it, also to a server that has forgotten
    for done in ([], ["s1"], []):
        assert splits.answer(store, session, [ask], done) == []
    assert splits.shown(store, session) == [splits.Split(2, 12_400, 7)]
    assert [one.number for one in viewer_edits.viewers(store, session)] == [1, 2, 3, 4, 5, 6, 7]
    undo = {"id": "s2", "do": "unsplit", "viewer": 2, "t": 12_400}
    for _ in range(2):
        assert splits.answer(store, session, [ask, undo], ["s1"]) == []
    assert splits.shown(store, session) == []
    assert store.timeline.seconds(session).equals(before)


def test_a_viewer_is_left_out_of_a_stretch_once_and_taken_back(furnished: Furnished) -> None:
    store, session = furnished.store, furnished.many
    before = store.timeline.seconds(session)
    what = {"viewer": 2, "t": 5_000, "to": 8_000}
    for _ in range(2):
        ask = {"id": "l1", "do": "leave_out", **what}
        assert splits.answer(store, session, [ask], []) == []
    assert len(viewer_edits.edits(store, session)) == 1
    now = store.timeline.seconds(session)
    gone = before.merge(now, on=["viewer", "second"], how="left", indicator=True)
    missing = gone[gone["_merge"] == "left_only"][["viewer", "second"]]
    assert missing.to_numpy().tolist() == [[2, 5], [2, 6], [2, 7]]
    back = {"id": "l2", "do": "take_back", **what}
    for _ in range(2):
        assert splits.answer(store, session, [back], []) == []
    assert store.timeline.seconds(session).equals(before)
    assert (
        splits.answer(store, session, [{"id": "l3", "do": "leave_out", **what, "to": 4_000}], [])
        == []
    )
    assert viewer_edits.edits(store, session) == [], "a stretch that ends before it begins"


def test_the_split_that_was_asked_for_last_is_said_until_something_else_is_asked() -> None:
    split = {"id": "s1", "do": "split", "viewer": 2, "t": 5000}
    mark = {"id": "m1", "do": "add", "t": 5000, "name": "Logo"}
    asked = splits.last_asked([mark, split], [], None)
    assert asked == splits.AskedSplit("s1", 2, 5000)
    assert splits.last_asked([mark, split], ["m1", "s1"], asked) == asked, "nothing new"
    assert splits.last_asked([split, {**mark, "id": "m2"}], ["s1"], asked) is None
    undo = {"id": "s2", "do": "unsplit", "viewer": 2, "t": 5000}
    assert splits.last_asked([split, undo], ["s1"], asked) is None
    for senseless in ("no list", ["no"], [{"id": "b1", "do": "split", "viewer": "2", "t": 1}]):
        assert splits.last_asked(senseless, [], None) is None


def test_asks_that_make_no_sense_change_nothing(furnished: Furnished) -> None:
    store, session = furnished.store, furnished.many
    asks = [
        "no",
        {"id": "b1", "do": "split", "viewer": "2", "t": 5000},
        {"id": "b2", "do": "split", "viewer": 2},
        {"id": "b3", "do": "unsplit", "viewer": 2, "t": 5000},
        {"id": "b4", "do": "add", "t": 5000, "name": "a marker"},
    ]
    assert splits.answer(store, session, asks, []) == []
    (refused,) = splits.answer(
        store, session, [{"id": "b5", "do": "split", "viewer": 40, "t": 5000}], []
    )
    assert "not seen both before and after 0:05" in refused
    assert splits.answer(store, session, "no list", []) == []
    assert viewer_edits.edits(store, session) == []
