"""Films for the browser tests, made on the spot."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from skimage.data import astronaut


def long_film(target: Path, frames: int) -> Path:
    """A face that moves a little, for long enough to be cancelled: 25 frames a second."""
    picture = astronaut()[:320, 64:384]
    with av.open(str(target), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.height, stream.width, stream.pix_fmt = 320, 320, "yuv420p"
        for i in range(frames):
            moved = np.ascontiguousarray(np.roll(picture, round(12 * np.sin(i / 20)), axis=1))
            out.mux(stream.encode(av.VideoFrame.from_ndarray(moved, format="rgb24")))
        out.mux(stream.encode(None))
    return target
