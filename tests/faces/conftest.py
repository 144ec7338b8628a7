"""A detector whose networks are exported once for all tests of this room, and pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from fer_core.faces import make_detector
from fer_core.faces.mtcnn import MtcnnDetector
from fer_core.types import Bytes, Float, Frame

#: The astronaut's face in skimage's picture, seen by eye: hairline to chin.
FACE = (181, 62, 85, 110)

Framer = Callable[..., Frame]


@pytest.fixture(scope="session")
def cache(face_networks: Path) -> Path:
    return face_networks


@pytest.fixture(scope="session")
def detector(cache: Path) -> MtcnnDetector:
    made = make_detector("mtcnn", cache=cache, min_face=40)
    assert isinstance(made, MtcnnDetector)
    return made


@pytest.fixture(scope="session")
def astronaut() -> Bytes:
    return np.ascontiguousarray(skimage.data.astronaut())


@pytest.fixture(scope="session")
def as_frame() -> Framer:
    def make(rgb: Bytes, long_side: int | None = None) -> Frame:
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        if long_side is not None and long_side < max(rgb.shape[:2]):
            scale = long_side / max(rgb.shape[:2])
            size = max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale))
            rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        return Frame(0, 0, rgb, grey)

    return make


def likeness(a: Float, b: Float) -> Float:
    """The overlap (intersection over union) of each box of a with each of b."""
    left = np.maximum(a[:, None, :2], b[None, :, :2])
    right = np.minimum(a[:, None, :2] + a[:, None, 2:], b[None, :, :2] + b[None, :, 2:])
    common = np.clip(right - left, 0, None).prod(axis=2)
    return common / (a[:, None, 2:].prod(axis=2) + b[None, :, 2:].prod(axis=2) - common)
