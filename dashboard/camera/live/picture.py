"""What is drawn into a live picture, on the very frame that was analysed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fer_core.labels import DISPLAY_ORDER, EMOTIONS
from fer_core.live.values import LiveFace
from fer_core.palette import EMOTION_COLOURS
from fer_core.types import Bytes

#: A face that is missed for a moment stays blurred where it was.
BLUR_HOLD_MS: Final = 700
#: Sizes are made for a picture this wide, and grow with it.
USUAL_WIDTH: Final = 640

_GREY: Final = (201, 206, 214)
_DARK: Final = (10, 12, 16)
_WHITE: Final = (255, 255, 255)
_ORDER: Final = tuple(EMOTIONS.index(name) for name in DISPLAY_ORDER)
_RGB: Final = tuple(
    tuple(int(EMOTION_COLOURS[name][i : i + 2], 16) for i in (1, 3, 5)) for name in EMOTIONS
)


@dataclass(frozen=True, slots=True)
class Layers:
    """What the person wants to see; each can be switched while it runs."""

    picture: bool = True
    boxes: bool = True
    names: bool = True
    bars: bool = True
    blur: bool = False

    @classmethod
    def of(cls, asked: object) -> Layers:
        """From a request's JSON; what is not named stays on, the blur off."""
        asked = asked if isinstance(asked, dict) else {}
        return cls(**{name: bool(asked[name]) for name in cls.__slots__ if name in asked})


class Painter:
    """One session's pictures. It remembers where faces were, for the blur alone."""

    def __init__(self) -> None:
        self._were: list[tuple[int, tuple[float, float, float, float]]] = []
        self._size = (0, 0)

    def paint(self, rgb: Bytes, t_ms: int, faces: Iterable[LiveFace], layers: Layers) -> Bytes:
        """A new picture; the one that was given stays as it is."""
        faces = tuple(faces)
        if rgb.shape[:2] != self._size:
            self._size, self._were = (rgb.shape[0], rgb.shape[1]), []
        self._were = [one for one in self._were if t_ms - one[0] <= BLUR_HOLD_MS]
        self._were += [(t_ms, face.box) for face in faces]
        picture = rgb.copy()
        if layers.blur:
            for box in dict.fromkeys(box for _, box in self._were):
                _blur(picture, box)
        scale = max(1.0, picture.shape[1] / USUAL_WIDTH)
        for face in faces:
            _face(picture, face, layers, scale)
        return picture


def _blur(picture: Bytes, box: tuple[float, float, float, float]) -> None:
    """Nothing of a face is left: a few large squares, somewhat beyond the box."""
    x, y, w, h = box
    left, top = max(0, int(x - 0.15 * w)), max(0, int(y - 0.25 * h))
    right = min(picture.shape[1], int(x + 1.15 * w) + 1)
    bottom = min(picture.shape[0], int(y + 1.15 * h) + 1)
    if right - left < 2 or bottom - top < 2:
        return
    part = picture[top:bottom, left:right]
    coarse = cv2.resize(part, (6, 6), interpolation=cv2.INTER_AREA)
    smooth = cv2.resize(coarse, (right - left, bottom - top), interpolation=cv2.INTER_CUBIC)
    picture[top:bottom, left:right] = smooth


def _face(picture: Bytes, face: LiveFace, layers: Layers, scale: float) -> None:
    x, y, w, h = (round(value) for value in face.box)
    best = int(np.argmax(face.probabilities)) if face.probabilities else -1
    read = face.usable and best >= 0
    colour = _RGB[best] if read else _GREY
    line = max(2, round(2 * scale))
    if layers.boxes:
        for ink, thick in ((_DARK, line + 2), (colour, line)):
            cv2.rectangle(picture, (x, y), (x + w, y + h), ink, thick, cv2.LINE_AA)
    if layers.names:
        words = f"Viewer {face.viewer}" if w >= 44 * scale else str(face.viewer)
        if face.eyes:
            words += f" · eyes {face.eyes}"
        elif layers.bars and read and w >= 100 * scale:
            words += f" · {EMOTIONS[best]} {100 * face.confidence:.0f} %"
        plate = _words(words, round(13 * scale))
        _lay(picture, plate, x - line // 2, y - plate.shape[0] - line)
    if not layers.bars:
        return
    if read:
        _bars(picture, face.probabilities, x - line // 2, y + h + line + 1, scale, w)
    elif w >= 44 * scale:
        _lay(picture, _words("not readable", round(12 * scale)), x - line // 2, y + h + line + 1)


def _bars(picture: Bytes, p: tuple[float, ...], x: int, y: int, scale: float, width: int) -> None:
    """Seven small columns in the palette's order; under a small face one strip."""
    if width < 60 * scale:
        strip = np.zeros((round(5 * scale), max(7, width), 3), np.uint8)
        at = 0.0
        for index in _ORDER:
            end = at + p[index] * strip.shape[1]
            strip[:, round(at) : round(end)] = _RGB[index]
            at = end
        _put(picture, strip, x, y)
        return
    step, tall, pad = round(9 * scale), round(26 * scale), round(4 * scale)
    panel = np.full((tall + 2 * pad, 7 * step + 2 * pad, 3), _DARK, np.uint8)
    for place, index in enumerate(_ORDER):
        left = pad + place * step
        inner = slice(left, left + step - max(1, round(2 * scale)))
        panel[pad : pad + tall, inner] = (54, 58, 66)
        high = round(tall * p[index])
        if high:
            panel[pad + tall - high : pad + tall, inner] = _RGB[index]
    if y + panel.shape[0] > picture.shape[0]:
        y = picture.shape[0] - panel.shape[0]
    _put(picture, panel, x, y, 0.86)


@lru_cache(maxsize=512)
def _words(text: str, size: int) -> Bytes:
    """White words on a dark plate."""
    font = ImageFont.load_default(size)
    left, _, right, _ = font.getbbox(text)
    ascent = font.getbbox("Ag")
    high = int(ascent[3] - ascent[1])
    pad = max(3, size // 3)
    plate = Image.new(
        "RGB", (int(right - left) + 2 * pad, high + 2 * pad - max(1, pad // 2)), _DARK
    )
    ImageDraw.Draw(plate).text(
        (pad - left, pad - ascent[1] - max(1, pad // 4)), text, fill=_WHITE, font=font
    )
    return np.asarray(plate, np.uint8)


def _lay(picture: Bytes, plate: Bytes, x: int, y: int) -> None:
    """Inside the picture, wherever the face is."""
    x = max(0, min(x, picture.shape[1] - plate.shape[1]))
    _put(picture, plate, x, max(0, min(y, picture.shape[0] - plate.shape[0])), 0.86)


def _put(picture: Bytes, plate: Bytes, x: int, y: int, share: float = 1.0) -> None:
    left, top = max(0, x), max(0, y)
    right = min(picture.shape[1], x + plate.shape[1])
    bottom = min(picture.shape[0], y + plate.shape[0])
    if right <= left or bottom <= top:
        return
    part = plate[top - y : bottom - y, left - x : right - x]
    under = picture[top:bottom, left:right]
    picture[top:bottom, left:right] = (
        part if share == 1.0 else cv2.addWeighted(part, share, under, 1 - share, 0)
    )
