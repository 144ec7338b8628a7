"""Puts pictures of any size on one canvas, so that a face keeps its place when the size changes.

A browser begins a stream small and lets it grow, a phone is turned, a camera gives 4K. The
store keeps coordinates in pixels of the first picture; following works on a canvas of the
same shape that grows with the stream, up to ``LONG_SIDE``; a page draws in pixels of the
picture that it sees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from fer_core.faces.registry import Detector
from fer_core.types import Bytes, Faces, Frame

#: Bigger pictures are scaled down to this first: a 4K picture costs four times as much, and
#: at this size a face of 40 pixels is still a fiftieth of the picture's width.
LONG_SIDE: Final = 1920
#: The canvas grows when pictures are larger than it by this factor.
GROWS_AT: Final = 1.2
SMALLEST: Final = 16


@dataclass(frozen=True, slots=True)
class Fit:
    """Where a picture lies on the canvas: scaled by ``k``, then moved by ``x`` and ``y``."""

    k: float
    x: float
    y: float

    def to_picture(self, faces: Faces) -> Faces:
        """Faces on the canvas, in pixels of the picture."""
        boxes, landmarks = faces.boxes.copy(), faces.landmarks.copy()
        boxes[:, :2] -= (self.x, self.y)
        landmarks -= np.array([self.x, self.y], np.float32)
        k = np.float32(1 / self.k)
        return Faces(boxes * k, faces.scores, landmarks * k)


class Canvas:
    """One session's canvas."""

    def __init__(self, width: int, height: int) -> None:
        self.first = (width, height)  # the store's coordinates
        self._k = 1.0
        self._resize(min(1.0, LONG_SIDE / max(width, height)))

    def _resize(self, k: float) -> None:
        self._k = k
        w, h = self.first
        self.size = (max(1, round(w * k)), max(1, round(h * k)))

    def grown(self, width: int, height: int) -> float:
        """Grow where a larger picture comes; by how much (1: it did not)."""
        own = min(width / self.first[0], height / self.first[1])
        wanted = min(own, LONG_SIDE / max(self.first))
        if wanted < GROWS_AT * self._k:
            return 1.0
        before = self.size[0]
        self._resize(wanted)
        return self.size[0] / before

    def lay(self, rgb: Bytes, index: int, t_ms: int, detector: Detector) -> tuple[Frame, Fit]:
        """The picture on the canvas as the pipeline's frame, and where it lies."""
        height, width = rgb.shape[:2]
        w, h = self.size
        k = min(w / width, h / height)
        fw, fh = min(w, max(1, round(width * k))), min(h, max(1, round(height * k)))
        x, y = (w - fw) // 2, (h - fh) // 2
        inner = rgb if (fw, fh) == (width, height) else _scaled(rgb, fw, fh)
        if (fw, fh) == (w, h):
            whole = inner
        else:
            whole = np.zeros((h, w, 3), np.uint8)
            whole[y : y + fh, x : x + fw] = inner
        grey = np.asarray(cv2.cvtColor(whole, cv2.COLOR_RGB2GRAY), np.uint8)
        side = detector.working_side(w, h)
        small = whole
        if side is not None and side < max(w, h):
            s = side / max(w, h)
            small = _scaled(whole, max(1, round(w * s)), max(1, round(h * s)))
        return Frame(index, t_ms, small, grey), Fit(k, x, y)

    def to_first(self, faces: Faces) -> Faces:
        """Faces on the canvas, in pixels of the session's first picture."""
        return faces if self.size == self.first else faces.scaled(self.first[0] / self.size[0])


def _scaled(rgb: Bytes, width: int, height: int) -> Bytes:
    shrinks = width < rgb.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(rgb, (width, height), interpolation=how), np.uint8)


def check_picture(rgb: object) -> str:
    """What is wrong with a picture; empty: nothing."""
    if not isinstance(rgb, np.ndarray) or rgb.ndim != 3 or rgb.shape[2] != 3:
        return f"A picture must be (height, width, 3), not {getattr(rgb, 'shape', type(rgb))}."
    if rgb.dtype != np.uint8:
        return f"A picture must be uint8, not {rgb.dtype}."
    if min(rgb.shape[:2]) < SMALLEST:
        return f"A picture of {rgb.shape[1]} × {rgb.shape[0]} pixels is too small."
    return ""
