"""The Mistakes page, run by Streamlit itself."""

from __future__ import annotations

from dashboard.lab.models.figures import evaluations
from fer_core.home import Home
from tests.dashboard.pages import open_page
from tests.lab import Lab


def test_where_nothing_was_evaluated_it_offers_to(empty_home: Home) -> None:
    app = open_page("mistakes")
    assert not app.exception
    assert "Evaluate a model" in [one.label for one in app.button]


def test_the_faces_behind_a_cell_are_shown(lab_pages: Lab) -> None:
    (figures,) = evaluations(lab_pages.store, "one")
    assert figures.evaluation_id is not None
    app = open_page("mistakes", evaluation=figures.evaluation_id, truth="fear")
    assert not app.exception
    assert not app.error
    assert app.selectbox(key="evaluation").value == figures.evaluation_id
    assert app.selectbox(key="truth").value == "fear"
    row = figures.scores.confusion[figures.scores.labels.index("fear")]
    wrong = row.sum() - row[figures.scores.labels.index("fear")]
    said = " ".join(one.value for one in app.main if one.type == "html")
    assert f"{wrong} faces labelled fear and read as something else" in said
