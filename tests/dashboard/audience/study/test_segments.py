"""The study's page by answers: groups, filters, the view «Answers», and Compare by an answer."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.shared import export_menu
from dashboard.state import app_state
from fer_core.home import Home
from fer_core.studies.demo import plant_demo
from tests.course.answering import answer_all
from tests.dashboard.pages import open_page
from tests.studies.conftest import a_few


def test_a_study_is_read_by_answers(empty_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
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

    handed: list[Any] = []
    monkeypatch.setattr(
        export_menu, "download_button", lambda *_, data, **__: handed.append(data.args)
    )
    page.run()
    _, whole, _, options = handed.pop()
    assert (options.by, whole.sessions_left_aside) == ("has a dog", False)
    page.multiselect(key=f"only-{study}").select("has a dog=yes")
    page.selectbox(key="by").select("").run()
    assert not page.exception
    _, narrowed, _, options = handed[0]
    assert options.by is None
    assert {narrowed.attributes["has a dog"][key] for key in narrowed.counted["session_id"]} == {
        ("yes",)
    }
    assert 0 < len(narrowed.counted) < len(whole.counted)
    page.session_state["study-export"] = True
    page.run()
    assert all(args[1].stamp == narrowed.stamp for args in handed), "every file is of those"
    assert any(one.value.startswith("Of the viewers who are shown") for one in page.caption)
    monkeypatch.undo()
    page = open_page("study", id=study, view="Answers")
    assert not page.exception
    shown = " ".join(one.value for one in page.get("html"))
    assert "How did you like it?" in shown
    assert "under 40 respondents" in shown
    page = open_page("compare", study=study, kind="has a dog")
    assert not page.exception
    assert "yes" in " ".join(one.value for one in page.get("html"))
