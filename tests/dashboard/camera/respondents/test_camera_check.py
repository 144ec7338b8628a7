"""What a respondent is told of light, place, distance and direction."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from dashboard.camera.respondents.camera_check import judge, lines, message, ready
from fer_core.faces import make_detector
from fer_core.live.engines import SharedDetector
from fer_core.types import Faces, Frame

HEAD = astronaut()[0:256, 96:352]


@pytest.fixture(scope="module")
def detector(face_networks: Path) -> SharedDetector:
    return SharedDetector(lambda: make_detector("mtcnn", cache=face_networks), 1)


def room(*heads: tuple[float, int, int], light: float = 1.0, behind: int = 120) -> np.ndarray:
    """A picture of 640 × 480; each head has a scale and the place of its corner."""
    picture = np.full((480, 640, 3), behind, np.uint8)
    for scale, x, y in heads:
        side = round(256 * scale)
        head = cv2.resize(HEAD, (side, side)).astype(np.float32) * light
        inside = picture[max(0, y) : y + side, max(0, x) : x + side]
        cut = head[max(0, -y) :, max(0, -x) :][: inside.shape[0], : inside.shape[1]]
        inside[:] = cut.clip(0, 255).astype(np.uint8)
    return picture


def said(picture: np.ndarray, detector: SharedDetector) -> dict[str, str]:
    """What is wrong, by line."""
    return {line.key: line.says for line in judge(picture, detector) if line.ok is False}


def test_a_good_picture_is_ready(detector: SharedDetector) -> None:
    found = judge(room((1.2, 150, 80)), detector)
    assert ready(found)
    assert message(found)["ready"] is True
    assert [line.key for line in found] == ["alone", "light", "place", "size", "turned"]


@pytest.mark.parametrize(
    ("picture", "key", "word"),
    [
        (room(), "alone", "No face"),
        (room(behind=3), "alone", "too dark to see"),
        (room((1.0, 20, 120), (1.0, 360, 120)), "alone", "Someone else"),
        (room((1.2, 150, 80), light=0.25, behind=25), "light", "Your face is dark"),
        (room((1.2, 150, 80), light=0.3, behind=240), "light", "from behind you"),
        (room((1.0, 400, 120)), "place", "middle"),
        (room((1.2, 150, -60)), "place", "middle"),
        (room((0.45, 260, 180)), "size", "Come closer"),
    ],
)
def test_each_fault_is_told_with_what_to_do(
    picture: np.ndarray, key: str, word: str, detector: SharedDetector
) -> None:
    wrong = said(picture, detector)
    assert word in wrong.get(key, ""), wrong


def test_a_head_that_is_turned_or_tilted_is_told() -> None:
    """From landmarks alone: where a turned head's points lie is known without a picture of one."""
    frame = Frame(
        0, 0, room((1.2, 150, 80)), cv2.cvtColor(room((1.2, 150, 80)), cv2.COLOR_RGB2GRAY)
    )
    box = np.array([[250, 120, 140, 180]], np.float32)
    away = np.array([[[330, 190], [372, 190], [385, 225], [335, 260], [370, 260]]], np.float32)
    found = {line.key: line for line in lines(frame, Faces(box, np.ones(1, np.float32), away))}
    assert found["turned"].ok is False
    assert "turned away" in found["turned"].says
