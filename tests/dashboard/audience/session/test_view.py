"""The session's page, run by Streamlit itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.state import app_state
from fer_core.home import Home
from fer_core.jobs import queue
from fer_core.jobs.analysis import begin_session
from fer_core.jobs.analysis_spec import AnalysisSpec
from fer_core.jobs.supervisor import Supervisor
from tests.dashboard.pages import open_page
from tests.dashboard.simulated import Furnished, plant
from tests.films import portrait_film


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
    row = furnished_home.store.sessions.get(furnished_home.many)
    numbers = {one.label: one.value for one in app.metric}
    assert numbers["Mean engagement"] == str(round(row.engagement))
    assert numbers["Quality"] == f"{round(100 * row.quality)} %"
    assert numbers["Frames lost"] == "0"
    assert {"Replay", "Recommend", "Delete"} <= {button.label for button in app.button}
    assert "Quality and how it was made" in [one.value for one in app.subheader]


def test_a_session_that_a_killed_command_left_is_resumed_from_its_page(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Supervisor, "start", lambda _self: None)  # nothing is analysed here
    spec = AnalysisSpec.new(portrait_film(tmp_path / "spot.mp4", frames=5))
    begin_session(empty_home, spec, "digest")
    store = app_state().store
    store.sync()
    assert queue.close_analysis_orphans(empty_home, store) == [spec.session_id]
    store.sync()
    app = open_page("session", id=spec.session_id)
    assert not app.exception
    assert any("Resume it to go on" in text.value for text in app.markdown)
    next(button for button in app.button if button.label == "Resume").click().run()
    assert not app.exception
    assert [job.session_id for job in store.jobs.active()] == [spec.session_id]
    labels = [button.label for button in app.button]
    assert "Resume" not in labels
    assert "Cancel" in labels, "the job's own row"


def test_a_quality_of_nothing_is_a_number_and_not_unknown(empty_home: Home) -> None:
    """The rows have usable faces: what the analysis reported is shown all the same."""
    session_id = plant(empty_home, seconds=5, summary={"duration_s": 5.0, "quality": 0.0})
    app_state().store.sync()
    app = open_page("session", id=session_id)
    assert not app.exception
    assert {one.label: one.value for one in app.metric}["Quality"] == "0 %"
