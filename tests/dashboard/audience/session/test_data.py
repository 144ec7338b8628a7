"""One session ready to draw."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboard.audience.session import data, viewer_edits
from dashboard.audience.session.data import load, view
from dashboard.shared.charts import findings
from fer_core.home import Home
from fer_core.storage import Store
from tests.dashboard.simulated import Furnished, plant


def test_the_page_and_the_list_show_the_same_mean(furnished: Furnished) -> None:
    drawn = view(furnished.store, furnished.one)
    row = furnished.store.sessions.get(furnished.one)
    assert drawn.mean == pytest.approx(row.engagement, abs=1e-3)
    assert drawn.quality == pytest.approx(row.quality, abs=1e-3)
    assert len(drawn.seconds) == 60
    assert drawn.shares.sum() == pytest.approx(1)


def test_quality_is_the_same_read_in_stretches(
    furnished: Furnished, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = view(furnished.store, furnished.many)
    monkeypatch.setattr(data, "STRETCH_MS", 7_000)
    parts = view(furnished.store, furnished.many)
    assert parts.quality == whole.quality == pytest.approx(0.92, abs=0.01)
    pd.testing.assert_frame_equal(parts.gaps, whole.gaps)


def test_what_is_not_analysed_yet_is_not_a_missing_face(home: Home, store: Store) -> None:
    session_id = plant(
        home,
        seconds=20,
        viewers=1,
        away=None,
        status="running",
        info={"duration_ms": 90_000, "width": 640, "height": 360},
        summary={"duration_s": None},
    )
    store.sync()
    drawn = view(store, session_id)
    assert drawn.duration_ms == 90_000
    assert len(drawn.seconds) == 20
    assert "No usable face" not in findings.engagement(drawn.seconds)


def test_an_unknown_session_is_none(furnished: Furnished) -> None:
    assert load(furnished.store, "nothing") is None
    page = load(furnished.store, furnished.one)
    assert page is not None
    assert page.name == "Respondent 01"
    assert not page.analysing


def test_what_was_left_out_by_hand_is_listed_as_such(furnished: Furnished) -> None:
    """Not as a missing face; and the span in which there was none keeps its own reason."""
    store, session = furnished.store, furnished.one
    before = view(store, session).gaps
    assert list(before["why"]) == ["no face"]
    viewer_edits.leave_out(store, session, 1, "0:10", "0:20")
    gaps = view(store, session).gaps
    assert list(gaps["why"].map(data.reason)) == ["left out by hand", "no face in the picture"]
    assert tuple(gaps.loc[0, ["from_ms", "to_ms"]]) == (10_000, 20_000)
    assert tuple(gaps.iloc[1]) == tuple(before.iloc[0])
    viewer_edits.leave_out(store, session, 1)
    whole = view(store, session).gaps
    assert set(whole["why"]) == {"left out", "no face"}
