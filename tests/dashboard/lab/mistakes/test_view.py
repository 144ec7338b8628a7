"""The Mistakes page, run by Streamlit itself."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.lab.mistakes import places
from dashboard.lab.mistakes.view import DOUBTS
from dashboard.lab.models.figures import evaluations
from dashboard.lab.models.slices import in_slice
from fer_core.evaluation.face_map import FaceMap, path_of
from fer_core.evaluation.label_errors import doubts_of
from fer_core.home import Home
from fer_core.jobs import face_cache
from fer_core.zoo.model_store import find_model
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


def words(app: AppTest) -> str:
    return " ".join(one.value for one in app.main if one.type == "html")


def test_doubtful_labels_an_area_and_a_slice_narrow_the_gallery_down(lab_pages: Lab) -> None:
    (figures,) = evaluations(lab_pages.store, "one")
    assert figures.evaluation_id is not None
    here = {"evaluation": figures.evaluation_id}
    answers = lab_pages.store.evaluations.predictions(figures.evaluation_id, sort="item")
    suspects = int(doubts_of(answers)["suspect"].sum())
    assert f"{suspects} faces of 70 have a label" in words(
        open_page("mistakes", **here, shown=DOUBTS)
    )

    app = open_page("mistakes", **here, slice="dark")
    dark = in_slice(lab_pages.home, lab_pages.store, figures, "dark")
    wrong = int((answers["item"].isin(dark) & (answers["truth"] != answers["guess"])).sum())
    assert len(dark) == 7
    assert f"{wrong} face" in words(app)
    assert "on the tenth darkest" in words(app)
    assert "Show all again" in [one.label for one in app.button]

    app = open_page("mistakes", **here, area="0,0;1,0;1,1")
    assert "no map of these faces" in app.error[0].value
    app = open_page("mistakes", **here, view="Map")
    assert "There is no map of these faces yet" in app.caption[-1].value


def test_the_faces_of_an_area_are_those_that_the_map_has_there(lab_pages: Lab) -> None:
    (figures,) = evaluations(lab_pages.store, "one")
    weights = find_model("one", lab_pages.home).card.files["keras"].sha256
    key = face_cache.fingerprint(figures.data)
    assert key is not None
    path = path_of(lab_pages.home.cache, weights, key, "publictest")
    points = np.column_stack([np.arange(70) / 70, np.full(70, 0.5)]).astype(np.float32)
    FaceMap(weights, key, "publictest", np.arange(70, dtype=np.int32), points, 0.3).write(path)
    try:
        here = {"evaluation": figures.evaluation_id or ""}
        app = open_page("mistakes", **here, area="0,0;0.28,0;0.28,1;0,1")
        assert not app.error
        assert "20 faces in the area of the map" in words(app)
        app = open_page("mistakes", **here, view="Map")
        assert not app.exception
        assert "30 % of their variance" in words(app)
        found = places.map_of(lab_pages.home, figures)
        assert found is not None
        shown = places.on_map(lab_pages.store, figures, found)
        assert shown["item"].tolist() == [f"publictest/{k:06d}" for k in range(70)]
        assert shown["x"].to_numpy() == pytest.approx(points[:, 0])
    finally:
        path.unlink()
