"""The page Study, run by Streamlit itself."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboard.audience.study import data
from fer_core.reports import units
from fer_core.storage import Store
from fer_core.studies.membership import Study
from tests.dashboard.pages import open_page


def test_the_response_has_the_numbers_of_the_audience_that_is_chosen(
    demo_pages: Store, study: Study, seconds: pd.DataFrame
) -> None:
    app = open_page("study", id=study.study_id, viewers="B", measure="Valence")
    assert not app.exception
    assert not app.error
    whose = next(one for one in data.audiences(study) if one.name == "B")
    view = data.view(seconds, whose, "valence")
    numbers = {one.label: one.value for one in app.metric}
    assert numbers["Mean"] == units.say("valence", view.response.numbers["mean"].value)
    assert "Scene by scene" in [one.value for one in app.subheader]
    assert any("simulated" in one.value.lower() for one in app.info)


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ("Sessions", "All 48 sessions count"),
        ("Film", "Import from CSV"),
        ("Links", "First say what they will watch"),
    ],
)
def test_every_view_of_a_study_is_drawn(
    demo_pages: Store, study: Study, view: str, said: str
) -> None:
    app = open_page("study", id=study.study_id, view=view)
    assert not app.exception
    assert not app.error
    assert any(one.value.startswith(said) for one in (*app.subheader, *app.info))
    assert not app.metric


def test_a_study_that_is_not_there_leads_back_to_the_list(demo_pages: Store) -> None:
    app = open_page("study", id="nothing")
    assert not app.exception
    assert app.title[0].value == "This study is not here"


def test_what_a_popover_holds_is_drawn_when_it_is_opened(demo_pages: Store, study: Study) -> None:
    app = open_page("study", id=study.study_id)
    closed = {one.label for one in app.selectbox}
    assert "Smallest group shown" not in closed
    for key in ("study-export", "definitions", "edit"):
        app.session_state[key] = True
    app.run()
    assert not app.exception
    assert "Smallest group shown" in {one.label for one in app.selectbox}
    assert "Save" in {one.label for one in app.button}
    assert any("**Engagement**" in one.value for one in app.markdown)
