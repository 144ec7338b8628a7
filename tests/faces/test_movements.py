"""Signs of movements on a photograph of a smiling astronaut, and on the same one changed."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from fer_core.faces.eyes import EyeReader
from fer_core.faces.mesh import FaceMesh
from fer_core.faces.movements import MovementReader
from fer_core.faces.mtcnn import MtcnnDetector
from fer_core.measures import SIGNS
from fer_core.types import Bytes, Faces, Float

from .conftest import Framer

Read = Callable[[Bytes], Float]


@pytest.fixture(scope="module")
def read(detector: MtcnnDetector, as_frame: Framer) -> Read:
    mesh, eyes, movements = FaceMesh(), EyeReader(), MovementReader()

    def signs(rgb: Bytes) -> Float:
        frame = as_frame(np.ascontiguousarray(rgb))
        face = detector.detect(frame)[:1]
        points, _ = mesh.read(frame.grey, face)
        return movements.read(frame.grey, points, eyes.read(frame.grey, face.landmarks))[0]

    return signs


def test_she_smiles_and_does_not_frown(read: Read, astronaut: Bytes) -> None:
    signs = dict(zip(SIGNS, read(astronaut), strict=True))
    assert signs["smile_sign"] > 0.6
    assert signs["brows_drawn_sign"] < 0.4
    assert 0.1 < signs["lips"] < 0.4


def test_size_side_and_lean_change_little(read: Read, astronaut: Bytes) -> None:
    signs = read(astronaut)
    larger = cv2.resize(astronaut, None, fx=1.7, fy=1.7, interpolation=cv2.INTER_CUBIC)
    turn = cv2.getRotationMatrix2D((224, 120), 12, 1.0)
    leaning = cv2.warpAffine(astronaut, turn, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    for changed in (larger, astronaut[:, ::-1], leaning):
        assert np.abs(read(changed) - signs).max() < 0.4


def test_nobody_has_no_signs() -> None:
    nobody = Faces.empty()
    grey = np.zeros((64, 64), np.uint8)
    points, _ = FaceMesh().read(grey, nobody)
    eyes = EyeReader().read(grey, nobody.landmarks)
    assert MovementReader().read(grey, points, eyes).shape == (0, len(SIGNS))
