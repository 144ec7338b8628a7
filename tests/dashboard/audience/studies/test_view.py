"""The page Studies, run by Streamlit itself."""

from __future__ import annotations

from fer_core.home import Home
from fer_core.storage import Store
from tests.dashboard.pages import open_page


def test_where_there_are_none_it_offers_a_simulated_one(empty_home: Home) -> None:
    app = open_page("studies")
    assert not app.exception
    assert {"Make the demo study", "Create"} == {one.label for one in app.button}


def test_the_demo_study_is_offered_once(demo_pages: Store) -> None:
    app = open_page("studies")
    assert not app.exception
    assert [one.label for one in app.button] == ["Create"]


def test_a_new_study_opens_on_its_set_up(empty_home: Home) -> None:
    app = open_page("studies")
    next(one for one in app.text_input if one.label == "Name").set_value("Spring spot")
    next(one for one in app.button if one.label == "Create").click().run()
    assert not app.exception
    assert not app.error
    assert app.title[0].value == "Spring spot"
    assert "**Film**" in [one.label for one in app.button]  # the step that it stands at
