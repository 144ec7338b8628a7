"""The page Set up, run by Streamlit itself."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from fer_core.home import Home
from fer_core.storage import open_store
from fer_core.storage.studies import AddStudy
from tests.dashboard.pages import open_page, served
from tests.dashboard.simulated import plant


@pytest.fixture
def spot(home: Home) -> str:
    """A study of four recordings whose names say who watched what."""
    with open_store(home, look_after=False) as store:
        study = store.run(AddStudy(name="Spot", conditions=("A", "B")))
        for name in ("R01_A", "R02_B", "R03_A", "R04_B"):
            plant(home, name, seconds=4, viewers=1, study="Spot")
        store.sync()
    return study


def said(app: AppTest) -> str:
    """What the third step says of the recordings, as it is read."""
    lines = [one.value.replace("\\", "") for one in app.markdown]
    return next(line for line in lines if "recordings: " in line)


def test_the_steps_lead_from_the_film_to_who_watched_what(
    home: Home, spot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(home, monkeypatch):
        app = open_page("setup", study=spot)
        assert not app.exception
        assert app.title[0].value == "Spot"
        for step in ("recordings", "who watched what"):
            next(one for one in app.button if one.label == f"Next: {step}").click().run()
            assert not app.exception
        assert said(app) == "**4 recordings: 4 without a condition**"


def test_a_press_is_not_undone_by_a_browser_that_has_not_heard_of_it(
    home: Home, spot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def step(app: AppTest) -> str:
        return str(next(one.label for one in app.button if one.label[:2] == "**")).strip("*")

    with served(home, monkeypatch):
        app = open_page("setup", study=spot)
        next(one for one in app.button if one.label == "Next: recordings").click().run()
        assert (step(app), app.query_params["step"]) == ("Recordings", "Recordings")
        app.query_params["step"] = "Film"  # as a file that arrives meanwhile brings it along
        app.run()
        assert (step(app), app.query_params["step"]) == ("Recordings", "Recordings")
        app.query_params["step"] = "Film"  # the browser's «back»
        monkeypatch.setattr("dashboard.audience.setup.view.came_by_address", lambda name: True)
        app.run()
        assert step(app) == "Film"
        # the queue's rows come and go below the buttons, which stay under the hand
        app = open_page("setup", study=spot, step="Recordings")
        drawn = [getattr(one, "label", "") or getattr(one, "value", "") for one in app.main]
        (queue,) = [at for at, one in enumerate(drawn) if str(one).startswith("Recordings that")]
        assert drawn.index("Open the study") < queue


def test_names_are_read_by_example_shown_and_then_assigned(
    home: Home, spot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(home, monkeypatch):
        app = open_page("setup", study=spot, step="Who watched what")
        assert not app.exception
        shown = app.dataframe[0].value
        assert shown["Condition"].tolist() == ["A", "B", "A", "B"]
        assert shown["Respondent"].tolist() == ["R01", "R02", "R03", "R04"]
        assert "4 of 4 names read like this:" in [one.value for one in app.caption]
        next(one for one in app.button if one.label == "Assign 4 recordings").click().run()
        assert not app.exception
        assert said(app) == "**4 recordings: 2 in A, 2 in B**"


def test_names_are_read_by_what_comes_later_too(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(home, look_after=False) as store:
        study = store.run(AddStudy(name="Spot", conditions=("A", "B")))
        plant(home, "R01_A", seconds=2, viewers=1, study="Spot")
        store.sync()
        with served(home, monkeypatch):
            app = open_page("setup", study=study, step="Who watched what")
            assert [one.value for one in app.selectbox if one.label.endswith(" is")] == [None] * 2
            for name in ("R02_B", "R03_A", "R04_B"):
                plant(home, name, seconds=2, viewers=1, study="Spot")
            store.sync()
            app.run()
            assert not app.exception
            assert "4 of 4 names read like this:" in [one.value for one in app.caption]
            boxes = {one.label: one for one in app.selectbox}
            boxes["Respondent is"].set_value(2).run()
            plant(home, "R05_A", seconds=2, viewers=1, study="Spot")
            store.sync()
            app.run()
            boxes = {one.label: one for one in app.selectbox}
            assert boxes["Respondent is"].value == 2  # a person's word stands before the guess
            assert app.dataframe[0].value["Respondent"].tolist()[-1] == "05"


def test_rows_of_a_csv_are_assigned_and_wrong_ones_named(
    home: Home, spot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(home, monkeypatch):
        app = open_page("setup", study=spot, step="Who watched what", way="From a CSV file")
        text = "recording,respondent,condition\nR01_A,Ann,A\nR09,Bob,B\n"
        app.file_uploader[0].set_value(("people.csv", text.encode(), "text/csv")).run()
        assert not app.exception
        assert "Line 3: there is no recording «R09» here." in app.warning[0].value.replace("\\", "")
        next(one for one in app.button if one.label == "Assign 1 recording").click().run()
        assert said(app) == "**4 recordings: 1 in A, 3 without a condition**"


def test_without_a_study_it_leads_to_all_of_them(empty_home: Home) -> None:
    app = open_page("setup", study="gone")
    assert not app.exception
    assert app.title[0].value == "This study is not here"
