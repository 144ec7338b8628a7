"""Whether the film was cut between two frames.

A cut must pass three tests, each of which something harmless fails: pixels change (a still
camera does not), what is shown cannot be found again a little beside (a pan can), and the
colours are others (a person who walks by brings few new ones). All are blind to a change of
brightness, so that a flash or a camera's automatic exposure is no cut. The limits were set
on films and pans (docs/decisions/037-cuts.md).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.types import Frame

_SIZE = (64, 36)
_INNER = slice(6, 30), slice(11, 53)  # what must be found again, within a sixth of the picture
_CHANGED = 30.0  # mean difference of the levels
_FOUND = 0.6  # correlation
_COLOURS = 0.45  # share of the pixels whose colours both frames have
_BINS = 8
_BLACK = 6.0

Small = NDArray[np.float32]


def is_cut(previous: Frame | None, frame: Frame) -> bool:
    """Whether ``frame`` begins another shot. False for a film's first frame."""
    if previous is None:
        return False
    if previous.rgb.shape != frame.rgb.shape:
        return True
    # Single pixels differ at least as much as averages: most frames are done here.
    before, after = _points(previous), _points(frame)
    if before.mean() < _BLACK:
        return bool(after.mean() > 4 * _BLACK)  # whatever comes after black is a new shot
    if after.mean() < _BLACK or np.abs(_lit(before) - _lit(after)).mean() <= 0.8 * _CHANGED:
        return False
    before, after = _lit(_small(previous)), _lit(_small(frame))
    if np.abs(before - after).mean() <= _CHANGED:
        return False
    if np.minimum(_colours(before), _colours(after)).sum() >= _COLOURS:
        return False
    found = cv2.matchTemplate(before, after[_INNER], cv2.TM_CCOEFF_NORMED)
    return float(found.max()) < _FOUND


def _points(frame: Frame) -> Small:
    height, width = frame.rgb.shape[:2]
    down, across = max(1, height // _SIZE[1]), max(1, width // _SIZE[0])
    points = frame.rgb[down // 2 :: down, across // 2 :: across]
    return np.asarray(points[: _SIZE[1], : _SIZE[0]], np.float32)


def _small(frame: Frame) -> Small:
    return np.asarray(cv2.resize(frame.rgb, _SIZE, interpolation=cv2.INTER_AREA), np.float32)


def _lit(picture: Small) -> Small:
    """The picture at middle brightness."""
    return np.asarray(np.minimum(picture * np.float32(110 / picture.mean()), 255), np.float32)


def _colours(picture: Small) -> NDArray[np.float64]:
    steps = np.minimum(picture * (_BINS / 256), _BINS - 1).astype(np.int32)
    cells = (steps[..., 0] * _BINS + steps[..., 1]) * _BINS + steps[..., 2]
    counts = np.bincount(cells.ravel(), minlength=_BINS**3)
    return np.asarray(counts / cells.size, np.float64)
