"""The Mistakes page, run by Streamlit itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.lab.mistakes import places
from dashboard.lab.mistakes.view import DOUBTS
from dashboard.lab.models.figures import Figures, evaluations
from dashboard.lab.models.slices import in_slice
from dashboard.shared.queue.jobs import cancel
from fer_core.errors import DataError
from fer_core.evaluation.face_map import FaceMap, Layout, path_of
from fer_core.evaluation.label_errors import doubts_of
from fer_core.home import Home
from fer_core.jobs import face_cache
from fer_core.types import Float
from fer_core.zoo.model_store import find_model
from tests.dashboard.pages import open_page
from tests.lab import Lab
from tests.umap import with_umap, without_umap

OFFER = "Lay out by UMAP"


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


#: Seventy faces in a row, as the maps of these tests have them.
IN_A_ROW = np.column_stack([np.arange(70) / 70, np.full(70, 0.5)]).astype(np.float32)


@contextmanager
def map_of(lab: Lab, points: Float, kept: float, layout: Layout = Layout.PCA) -> Iterator[Figures]:
    """The figures of an evaluation whose faces have a map for a while."""
    (figures,) = evaluations(lab.store, "one")
    weights = find_model("one", lab.home).card.files["keras"].sha256
    key = face_cache.fingerprint(figures.data)
    assert key is not None
    path = path_of(lab.home.cache, weights, key, "publictest", layout)
    FaceMap(weights, key, "publictest", np.arange(70, dtype=np.int32), points, kept).write(path)
    try:
        yield figures
    finally:
        path.unlink()


def test_the_faces_of_an_area_are_those_that_the_map_has_there(lab_pages: Lab) -> None:
    with map_of(lab_pages, IN_A_ROW, 0.3) as figures:
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
        assert shown["x"].to_numpy() == pytest.approx(IN_A_ROW[:, 0])


def test_an_area_is_of_the_layout_on_which_it_was_drawn(lab_pages: Lab) -> None:
    upright = IN_A_ROW[:, ::-1]
    with map_of(lab_pages, IN_A_ROW, 0.3), map_of(lab_pages, upright, 0.4, Layout.UMAP) as figures:
        left, low = "0,0;0.28,0;0.28,1;0,1", "0,0;1,0;1,0.28;0,0.28"
        for area, faces in (
            (left, 20), (f"pca:{left}", 20), (f"umap:{left}", 0), (f"umap:{low}", 20), (low, 0),
        ):  # fmt: skip
            assert len(places.in_area(lab_pages.home, figures, area)) == faces
        here = {"evaluation": figures.evaluation_id or ""}
        app = open_page("mistakes", **here, area=f"umap:{low}", layout="umap")
        assert "20 faces in the area of the map" in words(app)
        app = open_page("mistakes", **here, view="Map", layout="tsne")
        assert "30 % of their variance" in words(app)
        app.segmented_control(key="layout").set_value(Layout.UMAP).run()
        assert "40 % are among its nearest here" in words(app)
        assert app.query_params["layout"] == "umap"


def test_a_damaged_map_can_be_asked_for_again(
    lab_pages: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    with map_of(lab_pages, IN_A_ROW, 0.3), map_of(lab_pages, IN_A_ROW, 0.4, Layout.UMAP) as figures:
        (path,) = (lab_pages.home.cache / "maps").glob("*-umap-*")
        path.write_bytes(path.read_bytes()[:-9])
        with_umap(monkeypatch)
        app = open_page("mistakes", evaluation=figures.evaluation_id or "", view="Map")
        assert OFFER in [one.label for one in app.button]
        assert "30 % of their variance" in words(app)
        with pytest.raises(DataError, match="no map of these faces any more"):
            places.in_area(lab_pages.home, figures, "umap:0,0;1,0;1,1;0,1")


def test_a_map_by_umap_is_offered_or_what_it_needs_is_said(
    lab_pages: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    with map_of(lab_pages, IN_A_ROW, 0.3) as figures:
        here = {"evaluation": figures.evaluation_id or "", "view": "Map"}
        without_umap(monkeypatch)
        app = open_page("mistakes", **here)
        assert OFFER not in [one.label for one in app.button]
        assert "pip install 'rapt[umap]'" in app.caption[-1].value
        with_umap(monkeypatch)
        app = open_page("mistakes", **here)
        assert "40 s for 70 faces, in the queue" in app.caption[-1].value
        next(one for one in app.button if one.label == OFFER).click().run()
        assert not app.exception
        (job,) = lab_pages.store.jobs.list(kind="map")
        assert job.spec == {"evaluation": figures.evaluation_id}
        assert OFFER not in [one.label for one in app.button], "it is on its way"
        assert "Map of one on set.csv" in words(app)
        cancel(lab_pages.store, job.job_id)
