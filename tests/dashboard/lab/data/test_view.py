"""The Data page, run by Streamlit itself."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from dashboard.lab.data import data as data_sets
from dashboard.lab.data import practice
from fer_core.home import Home
from fer_core.storage import Store
from fer_core.training.datasets import load
from fer_core.training.practice.data import write_practice
from tests.dashboard.pages import open_page
from tests.training.sets import some_faces, write_csv


def test_where_there_is_no_data_set_it_says_how_one_comes(empty_home: Home) -> None:
    app = open_page("data")
    assert not app.exception
    assert not app.error
    assert app.title[0].value == "Data"
    assert "Add the data set" in [one.label for one in app.button]


def test_a_data_set_that_was_added_is_shown_and_can_be_taken_off(
    empty_home: Home, store: Store, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "faces.csv", (some_faces(14), "Training"))
    data_sets.add_path(store, str(path))
    app = open_page("data")
    assert not app.exception
    assert [one.value for one in app.subheader] == ["faces\\.csv", "Add a data set"]
    next(one for one in app.button if one.key == "remove-set").click().run()
    assert not app.exception
    assert not data_sets.known(store)
    assert path.exists()


def test_one_button_draws_faces_and_queues_mistakes_and_a_practice_model(
    empty_home: Home, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(practice, "write_practice", partial(write_practice, each=5))
    job_id = practice.begin(store)
    path = practice.place(empty_home)
    assert load(path).practice
    queued = {job.kind: job for job in store.jobs.list()}
    assert set(queued) == {"look", "evaluate", "train"}
    assert queued["evaluate"].spec["data"] == str(path)
    assert (queued["train"].job_id, queued["train"].title) == (job_id, "practice")
    app = open_page("data")
    assert not app.exception
    assert app.subheader[0].value == "Practice faces"
    practice.begin(store)  # a second one does not take the first one's name, nor draw again
    assert {job.title for job in store.jobs.list(kind="train")} == {"practice", "practice-2"}
    assert len(data_sets.known(store)) == 1
    data_sets.remove(empty_home, store, data_sets.known(store)[0].data_id)
    assert not path.exists()


@pytest.mark.parametrize("page", ["data", "mistakes", "train"])
def test_where_there_are_no_faces_it_offers_to_draw_some(empty_home: Home, page: str) -> None:
    app = open_page(page)
    assert not app.exception
    assert "Practise on drawn faces" in [one.label for one in app.button]
