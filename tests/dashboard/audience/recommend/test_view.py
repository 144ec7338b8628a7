"""The page Recommend, run by Streamlit itself."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage.data import astronaut
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from dashboard.state import app_state
from fer_core.home import Home
from fer_core.storage import Store
from tests.dashboard.pages import open_page, served
from tests.dashboard.simulated import Furnished
from tests.long import only_long
from tests.networks import with_networks


def said(app: AppTest) -> str:
    return " ".join(str(one.value) for one in app.markdown) + " ".join(
        str(one.proto.body) for one in app.get("html")
    )


def files_of(home: Home) -> set[Path]:
    return {path for path in home.root.rglob("*") if path.is_file()}


def test_a_photograph_brings_a_look_and_a_list_and_is_not_written(
    home: Home, face_networks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(with_networks(home, face_networks), monkeypatch):
        app = open_page("recommend")
        assert not app.exception
        before = files_of(home)
        content = cv2.imencode(".png", np.ascontiguousarray(astronaut()[..., ::-1]))[1].tobytes()
        app.file_uploader[0].set_value(("me.png", content, "image/png")).run()
        assert not app.exception
        assert not app.error, app.error[0].value
        assert "A bright look: happy leads with" in said(app)
        assert "The rules choose: there are no answers yet." in said(app)
        rows = app_state().store.feedback.list()
        assert len(rows) == 12
        assert len({one.visitor for one in rows}) == 1
        assert rows[0].valence > 0.2
        new = files_of(home) - before
        assert not [path for path in new if content[-2000:] in path.read_bytes()]


def test_a_picture_without_a_face_is_asked_about_and_a_word_will_do(
    home: Home, face_networks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(with_networks(home, face_networks), monkeypatch):
        app = open_page("recommend")
        grey = cv2.imencode(".png", np.full((120, 160, 3), 120, np.uint8))[1].tobytes()
        app.file_uploader[0].set_value(("grey.png", grey, "image/png")).run()
        assert "no face was found" in app.warning[0].value
        assert app_state().store.feedback.list() == []
        app.segmented_control(key="look-word").set_value("tense").run()
        assert "A tense look" in said(app)
        assert len(app_state().store.feedback.list()) == 12


def test_a_session_brings_lists_that_are_its_own(
    furnished_home: Furnished,
) -> None:
    app = open_page("recommend", session=furnished_home.many)
    assert not app.exception
    store = app_state().store
    assert len(store.feedback.list(session_id=furnished_home.many)) == 12
    app.segmented_control(key="policy").set_value("Calm").run()
    assert "goes slower and softer" in said(app).lower()
    assert len({one.list_id for one in store.feedback.list()}) == 2
    before = store.feedback.list()
    button(app, "Another list").click().run()
    assert len(store.feedback.list()) == len(before) + 12


def button(app: AppTest, label: str) -> Button:
    return next(one for one in app.button if one.label == label)


def test_creatives_of_the_demo_study_are_ranked_by_version(demo_pages: Store) -> None:
    app = open_page("recommend", view="For an audience")
    assert not app.exception
    assert "B leads for everybody" in said(app)
    app.selectbox(key="ranked-by").set_value("valence").run()
    assert not app.exception
    assert "valence" in said(app)


def edited() -> None:
    from dashboard.audience.recommend import cached
    from dashboard.audience.recommend.catalogue import item_form

    item_form(cached.catalogue().find("jean-pierre jeunet 2001")[0])


def imported() -> None:
    from dashboard.audience.recommend.catalogue_table import table_form

    table_form()


@only_long
def test_a_title_is_found_edited_removed_and_put_back(empty_home: Home) -> None:
    app = open_page("recommend", view="Catalogue", find="amelie")
    assert "1 title" in [one.value for one in app.caption]
    form = AppTest.from_function(edited).run()
    field = next(one for one in form.text_input if one.label == "Title")
    field.set_value("The Fabulous Destiny of Amélie")
    button(form, "Save").click().run()
    assert "The Fabulous Destiny" in said(app.run())
    button(AppTest.from_function(edited).run(), "Remove").click().run()
    assert "0 titles" in [one.value for one in app.run().caption]
    app.segmented_control(key="catalogue-which").set_value("Removed").run()
    button(app, "Put back").click().run()
    assert app_state().store.catalogue.table()["removed"].to_pylist() == [False]
    form = AppTest.from_function(edited).run()
    button(form, "As it was shipped").click().run()
    assert not len(app_state().store.catalogue.table())


def test_a_table_is_told_of_before_it_is_added(empty_home: Home) -> None:
    head = "medium,title,valence,energy,warmth,tension\n"
    rows = "film,=1+1,0,0.1,0.5,0\nfilm,<b>B</b>,0,0,0,0\nfilm,,0,0,0,0\nfilm,=1+1,0,0,0,0\n"
    app = AppTest.from_function(imported).run()
    content = (head + rows).encode()
    app.file_uploader(key="catalogue-table").set_value(("own.csv", content, "text/csv")).run()
    assert not app.exception
    assert "2 sound rows: 2 new, 0 that replace" in said(app)
    assert "2 rows left out" in app.warning[0].value
    assert list(app.dataframe[0].value["Line"]) == [4, 5]
    assert any("2 titles with a formula or HTML" in one.value for one in app.caption)
    button(app, "Add 2 titles").click().run()
    titles = sorted(app_state().store.catalogue.table()["title"].to_pylist())
    assert titles == ["<b>B</b>", "=1+1"]
