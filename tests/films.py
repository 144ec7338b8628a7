"""Short films made from scikit-image's public-domain portrait, for tests of whole ways."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from skimage.data import astronaut
from skimage.transform import resize

WIDTH, HEIGHT, RATE = 320, 240, 25


def portrait_film(path: Path, frames: int = 50, away: range = range(0)) -> Path:
    """A face of about 85 pixels that moves a little; gone in the frames ``away``."""
    face = (resize(astronaut()[:240, 100:340], (HEIGHT, HEIGHT)) * 255).astype(np.uint8)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index in range(frames):
            picture = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
            if index not in away:
                left = 40 + round(20 * np.sin(index / 12))
                picture[:, left : left + HEIGHT] = face
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path
