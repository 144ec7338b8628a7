"""The study's page by answers: groups, filters, the view «Answers», and Compare by an answer."""

from __future__ import annotations

from dashboard.state import app_state
from fer_core.home import Home
from fer_core.studies.demo import plant_demo
from tests.course.answering import answer_all
from tests.dashboard.pages import open_page
from tests.studies.conftest import a_few


def test_a_study_is_read_by_answers(empty_home: Home) -> None:
    store = app_state().store
    study, _ = plant_demo(store, study=a_few(6))
    answer_all(store, study)
    page = open_page("study", id=study)
    assert not page.exception
    page.selectbox(key="viewers").select("All viewers").run()
    page.selectbox(key="by").select("has a dog").run()
    assert not page.exception
    shown = " ".join(one.value for one in page.get("html"))
    assert "has a dog: yes" in shown
    assert "has a dog: no" in shown
    page = open_page("study", id=study, view="Answers")
    assert not page.exception
    shown = " ".join(one.value for one in page.get("html"))
    assert "How did you like it?" in shown
    assert "under 40 respondents" in shown
    page = open_page("compare", study=study, kind="has a dog")
    assert not page.exception
    assert "yes" in " ".join(one.value for one in page.get("html"))
