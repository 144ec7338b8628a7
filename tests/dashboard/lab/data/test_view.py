"""The Data page, run by Streamlit itself."""

from __future__ import annotations

from pathlib import Path

from dashboard.lab.data import data as data_sets
from fer_core.home import Home
from fer_core.storage import Store
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
