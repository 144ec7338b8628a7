"""One session ready to draw."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboard.audience.session import data
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
