"""Faces from photographs, recordings and those that were kept."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from dashboard.lab.inside import data as inside
from dashboard.lab.inside import faces
from fer_core.errors import DataError, FaceError
from fer_core.home import Home
from fer_core.storage import open_store
from fer_core.types import CropSpec
from fer_core.zoo import find_model
from tests.dashboard.simulated import plant
from tests.e2e.films import room_film
from tests.networks import with_networks
from tests.storage.kept import seen
from tests.storage.kept import write as write_kept


def a_photograph() -> bytes:
    picture = cv2.cvtColor(astronaut()[:300], cv2.COLOR_RGB2BGR)
    return cv2.imencode(".png", picture)[1].tobytes()


def test_a_photograph_goes_through_detector_crop_and_model(home: Home, face_networks: Path) -> None:
    home.root.mkdir(parents=True, exist_ok=True)
    with_networks(home, face_networks)
    (face,) = faces.from_photograph(home, a_photograph(), "astronaut.png")
    card = find_model("rapt-1", home).card
    crop = face.crop(card.crop)
    assert crop.shape == (48, 48)
    answer = inside.read(home, "rapt-1", crop)
    assert answer.guess == "happiness"
    assert answer.seven["happy"] > 0.5
    assert sum(answer.own.values()) == pytest.approx(1, abs=1e-4)
    assert face.rgb is not None
    assert face.context.size < face.rgb.size / 2  # the face's surroundings, not all of it
    with pytest.raises(DataError, match=r"is no picture.*Models are never loaded"):
        faces.from_photograph(home, b"PK\x03\x04 a model", "model.keras")
    blank = np.full((200, 200, 3), 90, np.uint8)
    with pytest.raises(FaceError, match="No face was found"):
        faces.faces_in(home, blank, "wall.png")


def test_faces_come_from_a_recording_that_is_there_and_from_faces_that_were_kept(
    home: Home, face_networks: Path, tmp_path: Path
) -> None:
    home.root.mkdir(parents=True, exist_ok=True)
    with_networks(home, face_networks)
    film = room_film(tmp_path / "room.mp4", seconds=2, viewers=2)
    there = plant(home, "There", seconds=2, viewers=2, rate=10, path=str(film))
    gone = plant(home, "Gone", seconds=2, viewers=1, rate=10, path=str(tmp_path / "none.mp4"))
    write_kept(home, [seen(0, 0.4), seen(60, 0.7)], session_id="skept")
    with open_store(home, look_after=False) as store:
        store.sync()
        listed = {one.session_id for one in faces.sessions_with_faces(home, store)}
        assert there in listed
        assert gone not in listed
        found = faces.from_recording(home, store, there, str(film), 1000)
    assert [face.name for face in found] == ["0:01, face 1", "0:01, face 2"]
    assert found[0].crop(CropSpec()).std() > 20
    assert faces.kept(home, "skept") == ["viewer 0 at 0:00", "viewer 0 at 0:02"]
    face = faces.from_kept(home, "skept", 1)
    assert face.crop(CropSpec()).shape == (48, 48)
    assert face.grey[0, 0] == 60
    with pytest.raises(DataError, match="no longer kept"):
        faces.from_kept(home, "skept", 2)
