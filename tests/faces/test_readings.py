"""Which frames and faces are read, and that nothing but a frame's time decides it."""

from __future__ import annotations

import numpy as np
import pytest

from fer_core.faces.mtcnn import MtcnnDetector
from fer_core.faces.readings import EYES_HZ, FaceReader
from fer_core.measures import READINGS
from fer_core.types import Bytes, Faces, Frame

from .conftest import Framer

GOOD = np.array([True])


@pytest.fixture(scope="module")
def reader() -> FaceReader:
    return FaceReader()


@pytest.fixture(scope="module")
def picture(astronaut: Bytes, as_frame: Framer) -> Frame:
    return as_frame(astronaut)


@pytest.fixture(scope="module")
def face(detector: MtcnnDetector, picture: Frame) -> Faces:
    return detector.detect(picture)


def at(picture: Frame, t_ms: int) -> Frame:
    return Frame(0, t_ms, picture.rgb, picture.grey)


def test_a_film_of_thirty_frames_is_read_sixteen_times_a_second(
    reader: FaceReader, picture: Frame, face: Faces
) -> None:
    times = [round(1000 * i / 30) for i in range(31)]
    readings = [
        reader.read(at(picture, t), face, GOOD, before)[0]
        for before, t in zip([None, *times], times)
    ]
    eyes = np.isfinite([row[0] for row in readings])
    mesh = np.isfinite([row[6] for row in readings])
    assert eyes[:30].sum() == 16
    assert mesh[:30].sum() == 8
    assert (eyes | ~mesh).all()
    assert all(np.isfinite(row[:6]).all() == seen for row, seen in zip(readings, eyes))


@pytest.mark.parametrize("fps", [2, 10, 15])
def test_no_frame_of_a_slow_film_is_left_out(fps: int) -> None:
    slots = [round(1000 * i / fps) * EYES_HZ // 1000 for i in range(20 * fps)]
    assert len(set(slots)) == len(slots)


def test_sparse_frames_are_all_read(reader: FaceReader, picture: Frame, face: Faces) -> None:
    found = reader.read(at(picture, 5500), face, GOOD, 5000)
    assert found.shape == (1, len(READINGS))
    assert np.isfinite(found).all()


def test_small_unusable_and_unmarked_faces_are_not_read(
    reader: FaceReader, picture: Frame, face: Faces
) -> None:
    small = face.scaled(0.4)
    unmarked = Faces(face.boxes, face.scores, np.full_like(face.landmarks, np.nan))
    faces = Faces.join([small, face, unmarked, face])
    found = reader.read(picture, faces, np.array([True, False, True, True]), None)
    assert np.isnan(found[:3]).all()
    assert np.isfinite(found[3]).all()
    assert reader.read(picture, Faces.empty(), np.zeros(0, bool), None).shape == (0, len(READINGS))
