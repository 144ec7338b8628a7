"""Sessions as lists show them."""

from __future__ import annotations

import pytest

from dashboard.audience.sessions import data
from fer_core.home import Home
from fer_core.storage import open_store
from tests.dashboard.simulated import Furnished, plant


def test_totals_and_rows_tell_what_is_in_the_store(furnished: Furnished) -> None:
    totals = data.totals(furnished.store)
    assert (totals.sessions, totals.viewers, totals.analysed_ms) == (2, 7, 100_000)
    rows = {row.session_id: row for row in data.latest(furnished.store)}
    assert rows[furnished.many].viewers == 6
    assert rows[furnished.one].study == "Ad test"
    assert totals.engagement is not None
    weighted = [(row.engagement or 0) * (row.duration_ms or 0) for row in rows.values()]
    assert totals.engagement == pytest.approx(sum(weighted) / 100_000)


def test_simulated_sessions_are_counted_apart(home: Home) -> None:
    with open_store(home, look_after=False) as store:
        plant(home, "made up", seconds=10, viewers=2, model="simulated")
        store.sync()
        alone = data.totals(store)
        assert (alone.sessions, alone.viewers, alone.made_up) == (1, 2, True)
        plant(home, "filmed", seconds=10, viewers=1, model="rapt-1")
        store.sync()
        beside = data.totals(store)
        assert (beside.sessions, beside.viewers, beside.made_up) == (1, 1, False)
        assert beside.simulated == 1


def test_sessions_are_found_by_name_and_counted(furnished: Furnished) -> None:
    rows, found = data.page(furnished.store, search="whole ROOM")
    assert ([row.session_id for row in rows], found) == ([furnished.many], 1)
    assert data.page(furnished.store, search="nobody") == ([], 0)


def test_a_small_curve_has_every_second_and_the_leading_expression(furnished: Furnished) -> None:
    curve = data.small_curves(furnished.store, [furnished.one])[furnished.one]
    assert len(curve) == 60
    away = curve[(curve["second"] > 30) & (curve["second"] < 34)]
    assert away["emotion"].isna().all()
    assert (away["engagement"] == 0).all()
