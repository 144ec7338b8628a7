"""The Inside page, run by Streamlit itself."""

from __future__ import annotations

from dashboard.lab.inside.view import BY_RULE
from fer_core.home import Home
from tests.dashboard.pages import open_page
from tests.lab import Lab


def test_without_a_photograph_it_says_what_becomes_of_one(empty_home: Home) -> None:
    app = open_page("inside")
    assert not app.exception
    assert app.title[0].value == "Inside"
    assert any("never written" in one.value for one in app.caption)


def test_a_face_of_a_data_set_goes_through_the_model(lab_pages: Lab) -> None:
    data = str(lab_pages.data)
    app = open_page("inside", network="rapt-1", data=data, item="publictest/000003")
    assert not app.exception
    assert not app.error
    assert app.number_input[0].value == 3


def test_an_architecture_without_weights_has_nothing_inside_to_see(empty_home: Home) -> None:
    app = open_page("inside", network="elu3")
    assert not app.exception
    assert "no trained weights here" in app.info[0].value


def test_handcrafted_features_are_shown_of_the_same_face(lab_pages: Lab) -> None:
    data = str(lab_pages.data)
    app = open_page("inside", network=BY_RULE, data=data, item="publictest/000003")
    assert not app.exception
    assert any("numbers computed by rule" in one.value for one in app.caption)
