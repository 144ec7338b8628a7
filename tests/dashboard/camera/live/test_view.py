"""The live page, without a browser."""

from __future__ import annotations

from dashboard.camera.live.data import LIMIT_SETTING
from dashboard.camera.live.view import live_studies
from dashboard.state import app_state
from fer_core.home import Home
from fer_core.storage.studies import AddStimulus, AddStudy
from tests.dashboard.pages import open_page


def test_the_page_opens_and_keeps_the_limit_of_sessions(empty_home: Home) -> None:
    app = open_page("live")
    assert not app.exception
    assert app.title[0].value == "Live"
    (limit,) = app.number_input
    assert (limit.label, limit.value) == ("Live sessions at once", 4)
    limit.set_value(7).run()
    assert not app.exception
    assert app_state().store.settings.get(LIMIT_SETTING) == 7


def test_the_studies_to_choose_from_bring_their_films_and_conditions(empty_home: Home) -> None:
    store = app_state().store
    store.run(AddStudy(name="No conditions"))
    study_id = store.run(AddStudy(name="Spots", conditions=("B", "A")))
    store.run(AddStimulus(study_id=study_id, title="Spot"))
    spots, other = live_studies(app_state())
    assert (spots["name"], spots["conditions"], spots["stimuli"]) == ("Spots", ["B", "A"], ["Spot"])
    assert (other["name"], other["conditions"], other["stimuli"]) == ("No conditions", [], [])
