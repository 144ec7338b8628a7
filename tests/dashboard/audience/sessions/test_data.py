"""Sessions as lists show them."""

from __future__ import annotations

from dashboard.audience.sessions import data
from dashboard.audience.sessions.data import Filter
from fer_core.home import Home
from fer_core.storage import open_store
from tests.dashboard.simulated import Furnished, plant


def test_totals_and_rows_tell_what_is_in_the_store(furnished: Furnished) -> None:
    totals = data.totals(furnished.store)
    assert (totals.sessions, totals.viewers, totals.analysed_ms) == (2, 7, 100_000)
    groups = data.latest(furnished.store, simulated=True)
    rows = {row.session_id: row for group in groups.values() for row in group}
    assert rows[furnished.many].viewers == 6
    assert rows[furnished.one].study == "Ad test"
    assert groups[""][0].session_id == furnished.many
    assert not data.latest(furnished.store)


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
    rows, found = data.page(furnished.store, Filter("whole ROOM"))
    assert ([row.session_id for row in rows], found) == ([furnished.many], 1)
    assert data.page(furnished.store, Filter("nobody")) == ([], 0)


def test_a_small_curve_has_every_second_and_the_leading_expression(furnished: Furnished) -> None:
    curve = data.small_curves(furnished.store, [furnished.one])[furnished.one]
    assert len(curve) == 60
    away = curve[(curve["second"] > 30) & (curve["second"] < 34)]
    assert away["emotion"].isna().all()
    assert (away["engagement"] == 0).all()


def test_sessions_are_found_by_study_kind_and_what_needs_a_look(home: Home) -> None:
    with open_store(home, look_after=False) as store:
        for name, more in {
            "good": {"study": "Spot"},
            "poor": {"summary": {"quality": 0.5}},
            "holed": {"summary": {"frames_lost": 3}},
            "hardly holed": {"seconds": 40, "summary": {"frames_lost": 1}},
            "failed": {"status": "failed"},
            "stopped": {"status": "cancelled", "summary": {"quality": 0.1}},
            "camera": {"kind": "live"},
        }.items():
            plant(home, name, **{"seconds": 10, "viewers": 1, "model": "rapt-1", **more})
        plant(home, "made up", seconds=10, viewers=1, summary={"quality": 0.1})
        store.sync()

        def names(wanted: Filter) -> set[str]:
            rows, found = data.page(store, wanted)
            assert len(rows) == found
            return {row.name for row in rows}

        assert names(Filter(poor=True, kind="Recordings")) == {"poor", "holed", "failed"}
        assert data.totals(store).poor == 3
        spot = store.studies.get("Spot").study_id
        assert names(Filter(study=spot)) == {"good"}
        assert "good" not in names(Filter(study=data.WITHOUT_STUDY))
        assert names(Filter(kind="Live")) == {"camera"}
        assert names(Filter(kind="Simulated")) == {"made up"}
        assert len(names(Filter())) == 8


def test_several_sessions_are_moved_tagged_and_deleted_together(home: Home) -> None:
    with open_store(home, look_after=False) as store:
        chosen = [plant(home, f"R{n}", seconds=5, viewers=1, study="Old") for n in range(3)]
        store.sync()
        assert data.common_study(store, chosen) == store.studies.get("Old").study_id
        data.tag(store, chosen, ["pilot", " round 2 "])
        data.tag(store, chosen[:1], ["checked"], remove=["pilot"])
        assert store.sessions.tags() == ["checked", "pilot", "round 2"]
        assert store.sessions.get(chosen[0]).tags == ("round 2", "checked")
        data.move(store, chosen[:2], "New")
        assert not data.common_study(store, chosen)
        data.move(store, chosen[:1], "")
        assert store.sessions.get(chosen[0]).study is None
        assert list(data.delete_all(store, [chosen[0], "gone", chosen[2]]))[::2] == ["", ""]
        assert [row.name for row in data.page(store, Filter())[0]] == ["R1"]
