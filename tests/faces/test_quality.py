"""What makes a face unusable."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from fer_core.faces import assess, head_pose
from fer_core.faces.mtcnn import MtcnnDetector
from fer_core.types import Bytes, Faces, Float

from .conftest import FACE, Framer

FRONT = np.zeros((1, 3), np.float32)


def face_at(x: float, y: float, width: float, height: float) -> Faces:
    """A box with landmarks where a face has them."""
    shares = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.33, 0.78], [0.67, 0.78]])
    points = shares * [width, height] + [x, y]
    box = np.array([[x, y, width, height]], np.float32)
    return Faces(box, np.ones(1, np.float32), points[None].astype(np.float32))


ASTRONAUT = face_at(*FACE)


def codes(frame_rgb: Bytes, as_frame: Framer, faces: Faces = ASTRONAUT, pose: Float = FRONT) -> str:
    usable, why_not = assess(as_frame(frame_rgb), faces, pose)
    assert usable.shape == (1,)
    assert bool(usable[0]) == (why_not[0] == "")
    return why_not[0]


def test_a_good_face_is_usable(astronaut: Bytes, as_frame: Framer) -> None:
    assert codes(astronaut, as_frame) == ""


@pytest.mark.parametrize(("height", "code"), [(44, ""), (38, "small")])
def test_a_face_under_forty_pixels_is_small(
    astronaut: Bytes, as_frame: Framer, height: float, code: str
) -> None:
    scale = height / FACE[3]
    picture = cv2.resize(astronaut, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    assert codes(picture, as_frame, ASTRONAUT.scaled(scale)) == code


@pytest.mark.parametrize(("share", "code"), [(0.01, ""), (0.06, "blurred")])
def test_blur_counts_by_the_faces_size(
    astronaut: Bytes, as_frame: Framer, share: float, code: str
) -> None:
    assert codes(cv2.GaussianBlur(astronaut, (0, 0), share * FACE[3]), as_frame) == code


@pytest.mark.parametrize("along", [True, False])
def test_a_shaken_face_is_blurred_whichever_way_it_moved(
    astronaut: Bytes, as_frame: Framer, along: bool
) -> None:
    kernel = np.ones((1, FACE[3] // 4), np.float32) / (FACE[3] // 4)
    shaken = cv2.filter2D(astronaut, -1, kernel.T if along else kernel)
    assert codes(shaken, as_frame) == "blurred"


@pytest.mark.parametrize(
    ("factor", "code"), [(0.1, "dark"), (0.6, ""), (1.0, ""), (1.3, ""), (6.0, "bright")]
)
def test_light(astronaut: Bytes, as_frame: Framer, factor: float, code: str) -> None:
    picture = np.clip(astronaut.astype(np.float32) * factor, 0, 255).astype(np.uint8)
    assert codes(picture, as_frame) == code


@pytest.mark.parametrize("pose", [(70, 0, 0), (-61, 0, 0), (0, 65, 0)])
def test_a_turned_face(astronaut: Bytes, as_frame: Framer, pose: tuple[float, ...]) -> None:
    assert codes(astronaut, as_frame, pose=np.array([pose], np.float32)) == "turned"


@pytest.mark.parametrize("pose", [(50, -40, 80), (np.nan, np.nan, np.nan)])
def test_roll_and_an_unknown_pose_are_no_turn(
    astronaut: Bytes, as_frame: Framer, pose: tuple[float, ...]
) -> None:
    assert codes(astronaut, as_frame, pose=np.array([pose], np.float32)) == ""


@pytest.mark.parametrize("edge", ["left", "right", "top", "bottom"])
def test_a_face_cut_by_an_edge(astronaut: Bytes, as_frame: Framer, edge: str) -> None:
    x, y, width, height = FACE
    inside = {
        "left": (slice(None), slice(x + width // 3, None)),
        "right": (slice(None), slice(None, x + 2 * width // 3)),
        "top": (slice(y + height // 3, None), slice(None)),
        "bottom": (slice(None, y + 2 * height // 3), slice(None)),
    }[edge]
    left, top = inside[1].start or 0, inside[0].start or 0
    moved = face_at(x - left, y - top, width, height)
    assert codes(np.ascontiguousarray(astronaut[inside]), as_frame, moved).startswith("cut")


def test_hair_beyond_the_edge_is_no_cut(astronaut: Bytes, as_frame: Framer) -> None:
    top = FACE[1] + FACE[3] // 10
    faces = face_at(FACE[0], FACE[1] - top, FACE[2], FACE[3])
    assert codes(np.ascontiguousarray(astronaut[top:]), as_frame, faces) == ""


def test_several_reasons_are_listed_in_order(astronaut: Bytes, as_frame: Framer) -> None:
    small = face_at(500, 480, 25, 30)
    picture = np.zeros_like(astronaut)
    assert codes(picture, as_frame, small, np.array([[80, 0, 0]], np.float32)) == (
        "small,cut,turned,dark"
    )


def test_a_face_without_landmarks_is_judged_by_its_box(astronaut: Bytes, as_frame: Framer) -> None:
    unknown = Faces(ASTRONAUT.boxes, ASTRONAUT.scores, np.full((1, 5, 2), np.nan, np.float32))
    assert codes(astronaut, as_frame, unknown, head_pose(unknown.landmarks)) == ""


def test_no_faces_have_no_reasons(astronaut: Bytes, as_frame: Framer) -> None:
    usable, why_not = assess(as_frame(astronaut), Faces.empty(), np.zeros((0, 3), np.float32))
    assert len(usable) == 0
    assert why_not == ()


def test_an_impossible_box_is_no_crash(
    astronaut: Bytes, as_frame: Framer, detector: MtcnnDetector
) -> None:
    for box in [(0, 0, 0, 0), (-900, 0, 50, 60), (10, 10, 1e7, 1e7), (np.nan, 0, 10, 10)]:
        faces = Faces(np.array([box], np.float32), np.ones(1, np.float32), ASTRONAUT.landmarks)
        assert codes(astronaut, as_frame, faces) != ""
