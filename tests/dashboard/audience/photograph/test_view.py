"""A photograph's page, run by Streamlit itself, and what it says of faces."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from dashboard.audience.photograph import data, html
from dashboard.state import app_state
from fer_core.home import Home
from fer_core.measures import measure_versions
from fer_core.storage.sessions import AssignSession, IncludeSession
from fer_core.storage.studies import AddStudy
from fer_core.storage.timeline.viewers import EditKind, EditViewer
from fer_core.studies.membership import load_study
from tests.dashboard.pages import open_page
from tests.dashboard.simulated import plant


def plant_photograph(home: Home, path: Path | None, viewers: int = 3, **session: object) -> str:
    session_id = plant(
        home, "Team at lunch", seconds=1, rate=1, viewers=viewers, away=None,
        path=None if path is None else str(path),
        info={"width": 600, "height": 320, "is_picture": True}, **session,
    )  # fmt: skip
    app_state().store.sync()
    return session_id


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "team.jpg"
    cv2.imwrite(str(path), np.full((320, 600, 3), 128, np.uint8))
    return path


@pytest.mark.parametrize("name", ["photograph", "session", "replay"])
def test_every_address_of_a_photograph_leads_to_its_page(
    empty_home: Home, picture: Path, name: str
) -> None:
    session_id = plant_photograph(empty_home, picture)
    app = open_page(name, **{"session" if name == "replay" else "id": session_id})
    assert not app.exception
    assert app.title[0].value == "Team at lunch"
    assert "Every face" in [one.value for one in app.subheader]
    assert {"Rename", "Delete"} <= {one.label for one in app.button} | {"Rename"}


def test_a_face_is_a_box_and_a_row_with_what_was_read(empty_home: Home, picture: Path) -> None:
    session_id = plant_photograph(empty_home, picture)
    store = app_state().store
    store.run(EditViewer(session_id=session_id, kind=EditKind.RENAME, viewer=2, name="Ada <b>"))
    page = data.load(store, session_id)
    assert page is not None
    assert [face.label for face in page.faces] == ["1", "Ada <b>", "3"]
    rows = store.timeline.rows(session_id)
    assert [face.emotion for face in page.faces] == rows["emotion"].tolist()
    assert sum(page.faces[0].probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert page.shares.sum() == pytest.approx(1)
    drawn = html.picture(page, "/clip/x", "said") + html.faces(page, "/clip/x")
    assert drawn.count("rapt-box") == 3
    assert "Ada &lt;b&gt;" in drawn
    assert "left:16.67%;top:25.00%;width:15.00%;height:28.12%" in drawn


def test_a_picture_that_is_gone_leaves_its_boxes(empty_home: Home, tmp_path: Path) -> None:
    session_id = plant_photograph(empty_home, tmp_path / "deleted.jpg")
    page = data.load(app_state().store, session_id)
    assert page is not None
    assert page.file is None
    drawn = html.picture(page, "", "said")
    assert "no longer here" in drawn
    assert drawn.count("rapt-box") == 3
    assert not open_page("photograph", id=session_id).exception


def test_a_photograph_is_out_of_a_study_unless_asked(empty_home: Home, picture: Path) -> None:
    session_id = plant_photograph(empty_home, picture)
    store = app_state().store
    study = store.run(AddStudy(name="Spot"))
    store.run(AssignSession(session_id=session_id, study=study))
    row = load_study(store, study).sessions.iloc[0]
    assert not row["counts"]
    assert row["reason"] == "a photograph, which has no seconds"
    store.run(IncludeSession(session_id=session_id, included=True, reason="the group's own"))
    assert load_study(store, study).sessions.iloc[0]["counts"]


def test_a_recording_is_sent_on_to_its_own_page(empty_home: Home) -> None:
    session_id = plant(empty_home, "A film", seconds=5)
    app_state().store.sync()
    app = open_page("photograph", id=session_id)
    assert not app.exception
    assert "Quality and how it was made" in [one.value for one in app.subheader]


def test_movements_are_said_with_what_they_are_held_against(
    empty_home: Home, picture: Path
) -> None:
    session_id = plant_photograph(empty_home, picture, versions=measure_versions())
    page = data.load(app_state().store, session_id)
    assert page is not None
    moved = {"smile": 0.62, "mouth_open": 0.81, "brows_up": 0.1}
    shown = replace(page, faces=(replace(page.faces[0], movements=moved), *page.faces[1:]))
    drawn = html.faces(shown, "")
    assert "mouth open 0.81, smile 0.62" in drawn
    assert "brows up" not in drawn
    assert "not known" in drawn
    said = [one.value for one in open_page("photograph", id=session_id).caption]
    assert any("most people's" in one for one in said)
    earlier = plant_photograph(empty_home, picture)
    assert not any(
        "most people's" in one.value for one in open_page("photograph", id=earlier).caption
    )
