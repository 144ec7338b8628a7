"""Pictures with a face, offered as a camera would."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
from skimage.data import astronaut

from fer_core.live import LiveSession, LiveView


@cache
def portrait(width: int = 320, height: int = 240) -> np.ndarray:
    """The public-domain portrait in the middle of a grey picture; its face is half as high."""
    side = min(width, height)
    picture = np.full((height, width, 3), 90, np.uint8)
    face = cv2.resize(astronaut()[:240, 100:340], (side, side), interpolation=cv2.INTER_AREA)
    left, top = (width - side) // 2, (height - side) // 2
    picture[top : top + side, left : left + side] = face
    picture.flags.writeable = False
    return picture


def blank(width: int = 320, height: int = 240, level: int = 90) -> np.ndarray:
    return np.full((height, width, 3), level, np.uint8)


def offer(session: LiveSession, rgb: np.ndarray, frames: int, start_ms: int, step_ms: int) -> int:
    """Offer the same picture again and again, each one taken before the next; the next time."""
    for number in range(frames):
        before = session.view()
        session.offer(rgb, start_ms + number * step_ms)
        until(session, lambda v, n=before.analysed + before.errors: v.analysed + v.errors > n)
    return start_ms + frames * step_ms


def until(
    session: LiveSession, condition: Callable[[LiveView], bool], within_s: float = 20
) -> LiveView:
    """The first view for which this holds."""
    end = time.monotonic() + within_s
    while True:
        view = session.view()
        if condition(view):
            return view
        assert time.monotonic() < end, f"did not come about: {view}"
        time.sleep(0.005)
