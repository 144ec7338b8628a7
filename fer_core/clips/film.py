"""Writes a clip: pictures at their own times with the sound beside them, as MP4 or GIF."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from PIL import Image

from fer_core.types import Bytes
from fer_core.video.source import open_source

RATE: Final = 48_000
_TIME_BASE: Final = Fraction(1, 1000)
_CHUNK: Final = 1024
#: Of a GIF, pictures a second and pixels across.
GIF_FPS, GIF_WIDTH = 10, 480


class Mp4:
    """H.264 and AAC that every browser plays. Use as a context manager."""

    def __init__(self, path: Path, size: tuple[int, int], *, sound: bool) -> None:
        self._out = av.open(str(path), "w", format="mp4", options={"movflags": "faststart"})
        self._video: Any = self._out.add_stream("libx264", rate=Fraction(1000, 1))
        self._video.width, self._video.height = size
        self._video.pix_fmt = "yuv420p"
        self._video.options = {"preset": "veryfast", "crf": "20", "threads": "2", "bf": "0"}
        self._video.time_base = self._video.codec_context.time_base = _TIME_BASE
        self._audio: Any = (
            self._out.add_stream("aac", rate=RATE, layout="stereo") if sound else None
        )
        self._samples = 0
        self._last = -1

    def add(self, picture: Bytes, t_ms: int) -> None:
        """One picture, (height, width, 3), at its time from the clip's beginning."""
        t_ms = max(t_ms, self._last + 1)
        self._last = t_ms
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        frame.pts, frame.time_base = t_ms, _TIME_BASE
        self._out.mux(self._video.encode(frame))

    def sound(self, samples: np.ndarray) -> None:
        """More sound, (2, n) float32 at 48 kHz."""
        if self._audio is None:
            return
        for begin in range(0, samples.shape[1], _CHUNK):
            part = np.ascontiguousarray(samples[:, begin : begin + _CHUNK])
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = RATE, self._samples
            frame.time_base = Fraction(1, RATE)
            self._samples += part.shape[1]
            self._out.mux(self._audio.encode(frame))

    def __enter__(self) -> Mp4:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._out.mux(self._video.encode())
            if self._audio is not None:
                self._out.mux(self._audio.encode())
        finally:
            self._out.close()


class Gif:
    """A silent picture that moves, for a slide."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pictures: list[Image.Image] = []
        self._next = 0

    def add(self, picture: Bytes, t_ms: int) -> None:
        if t_ms < self._next:
            return
        self._next += 1000 // GIF_FPS * (1 + (t_ms - self._next) // (1000 // GIF_FPS))
        image = Image.fromarray(picture)
        high = round(image.height * GIF_WIDTH / image.width)
        small = image.resize((GIF_WIDTH, high), Image.Resampling.BILINEAR)
        self._pictures.append(small.quantize(128, dither=Image.Dither.NONE))

    def sound(self, samples: np.ndarray) -> None:
        """A GIF has none."""

    def __enter__(self) -> Gif:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None and self._pictures:
            first, *others = self._pictures
            first.save(self._path, format="GIF", save_all=True, append_images=others,
                       duration=1000 // GIF_FPS, loop=0)  # fmt: skip


def has_sound(path: Path) -> bool:
    """Whether a film has a sound track."""
    source = open_source(path, threads=1)
    try:
        return bool(source.container.streams.audio)
    finally:
        source.container.close()


def sound_of(path: Path, from_ms: int, to_ms: int) -> np.ndarray:
    """(2, n) float32 at 48 kHz: the sound of a stretch of a film, on its pictures' clock.

    Silence where the film has none, so that what follows stays in step.
    """
    made = np.zeros((2, round((to_ms - from_ms) * RATE / 1000)), np.float32)
    source = open_source(path, threads=1)
    try:
        if not source.container.streams.audio:
            return made
        zero = float((source.stream.start_time or 0) * (source.stream.time_base or 0))
        for begin_s, samples in _decoded(source.container, zero + from_ms / 1000):
            at = round((begin_s - zero - from_ms / 1000) * RATE)
            if at >= made.shape[1]:
                break
            part = samples[:, max(0, -at) :]
            at = max(0, at)
            part = part[:, : made.shape[1] - at]
            made[:, at : at + part.shape[1]] = part
    finally:
        source.container.close()
    return made


def _decoded(container: Any, from_s: float) -> Iterator[tuple[float, np.ndarray]]:
    """Decoded stretches of sound with when each begins, from a little before a moment on."""
    stream = container.streams.audio[0]
    if from_s > 2:
        container.seek(int(max(0.0, from_s - 1) / stream.time_base), stream=stream)
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
    for frame in container.decode(stream):
        if frame.time is None or frame.time + frame.samples / frame.sample_rate < from_s:
            continue
        at = frame.time
        for part in resampler.resample(frame):
            array = part.to_ndarray()
            yield at, array
            at += array.shape[1] / RATE
