"""Mesh, lids and iris on a photograph, and on the same one changed in known ways."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fer_core.faces.eyes import LOWER, UPPER, EyeReader
from fer_core.faces.mesh import FaceMesh
from fer_core.faces.mtcnn import MtcnnDetector
from fer_core.types import Bytes, Faces, Float

from .conftest import Framer

#: Of the mesh: the mouth's corners, and those of both eyes.
MOUTH, EYE_CORNERS = [61, 291], [[33, 133], [362, 263]]


@pytest.fixture(scope="module")
def mesh() -> FaceMesh:
    return FaceMesh()


@pytest.fixture(scope="module")
def reader() -> EyeReader:
    return EyeReader()


@pytest.fixture(scope="module")
def face(detector: MtcnnDetector, astronaut: Bytes, as_frame: Framer) -> Faces:
    return detector.detect(as_frame(astronaut))


@pytest.fixture(scope="module")
def grey(astronaut: Bytes) -> Bytes:
    return np.asarray(cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY), np.uint8)


def transformed(face: Faces, matrix: Float) -> Faces:
    """The face in a picture that was scaled and moved by a (2, 3) matrix."""
    scale = float(matrix[0, 0])
    boxes = face.boxes * scale
    boxes[:, :2] += matrix[:, 2]
    return Faces(boxes, face.scores, face.landmarks * scale + matrix[:, 2])


def test_mesh_and_eyes_stand_where_the_landmarks_are(
    grey: Bytes, face: Faces, mesh: FaceMesh, reader: EyeReader
) -> None:
    points, sure = mesh.read(grey, face)
    assert sure[0] > 0.99
    eyes = reader.read(grey, face.landmarks)
    apart = np.linalg.norm(face.landmarks[0, 1] - face.landmarks[0, 0])
    for found, expected in (
        (eyes.corners[0].mean(axis=1), face.landmarks[0, :2]),
        (points[0, EYE_CORNERS, :2].mean(axis=1), face.landmarks[0, :2]),
        (eyes.iris[0, :, 0], face.landmarks[0, :2]),
        (points[0, MOUTH, :2], face.landmarks[0, 3:]),
    ):
        assert np.linalg.norm(found - expected, axis=1).max() < 0.15 * apart


def test_she_has_both_eyes_open_and_lids_in_order(
    grey: Bytes, face: Faces, reader: EyeReader
) -> None:
    eyes = reader.read(grey, face.landmarks)
    assert (eyes.apertures() > 0.2).all()
    assert (eyes.lids[0, :, LOWER, 1].mean(1) > eyes.lids[0, :, UPPER, 1].mean(1)).all()
    assert (np.diff(eyes.corners[0, ..., 0].ravel()) > 0).all()  # four corners from left to right


def test_a_turned_or_larger_picture_has_the_same_eyes(
    grey: Bytes, face: Faces, reader: EyeReader
) -> None:
    before = reader.read(grey, face.landmarks)
    matrix = np.array([[1.6, 0, 30], [0, 1.6, -12]], np.float32)
    larger = np.asarray(cv2.warpAffine(grey, matrix, (700, 700)), np.uint8)
    after = reader.read(larger, transformed(face, matrix).landmarks)
    assert np.abs(after.apertures() - before.apertures()).max() < 0.03
    assert np.abs(after.iris_places() - before.iris_places()).max() < 0.03
    assert np.abs(after.iris - (before.iris * 1.6 + matrix[:, 2])).max() < 3


def test_a_mirrored_picture_has_the_eyes_exchanged(
    grey: Bytes, face: Faces, reader: EyeReader
) -> None:
    width = grey.shape[1]
    boxes = face.boxes.copy()
    boxes[:, 0] = width - boxes[:, 0] - boxes[:, 2]
    points = face.landmarks[:, [1, 0, 2, 4, 3]].copy()
    points[..., 0] = width - points[..., 0]
    mirrored = Faces(boxes, face.scores, points)
    here = reader.read(grey, face.landmarks)
    there = reader.read(np.ascontiguousarray(grey[:, ::-1]), mirrored.landmarks)
    assert np.abs(there.apertures()[0, ::-1] - here.apertures()[0]).max() < 0.03
    across = there.iris_places()[0, ::-1, 0]
    assert np.abs(across + here.iris_places()[0, :, 0]).max() < 0.04


def test_skin_in_place_of_the_eye_reads_as_shut(
    grey: Bytes, face: Faces, reader: EyeReader
) -> None:
    shut = grey.copy()
    for eye in face.landmarks[0, :2]:
        x, y = (round(float(v)) for v in eye)
        cv2.ellipse(shut, (x, y), (12, 7), 0, 0, 360, (int(grey[y + 13, x]),), -1)
        cv2.ellipse(shut, (x, y + 2), (9, 2), 0, 0, 180, (40,), 1)  # the lashes
    there, here = (reader.read(picture, face.landmarks) for picture in (shut, grey))
    openness = there.apertures() / here.apertures()
    assert (openness < 0.6).all()


def test_no_face_gives_no_eyes(grey: Bytes, mesh: FaceMesh, reader: EyeReader) -> None:
    points, sure = mesh.read(grey, Faces.empty())
    assert points.shape == (0, 468, 3)
    assert sure.shape == (0,)
    assert reader.read(grey, Faces.empty().landmarks).apertures().shape == (0, 2)


def test_a_face_without_landmarks_has_unknown_eyes(
    grey: Bytes, face: Faces, reader: EyeReader
) -> None:
    unknown = np.concatenate([face.landmarks, np.full((1, 5, 2), np.nan, np.float32)])
    apertures = reader.read(grey, unknown).apertures()
    assert np.isfinite(apertures[0]).all()
    assert np.isnan(apertures[1]).all()
