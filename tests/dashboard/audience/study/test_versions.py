"""A study's page where only some of its sessions know of eyes."""

from __future__ import annotations

from fer_core.home import Home
from fer_core.measures import measure_versions
from fer_core.storage import open_store
from tests.dashboard.pages import open_page
from tests.storage.sleeper import write_all


def plant(home: Home, *eyes: bool) -> str:
    """A study with a session for each; its id."""
    for number, one in enumerate(eyes):
        write_all(
            home, f"s{number}", eyes=one, study="Spots", stimulus="Film",
            versions=measure_versions(eyes=one),
        )  # fmt: skip
    with open_store(home, look_after=False) as store:
        store.sync()
        return store.studies.list()[0].study_id


def test_a_mixed_study_says_that_version_1_holds_for_all(empty_home: Home) -> None:
    app = open_page("study", id=plant(empty_home, True, False), measure="Attention")
    assert not app.exception
    assert ["1 of 2 sessions know nothing of eyes" in one.value for one in app.warning] == [True]
    assert not [one for one in app.button if one.label.startswith("Analyse")]  # no recordings here
    numbers = {one.label: one.value for one in app.metric}
    assert numbers["Mean"] == "75 %"  # facing 0.5 of one, 1 of the other, the sleep not counted


def test_blinks_are_a_measure_like_any_other(empty_home: Home) -> None:
    app = open_page("study", id=plant(empty_home, True, True), measure="Eyes closed")
    assert not app.exception
    assert not app.warning
    numbers = {one.label: one.value for one in app.metric}
    assert numbers["Mean"].startswith(("19", "20"))  # two of ten seconds
    assert {"Blink rate", "Eyes away", "Smile"} < set(app.selectbox(key="measure").options)


def test_a_study_without_eyes_offers_what_it_offered(empty_home: Home) -> None:
    app = open_page("study", id=plant(empty_home, False))
    assert not app.exception
    assert len(app.selectbox(key="measure").options) == 12
