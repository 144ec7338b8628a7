"""Whether the film was cut between two frames."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_core.types import Frame


def _small(frame: Frame) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(frame.rgb, (64, 36), interpolation=cv2.INTER_AREA), np.float32)


def likeness(previous: Frame, frame: Frame) -> float:
    a, b = _small(previous), _small(frame)
    inner = b[6:30, 11:53]
    return float(cv2.matchTemplate(a, inner, cv2.TM_CCOEFF_NORMED).max())


def is_cut(previous: Frame | None, frame: Frame) -> bool:
    return previous is not None and likeness(previous, frame) < 0.5
