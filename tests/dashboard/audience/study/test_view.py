"""The page Study, run by Streamlit itself."""

from __future__ import annotations

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

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


def test_two_conditions_are_answered_as_on_compare_and_drawn_as_two_lines(
    demo_pages: Store, study: Study, seconds: pd.DataFrame
) -> None:
    app = open_page("study", id=study.study_id)
    assert not app.exception
    assert not app.error
    compare = open_page("compare", study=study.study_id)

    def sentences(page: AppTest) -> list[str]:
        return [
            one.body for one in page.get("html") if one.body.startswith('<div class="rapt-sentence')
        ]

    assert sentences(app) == sentences(compare)
    assert "B held attention better and engaged more from 0:12 to 0:19" in sentences(app)[0]
    assert not app.metric
    (table,) = [one.body for one in app.get("html") if "Engagement by audience" in one.body]
    for name in ("A", "B"):
        numbers = data.view(seconds, data.choices(study)[name][0], "engagement").response.numbers
        assert f"<td>{units.say('engagement', numbers['mean'].value)} <small></small></td>" in table
    moments = [
        one.body for one in app.get("html") if one.body.startswith('<div class="rapt-moments')
    ]
    assert len(moments) == 2
    assert all(one.count('role="listitem"') == 6 for one in moments)
    assert all(one.count('href="replay?session=') == 6 for one in moments)
    assert {"Compare", "Recommend"} <= {one.label for one in app.button}
    # pooled only on request
    pooled = open_page("study", id=study.study_id, viewers="All viewers")
    assert len(pooled.metric) == 4
    assert "Engagement peaks at 0:25. Mean" in sentences(pooled)[0]


def test_sessions_without_a_film_are_warned_of(
    demo_pages: Store, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not open_page("study", id=study.study_id).warning
    monkeypatch.setattr(Study, "without_film", 3)
    (warning,) = open_page("study", id=study.study_id).warning
    assert warning.value.startswith("3 of 48 sessions name no stimulus: their seconds may not be")


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
