"""Small films made on the spot: every kind that the decoder's tests need."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from fer_core.types import Bytes

#: A moving gradient with a bright square in its upper left quarter: shows rotation at a glance.
WIDTH, HEIGHT = 160, 96


def picture(index: int, width: int = WIDTH, height: int = HEIGHT) -> Bytes:
    rows, columns = np.mgrid[0:height, 0:width]
    red = (columns * 180 // width + 4 * index) % 200
    green = rows * 180 // height
    image = np.stack([red, green, np.full_like(red, 60)], axis=2).astype(np.uint8)
    image[height // 8 : height // 3, width // 8 : width // 3] = 250
    return image


def film(
    path: Path,
    frames: int = 30,
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    rate: int = 25,
    times_ms: Sequence[int] | None = None,
    rotation: int = 0,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    options: dict[str, str] | None = None,
    container: dict[str, str] | None = None,
    colour_range: int | None = None,
) -> Path:
    """Encode ``frames`` pictures; ``times_ms`` gives each its own presentation time."""
    defaults = {
        "libx264": {"preset": "ultrafast", "g": "10"},
        "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"},
        "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "g": "10"},
        "libsvtav1": {"preset": "12"},
    }
    with av.open(str(path), "w", options=container or {}) as out:
        stream = out.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
        stream.options = defaults.get(codec, {}) | (options or {})
        base = Fraction(1, 1000) if times_ms is not None else Fraction(1, rate)
        stream.codec_context.time_base = base
        if colour_range is not None:
            stream.codec_context.color_range = colour_range
        if rotation:
            stream.set_display_rotation(rotation)
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(index, *size), format="rgb24")
            frame.pts = times_ms[index] if times_ms is not None else index
            frame.time_base = base
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


def sound(path: Path) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=16000)
        stream.layout = "mono"
        for index in range(10):
            frame = av.AudioFrame.from_ndarray(
                np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
            )
            frame.sample_rate, frame.pts = 16000, index * 1024
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


def remux(
    source: Path, path: Path, options: dict[str, str] | None = None, shift: int = 0, skip: int = 0
) -> Path:
    """Copy packets to another container, ``shift`` ticks later, without the first ``skip``."""
    with av.open(str(source)) as film_in, av.open(str(path), "w", options=options or {}) as out:
        stream = out.add_stream_from_template(film_in.streams.video[0])
        for number, packet in enumerate(film_in.demux(video=0)):
            if packet.dts is None or packet.pts is None or number < skip:
                continue
            packet.stream = stream
            packet.pts += shift
            packet.dts += shift
            out.mux(packet)
    return path
