"""The question what a study is for, on its pages and without a browser."""

from __future__ import annotations

import pytest

from dashboard.state import app_state
from fer_core.access.purpose import FORBIDDEN, Purpose
from fer_core.home import Home
from fer_core.storage.studies import AddStudy
from tests.dashboard.pages import open_page


@pytest.mark.parametrize(("page", "parameter"), [("study", "id"), ("setup", "study")])
def test_a_study_is_asked_once_what_it_is_for(empty_home: Home, page: str, parameter: str) -> None:
    store = app_state().store
    study = store.run(AddStudy(name="Spring spot"))
    app = open_page(page, **{parameter: study})
    assert not app.exception
    assert app.selectbox(key="purpose").value is None, "none is chosen beforehand"
    app.selectbox(key="purpose").select(Purpose.MEDIA).run()
    assert not app.exception
    stated = store.studies.purpose(study)
    assert stated is not None
    assert stated.purpose is Purpose.MEDIA
    again = open_page(page, **{parameter: study})
    assert "purpose" not in [one.key for one in again.selectbox]


def test_work_is_declined_until_an_exception_and_a_reason_are_named(empty_home: Home) -> None:
    store = app_state().store
    study = store.run(AddStudy(name="Meeting"))
    app = open_page("setup", study=study)
    app.selectbox(key="purpose").select(Purpose.WORK).run()
    assert FORBIDDEN in [one.value for one in app.warning]
    keep = next(one for one in app.button if one.label == "Keep this purpose")
    keep.click().run()
    assert FORBIDDEN in app.error[0].value
    assert store.studies.purpose(study) is None
    next(one for one in app.radio if one.label.startswith("Does one")).set_value(Purpose.SAFETY)
    next(one for one in app.text_area if one.label.startswith("The reason")).set_value("Cranes")
    next(one for one in app.button if one.label == "Keep this purpose").click().run()
    stated = store.studies.purpose(study)
    assert stated is not None
    assert (stated.exception, stated.reason) == (Purpose.SAFETY, "Cranes")


def test_nobody_is_asked_about_simulated_viewers(empty_home: Home) -> None:
    study = app_state().store.run(AddStudy(name="Demo", simulated=True))
    app = open_page("setup", study=study)
    assert "purpose" not in [one.key for one in app.selectbox]
