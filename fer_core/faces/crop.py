"""The crop that an emotion model sees: one function for training, serving and evaluation.

The square's side is the spec's margin times the box's longer side; what lies outside the
picture repeats its border. The result depends on nothing but its arguments: the same face
gives the same bytes wherever and in whatever company it is cut.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from fer_core.types import Bytes, CropSpec, Float

#: A square wider than this many picture sides is an impossible box, not a face.
_LARGEST = 8


def cut(grey: Bytes, boxes: Float, landmarks: Float, spec: CropSpec) -> Bytes:
    """(n, size, size) grey crops, or (n, size, size, channels) where the picture has colours.

    With ``align="eyes"`` a face is turned about its square's centre until its eyes are level;
    one without landmarks is cut upright.
    """
    shape = (len(boxes), spec.size, spec.size, *grey.shape[2:])
    out = np.zeros(shape, np.uint8)
    level = _roll(landmarks) if spec.align == "eyes" else [0.0] * len(boxes)
    limit = _LARGEST * max(grey.shape[:2])
    # Python's own numbers from here on: for a few faces arrays cost more than they save.
    for row, (x, y, width, height) in enumerate(boxes.tolist()):
        longer = max(width, height)
        side = longer * spec.margin
        centre = x + width / 2, y + height / 2 + spec.dy * longer
        # The comparison is false for NaN too: a box that is no box gives a black crop.
        if 0 < side <= limit and math.isfinite(centre[0] + centre[1]):
            out[row] = _cut_one(grey, centre, side, level[row], spec.size)
    return out


def _roll(landmarks: Float) -> list[float]:
    eyes = landmarks[:, 1] - landmarks[:, 0]
    angles: list[float] = np.arctan2(eyes[:, 1], eyes[:, 0]).tolist()
    return [angle if math.isfinite(angle) else 0.0 for angle in angles]


def _cut_one(
    grey: Bytes, centre: tuple[float, float], side: float, angle: float, size: int
) -> Bytes:
    """Halve the face's surroundings until it is at most twice too large, read it at twice the
    wanted size and average: all pixels of a large face count. A small one is read directly."""
    halvings = max(0, math.ceil(math.log2(side / size) - 1 - 1e-9))
    source, left, top = _surroundings(grey, centre, side, halvings)
    unit = 2.0**halvings
    times = 2 if side > size else 1
    step = side / (size * times * unit)
    cos, sin = math.cos(angle) * step, math.sin(angle) * step
    # Maps a pixel of the fine crop to the source; pixel centres lie at half positions.
    middle = (size * times - 1) / 2
    x, y = (centre[0] - left) / unit - 0.5, (centre[1] - top) / unit - 0.5
    matrix = np.array([[cos, -sin, x - (cos - sin) * middle], [sin, cos, y - (sin + cos) * middle]])
    fine = cv2.warpAffine(
        source,
        matrix,
        (size * times, size * times),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    if times > 1:
        fine = cv2.resize(fine, (size, size), interpolation=cv2.INTER_AREA)
    return np.asarray(fine, np.uint8)


def _surroundings(
    grey: Bytes, centre: tuple[float, float], side: float, halvings: int
) -> tuple[Bytes, int, int]:
    """The part of the picture that a turned square can touch, halved, and where it begins."""
    if halvings == 0:
        return grey, 0, 0
    unit = 2**halvings
    reach = side * 0.75 + unit  # over half the diagonal
    begin, end = [], []
    for middle, length in zip(centre, (grey.shape[1], grey.shape[0])):
        # Whole units only: halving by two is exact and fast, by 2.003 it is neither.
        first = int(min(max(middle - reach, 0), max(0, length - unit)))
        units = math.ceil((middle + reach - first) / unit)
        count = min(max(units, 1), max(1, length // unit))
        begin.append(first)
        end.append(min(first + count * unit, length))
    part = grey[begin[1] : end[1], begin[0] : end[0]]
    part = part[: len(part) // unit * unit or None, : part.shape[1] // unit * unit or None]
    for _ in range(halvings):
        half = max(1, part.shape[1] // 2), max(1, part.shape[0] // 2)
        part = np.asarray(cv2.resize(part, half, interpolation=cv2.INTER_AREA), np.uint8)
    return part, begin[0], begin[1]
