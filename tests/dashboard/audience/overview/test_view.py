"""The overview, run by Streamlit itself."""

from __future__ import annotations

import pytest

from dashboard.shared.queue import jobs
from fer_core.first_run import SAMPLE_NAME, STUDY_JOB, STUDY_TITLE, queue_first_run
from fer_core.home import Home
from fer_core.storage import open_store
from fer_core.storage.jobs import ClaimJob, UpdateJob
from fer_core.types import JobStatus
from tests.dashboard.pages import open_page, served
from tests.dashboard.simulated import Furnished, plant


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
        "Needs a look": "0",
    }
    assert {"Ad test", "Without a study"} == {one.value for one in app.subheader}


def test_what_was_simulated_is_one_row_beside_what_was_filmed(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(home, "made up", seconds=5, viewers=2, study="Demo")
    poor = {"quality": 0.4}
    plant(home, "filmed", seconds=5, viewers=1, model="rapt-1", study="Spot", summary=poor)
    with open_store(home, look_after=False) as store:
        store.sync()
    with served(home, monkeypatch):
        app = open_page()
        assert not app.exception
        assert [one.value for one in app.subheader] == ["Spot"]
        assert app.metric[3].value == "1"
        links = [one.proto.label for one in app.get("page_link")]
        assert "1 simulated session, not counted here" in links
        assert "See the session that needs a look" in links
        assert "made up" not in links


def test_a_new_stores_first_run_is_seen_on_its_way(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(home, look_after=False) as store:  # its owner: the pages start no work
        queue_first_run(store)
        store.run(ClaimJob(job_id=STUDY_JOB))
        store.run(UpdateJob(job_id=STUDY_JOB, fields={"message": "Drawing the film"}))
        with served(home, monkeypatch):
            for page in ("", "analyze"):
                app = open_page(page)
                assert not app.exception
                said = " ".join(one.body for one in app.get("html"))
                assert STUDY_TITLE in said
                assert "Drawing the film" in said
                assert SAMPLE_NAME in said
                assert "Starts next" in said
        store.run(UpdateJob(job_id=STUDY_JOB, status=JobStatus.DONE))
        (sample,) = jobs.timed(jobs.active(store), jobs.over(store))
        assert sample.lasts_s is None  # the study's time says nothing of a recording's
