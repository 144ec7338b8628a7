"""A film whose every moment is known: it flashes and beeps."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

#: Moments at which the film flashes and beeps, in ms.
FLASHES = (12_480, 24_520)
WIDTH, HEIGHT, FPS = 320, 180, 25


def flashing_film(path: Path) -> Path:
    """30 s of grey that is white, with a tone, for 80 ms at each of FLASHES."""
    with av.open(str(path), "w") as out:
        video: Any = out.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        audio: Any = out.add_stream("aac", rate=44_100, layout="mono")
        for index in range(30 * FPS):
            t_ms = index * 1000 // FPS
            on = any(at <= t_ms < at + 80 for at in FLASHES)
            picture = np.full((HEIGHT, WIDTH, 3), 255 if on else 90, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            out.mux(video.encode(frame))
        t = np.arange(30 * 44_100) / 44_100
        loud = sum(((t >= at / 1000) & (t < at / 1000 + 0.08)).astype(float) for at in FLASHES)
        tone = (0.8 * np.sin(2 * np.pi * 1000 * t) * loud).astype(np.float32)[None]
        for begin in range(0, tone.shape[1], 1024):
            part = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(tone[:, begin : begin + 1024]), format="fltp", layout="mono"
            )
            part.sample_rate, part.pts, part.time_base = 44_100, begin, Fraction(1, 44_100)
            out.mux(audio.encode(part))
        out.mux(video.encode())
        out.mux(audio.encode())
    return path
