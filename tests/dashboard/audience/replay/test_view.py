"""The page Replay, run by Streamlit itself."""

from __future__ import annotations

import pytest

from dashboard.audience.replay.view import start_ms
from tests.dashboard.pages import open_page
from tests.dashboard.simulated import Furnished


def test_a_session_is_played_under_its_name(furnished_home: Furnished) -> None:
    app = open_page("replay", session=furnished_home.many, t="12")
    assert not app.exception
    assert not app.error
    assert app.title[0].value == "The whole room"
    assert not app.info  # there is a curve to draw


@pytest.mark.parametrize("query", [{}, {"session": "nothing"}])
def test_a_session_that_is_not_there_leads_back_to_the_list(
    furnished_home: Furnished, query: dict[str, str]
) -> None:
    app = open_page("replay", **query)
    assert not app.exception
    assert app.title[0].value == "This session is not here"


@pytest.mark.parametrize(
    ("seconds", "ms"), [("12.5", 12_500), ("x", None), ("-1", None), ("nan", None), (None, None)]
)
def test_a_links_time_is_in_seconds_or_ignored(seconds: str | None, ms: int | None) -> None:
    assert start_ms(seconds) == ms
