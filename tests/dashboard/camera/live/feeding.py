"""Pictures for a live run, one after the other."""

from __future__ import annotations

import threading
from fractions import Fraction

import av
import cv2
import numpy as np
from skimage.data import astronaut

from dashboard.camera.live.run import Run
from fer_core.live import LiveView
from fer_core.types import Bytes

SIZE = (640, 360)


def room(faces: int = 1) -> np.ndarray:
    picture = np.full((SIZE[1], SIZE[0], 3), 96, np.uint8)
    portrait = cv2.resize(astronaut()[:240, 100:340], (220, 220))
    for place in range(faces):
        picture[60:280, 40 + 280 * place : 260 + 280 * place] = portrait
    return picture


def frame(picture: np.ndarray, t_ms: int | None) -> av.VideoFrame:
    made = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
    made.pts = None if t_ms is None else 90 * t_ms
    made.time_base = Fraction(1, 90_000)
    return made


def feed(run: Run, pictures: int = 8, start_ms: int = 0) -> None:
    """As many pictures as are to be analysed, each when the one before is done: sent on as well,
    which comes after it was counted."""
    done = threading.Semaphore(0)
    drawn = run.session.on_result
    assert drawn is not None

    def then(rgb: Bytes, view: LiveView) -> None:
        try:
            drawn(rgb, view)
        finally:
            done.release()

    run.session.on_result = then
    for turn in range(pictures):
        run.take(frame(room(), start_ms + 100 * turn))
        assert done.acquire(timeout=20)
    run.session.on_result = drawn
