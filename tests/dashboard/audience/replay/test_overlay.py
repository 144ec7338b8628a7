"""What is drawn over the faces of a stretch."""

from __future__ import annotations

import pytest

from dashboard.audience.replay import overlay
from dashboard.audience.session import viewer_edits
from fer_core.errors import StoreError
from fer_core.labels import EMOTIONS, PROBABILITY_COLUMNS
from tests.dashboard.simulated import Furnished


def test_rows_of_a_span_are_the_timelines(furnished: Furnished) -> None:
    store = furnished.store
    got = overlay.rows(store, furnished.many, 10_000, 20_000)
    rows = store.timeline.rows(furnished.many, from_ms=10_000, to_ms=20_000)
    frames = store.timeline.frames(furnished.many)
    assert got["t"] == frames[frames["t_ms"].between(10_000, 19_999)]["t_ms"].tolist()
    assert got["start"][-1] == len(rows) == len(got["viewer"])
    assert got["viewer"] == rows["viewer"].tolist()
    assert got["box"][:4] == [round(v) for v in rows.iloc[0][["x", "y", "w", "h"]]]
    first = rows.iloc[0][list(PROBABILITY_COLUMNS)]
    assert got["p"][: len(EMOTIONS)] == [round(100 * float(v)) for v in first]
    # nobody there: the frames are, so that boxes disappear
    empty = overlay.rows(store, furnished.many, 20_200, 22_800)
    assert len(empty["t"]) == 13
    assert empty["start"] == [0] * 14


def test_a_span_has_ends_and_is_not_too_long(furnished: Furnished) -> None:
    for start, end in ((5, 5), (9, 3), (0, 60_001), (-1, 5)):
        with pytest.raises(StoreError, match="no stretch"):
            overlay.rows(furnished.store, furnished.many, start, end)


def test_who_is_left_out_is_not_named_but_can_be_blurred(furnished: Furnished) -> None:
    store, session = furnished.store, furnished.many
    viewer_edits.leave_out(store, session, 3, "0:05", "0:06")
    try:
        got = overlay.rows(store, session, 4_800, 6_200)
        at = dict(zip(got["t"], zip(got["start"], got["start"][1:])))
        assert sorted(got["viewer"][slice(*at[4_800])]) == [1, 2, 3, 4, 5, 6]
        assert sorted(got["viewer"][slice(*at[5_000])]) == [-1, 1, 2, 4, 5, 6]
        assert sorted(got["viewer"][slice(*at[6_000])]) == [1, 2, 3, 4, 5, 6]
    finally:
        viewer_edits.undo(store, viewer_edits.edits(store, session)[0].edit_id)
