"""The demo study's film: a breakfast advertisement of 30 s, drawn here; nothing is fetched.

Six scenes of plain shapes: a sunrise, a table, a packet, a toaster, a slice that jumps, a name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np

from fer_core.errors import VideoError
from fer_core.files import replacing
from fer_core.types import Bytes

WIDTH, HEIGHT, FPS = 640, 360, 25
BRAND: Final = "Dawn"

Colour = tuple[int, int, int]  # red, green, blue
_INK: Final[Colour] = (58, 44, 40)
_CRUST: Final[Colour] = (168, 104, 52)
_CRUMB: Final[Colour] = (240, 205, 148)
_CREAM: Final[Colour] = (250, 244, 230)
_RED: Final[Colour] = (205, 74, 56)


def demo_film(path: Path, cuts_ms: Sequence[int], length_ms: int) -> Path:
    """Draw the film at ``path`` if it is not there; a new scene begins at each of ``cuts_ms``.

    The same arguments give the same pictures. A run that breaks off leaves nothing.
    """
    if path.is_file() and path.stat().st_size > 0:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with replacing(path) as part:
            _write(part, [*cuts_ms, length_ms])
    except (av.error.FFmpegError, OSError) as error:
        raise VideoError(
            f"The demo film cannot be written to {path}: {error}.",
            "Check the free space and who may write there.",
        ) from error
    return path


def _write(path: Path, ends_ms: Sequence[int]) -> None:
    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as out:
        stream = out.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"preset": "ultrafast", "crf": "23", "threads": "1"}
        stream.time_base = Fraction(1, FPS)
        for index in range(ends_ms[-1] * FPS // 1000):
            frame = av.VideoFrame.from_ndarray(picture(index * 1000 // FPS, ends_ms), "rgb24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())


def picture(t_ms: int, ends_ms: Sequence[int]) -> Bytes:
    """What is to be seen at ``t_ms``: RGB, (360, 640, 3). ``ends_ms`` are the scenes' ends."""
    scene = sum(t_ms >= end for end in ends_ms)
    begun = ends_ms[scene - 1] if scene else 0
    share = (t_ms - begun) / (ends_ms[scene] - begun)
    return _SCENES[scene % len(_SCENES)](share, t_ms / 1000)


def _sunrise(share: float, t: float) -> Bytes:
    canvas = _gradient((118, 150, 196), (252, 206, 150))
    height = 290 - 190 * _smooth(share)
    for radius, colour in ((92, (253, 220, 160)), (64, (255, 236, 180))):
        _disc(canvas, (320, height), radius, colour)
    for level, (colour, speed) in enumerate((((112, 138, 120), 8), ((78, 108, 92), 16))):
        xs = np.arange(0, WIDTH + 20, 20)
        ys = 250 + 45 * level + 22 * np.sin((xs + speed * t) / (88 - 20 * level) + level)
        ground = [*zip(xs.tolist(), ys.tolist()), (WIDTH, HEIGHT), (0, HEIGHT)]
        _polygon(canvas, ground, colour)
    return canvas


def _table(share: float, t: float) -> Bytes:
    canvas = _gradient((246, 226, 196), (228, 190, 150))
    _box(canvas, (0, 232), (640, 360), (176, 122, 82))
    _box(canvas, (0, 232), (640, 240), (150, 100, 66))
    x = 190 + 12 * share
    _box(canvas, (x - 52, 160), (x + 52, 262), (92, 140, 160))
    cv2.ellipse(canvas, (round(x) + 56, 208), (26, 30), 0, -90, 90, (92, 140, 160), 10, cv2.LINE_AA)
    for place in range(3):
        rise = (t * 0.45 + place / 3) % 1
        points = [
            (x - 26 + 26 * place + 5 * math.sin(step / 2 + 3 * t), 150 - 60 * rise - 3 * step)
            for step in range(14)
        ]
        shade = round(246 - 18 * (1 - rise))
        line = np.array(points, np.int32)
        cv2.polylines(canvas, [line], False, (shade, shade - 8, shade - 20), 3, cv2.LINE_AA)
    cv2.ellipse(canvas, (440, 266), (120, 28), 0, 0, 360, _CREAM, -1, cv2.LINE_AA)
    _slice(canvas, (440, 226), 46, 0.12 * math.sin(t))
    return canvas


def _packet(share: float, t: float) -> Bytes:
    canvas = _gradient((252, 214, 110), (244, 170, 70))
    for ray in range(16):
        angle = ray * math.pi / 8 + 0.12 * t
        ends = [
            (320 + 600 * math.cos(angle + side), 180 + 600 * math.sin(angle + side))
            for side in (-0.09, 0.09)
        ]
        _polygon(canvas, [(320, 180), *ends], (253, 224, 140))
    x = 320 + 420 * (1 - _smooth(min(1.0, share * 3))) + 6 * math.sin(2 * t)
    _box(canvas, (x - 78, 62), (x + 78, 304), _RED)
    _box(canvas, (x - 78, 62), (x + 78, 92), (170, 54, 42))
    _disc(canvas, (x, 226), 48, (255, 236, 180))
    _slice(canvas, (x, 226), 30, 0.0)
    _text(canvas, BRAND, (x, 150), 1.5, _CREAM)
    return canvas


def _toaster(share: float, t: float) -> Bytes:
    canvas = _gradient((92, 74, 110), (52, 44, 74))
    _box(canvas, (0, 286), (640, 360), (38, 32, 54))
    if share > 0.3:
        flight = (share - 0.3) / 0.7
        _slice(canvas, (320, 216 - 520 * flight + 520 * flight**2), 46, 7 * flight)
    shake = 3 * math.sin(40 * t) if share < 0.3 else 0.0
    _box(canvas, (228 + shake, 196), (412 + shake, 296), (196, 202, 212))
    _box(canvas, (250 + shake, 196), (390 + shake, 206), (70, 66, 84))
    lever = 216 if share > 0.3 else 252
    _box(canvas, (412 + shake, lever), (430 + shake, lever + 16), _RED)
    return canvas


def _jump(share: float, t: float) -> Bytes:
    canvas = _gradient((150, 208, 200), (104, 176, 172))
    _box(canvas, (0, 282), (640, 360), (236, 226, 204))
    x = 110 + 420 * share
    hop = abs(math.sin(3 * math.pi * share))
    shadow = (round(64 - 26 * hop), 9)
    cv2.ellipse(canvas, (round(x), 298), shadow, 0, 0, 360, (206, 196, 172), -1, cv2.LINE_AA)
    y = 236 - 120 * hop
    _slice(canvas, (x, y), 58, 0.25 * math.sin(6 * math.pi * share))
    for side in (-18, 18):
        _disc(canvas, (x + side, y - 6), 5, _INK)
    cv2.ellipse(canvas, (round(x), round(y) + 10), (20, 14), 0, 15, 165, _INK, 4, cv2.LINE_AA)
    return canvas


def _name(share: float, t: float) -> Bytes:
    canvas = _gradient(_CREAM, (244, 232, 206))
    grown = 1.6 + 0.9 * _smooth(min(1.0, 2 * share))
    _disc(canvas, (320, 150), 40 * _smooth(min(1.0, 2 * share)), (252, 200, 110))
    _text(canvas, BRAND, (320, 250), grown, _RED)
    return canvas


_SCENES: Final[tuple[Callable[[float, float], Bytes], ...]] = (
    _sunrise, _table, _packet, _toaster, _jump, _name,
)  # fmt: skip


def _smooth(share: float) -> float:
    return share * share * (3 - 2 * share)


def _gradient(top: Colour, bottom: Colour) -> Bytes:
    """A canvas that goes from one colour to the other, downwards."""
    rows = np.linspace(top, bottom, HEIGHT).astype(np.uint8)[:, None]
    return np.repeat(rows, WIDTH, axis=1)


def _polygon(canvas: Bytes, points: Sequence[tuple[float, float]], colour: Colour) -> None:
    shape = np.array([(round(x * 16), round(y * 16)) for x, y in points], np.int32)
    cv2.fillPoly(canvas, [shape], colour, cv2.LINE_AA, shift=4)


def _box(
    canvas: Bytes, upper: tuple[float, float], lower: tuple[float, float], colour: Colour
) -> None:
    (left, top), (right, bottom) = upper, lower
    _polygon(canvas, [(left, top), (right, top), (right, bottom), (left, bottom)], colour)


def _disc(canvas: Bytes, centre: tuple[float, float], radius: float, colour: Colour) -> None:
    x, y = centre
    place = (round(x * 16), round(y * 16))
    cv2.circle(canvas, place, round(radius * 16), colour, -1, cv2.LINE_AA, shift=4)


def _slice(canvas: Bytes, centre: tuple[float, float], size: float, angle: float) -> None:
    """A slice of toast, ``size`` pixels from its middle to its side, turned by ``angle``."""
    for grown, colour in ((1.0, _CRUST), (0.82, _CRUMB)):
        outline = []
        for step in range(48):
            turn = step * math.pi / 24
            x, y = math.cos(turn), math.sin(turn)
            x = math.copysign(abs(x) ** 0.5, x)
            y = math.copysign(abs(y) ** 0.6, y) - (0.12 * (1 - abs(x)) if y < 0 else 0.0)
            outline.append((grown * size * x, grown * size * y))
        cos, sin = math.cos(angle), math.sin(angle)
        turned = [
            (centre[0] + x * cos - y * sin, centre[1] + x * sin + y * cos) for x, y in outline
        ]
        _polygon(canvas, turned, colour)


def _text(
    canvas: Bytes, text: str, centre: tuple[float, float], scale: float, colour: Colour
) -> None:
    font, thick = cv2.FONT_HERSHEY_DUPLEX, max(2, round(2 * scale))
    (wide, high), _ = cv2.getTextSize(text, font, scale, thick)
    place = (round(centre[0] - wide / 2), round(centre[1] + high / 2))
    cv2.putText(canvas, text, place, font, scale, colour, thick, cv2.LINE_AA)
