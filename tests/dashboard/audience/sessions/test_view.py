"""The page Sessions, run by Streamlit itself."""

from __future__ import annotations

from fer_core.home import Home
from tests.dashboard.pages import open_page
from tests.dashboard.simulated import Furnished


def test_where_there_are_none_it_says_how_to_begin(empty_home: Home) -> None:
    app = open_page("sessions")
    assert not app.exception
    assert [one.label for one in app.button] == ["Add recordings"]


def test_sessions_are_listed_and_found_by_the_address(furnished_home: Furnished) -> None:
    app = open_page("sessions")
    assert not app.exception
    assert "2 sessions" in [one.value for one in app.caption]
    app = open_page("sessions", find="whole room")
    assert "1 session" in [one.value for one in app.caption]
    app = open_page("sessions", find="nobody")
    assert "«nobody»" in app.info[0].value
