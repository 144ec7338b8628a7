"""The pages Models and Model, run by Streamlit itself."""

from __future__ import annotations

from fer_core.home import Home
from tests.dashboard.pages import open_page
from tests.lab import Lab


def test_every_model_is_a_card(lab_pages: Lab) -> None:
    app = open_page("models")
    assert not app.exception
    assert app.title[0].value == "Models"
    shown = " ".join(one.value for one in app.main if one.type == "html")
    assert "in use" in shown


def test_two_models_are_compared_on_the_faces_that_both_read(lab_pages: Lab) -> None:
    app = open_page("models", view="Compare", **{"model-a": "one", "model-b": "two"})
    assert not app.exception
    assert not app.error
    assert "Side by side" in [one.value for one in app.subheader]
    assert any("McNemar's test" in one.value for one in app.caption)


def test_a_model_is_shown_with_the_figures_of_its_evaluation(lab_pages: Lab) -> None:
    app = open_page("model", id="one")
    assert not app.exception
    assert app.title[0].value == "one"
    (measured_on,) = (one for one in app.selectbox if one.label == "On")
    assert measured_on.options == ["set.csv, PublicTest: 70 faces"]
    assert "Copies of training faces" in [one.value for one in app.subheader]


def test_a_model_that_is_not_there_leads_back_to_all(empty_home: Home) -> None:
    app = open_page("model", id="nobody")
    assert not app.exception
    assert app.title[0].value == "This model is not here"
