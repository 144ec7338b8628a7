"""The overview, run by Streamlit itself."""

from __future__ import annotations

from fer_core.home import Home
from tests.dashboard.pages import open_page
from tests.dashboard.simulated import Furnished


def test_an_empty_store_says_what_to_do_first(empty_home: Home) -> None:
    app = open_page()
    assert not app.exception
    assert app.title[0].value == "Overview"
    assert [button.label for button in app.button] == ["Add recordings"]
    assert not app.metric


def test_the_overview_has_four_numbers_and_the_latest_sessions(furnished_home: Furnished) -> None:
    app = open_page()
    assert not app.exception
    assert {one.label: one.value for one in app.metric} == {
        "Sessions": "2",
        "Viewers": "7",
        "Footage analysed": "2 min",
        "Mean engagement": app.metric[3].value,
    }
    assert 40 < int(app.metric[3].value) < 90
