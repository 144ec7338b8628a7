"""Looks: alike for one person, unlike for two."""

from __future__ import annotations

import cv2
import numpy as np

from fer_core.faces import appearance
from fer_core.faces.mtcnn import MtcnnDetector
from fer_core.types import Bytes, Faces

from .conftest import Framer


def test_a_viewer_who_moved_under_other_light_looks_alike(
    detector: MtcnnDetector, astronaut: Bytes, as_frame: Framer
) -> None:
    first = as_frame(astronaut)
    darker = np.clip(astronaut.astype(np.float32) * 0.9, 0, 255).astype(np.uint8)
    moved = cv2.warpAffine(
        darker, np.array([[0.9, 0.05, 60], [-0.05, 0.9, 30]]), (640, 500), borderValue=(90, 90, 90)
    )
    second = as_frame(moved)
    looks = [appearance(frame, detector.detect(frame)) for frame in (first, second)]
    assert looks[0].shape == looks[1].shape == (1, looks[0].shape[1])
    assert np.linalg.norm(looks[0]) == np.float32(1) or abs(np.linalg.norm(looks[0]) - 1) < 1e-5
    assert (looks[0] @ looks[1].T)[0, 0] > 0.8


def test_another_place_in_the_picture_does_not_look_alike(
    detector: MtcnnDetector, astronaut: Bytes, as_frame: Framer
) -> None:
    frame = as_frame(astronaut)
    face = detector.detect(frame)
    elsewhere = Faces(
        face.boxes + np.array([[170, 60, 0, 0]], np.float32),
        face.scores,
        face.landmarks + np.array([170, 60], np.float32),
    )
    looks = appearance(frame, Faces.join([face, elsewhere]))
    assert (looks @ looks.T)[0, 1] < 0.5


def test_without_landmarks_the_box_tells_where_the_eyes_are(
    detector: MtcnnDetector, astronaut: Bytes, as_frame: Framer
) -> None:
    frame = as_frame(astronaut)
    face = detector.detect(frame)
    unknown = Faces(face.boxes, face.scores, np.full((1, 5, 2), np.nan, np.float32))
    assert (appearance(frame, face) @ appearance(frame, unknown).T)[0, 0] > 0.6


def test_faces_beyond_every_edge_have_finite_looks(astronaut: Bytes, as_frame: Framer) -> None:
    boxes = np.array([[-500, 0, 50, 60], [500, 500, 90, 90], [0, 0, 0, 0]], np.float32)
    points = np.repeat(boxes[:, None, :2], 5, axis=1)
    looks = appearance(as_frame(astronaut), Faces(boxes, np.ones(3, np.float32), points))
    assert np.isfinite(looks).all()
    assert appearance(as_frame(astronaut), Faces.empty()).shape == (0, looks.shape[1])
