"""The session's page, run by Streamlit itself."""

from __future__ import annotations

import pytest

from tests.dashboard.pages import open_page
from tests.dashboard.simulated import Furnished


@pytest.mark.parametrize("query", [{}, {"id": "nothing"}])
def test_a_session_that_is_not_there_leads_back_to_the_list(
    furnished_home: Furnished, query: dict[str, str]
) -> None:
    app = open_page("session", **query)
    assert not app.exception
    assert app.title[0].value == "This session is not here"


def test_a_session_shows_its_numbers_its_curve_and_how_it_was_made(
    furnished_home: Furnished,
) -> None:
    app = open_page("session", id=furnished_home.many)
    assert not app.exception
    assert not app.error
    assert app.title[0].value == "The whole room"
    row = furnished_home.store.session(furnished_home.many)
    numbers = {one.label: one.value for one in app.metric}
    assert numbers["Mean engagement"] == str(round(row["engagement"]))
    assert numbers["Quality"] == f"{round(100 * row['quality'])} %"
    assert numbers["Frames lost"] == "0"
    assert {"Replay", "Delete"} <= {button.label for button in app.button}
    assert "Quality and how it was made" in [one.value for one in app.subheader]
