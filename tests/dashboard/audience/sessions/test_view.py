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


def test_the_list_is_narrowed_by_study_and_by_what_needs_a_look(furnished_home: Furnished) -> None:
    app = open_page("sessions", **{"in": "Ad test"})
    assert not app.exception
    assert "1 session" in [one.value for one in app.caption]
    app = open_page("sessions", look="true")
    assert [one.value for one in app.info] == ["No session needs a look."]


def test_several_are_ticked_and_what_can_be_done_with_them_is_offered(
    furnished_home: Furnished,
) -> None:
    app = open_page("sessions")
    app.toggle(key="several").set_value(True).run()
    assert not app.exception
    assert len(app.checkbox) == 2
    app.checkbox(key=f"pick-{furnished_home.one}").check().run()
    assert "**1 selected**" in [one.value for one in app.markdown]
    next(one for one in app.button if one.label == "All on this page").click().run()
    assert "**2 selected**" in [one.value for one in app.markdown]
    compare = next(one for one in app.button if one.label == "Compare")
    assert compare.disabled, "they belong to different studies"
    next(one for one in app.button if one.label == "Clear").click().run()
    assert "**0 selected**" in [one.value for one in app.markdown]
    assert not any(one.value for one in app.checkbox)
