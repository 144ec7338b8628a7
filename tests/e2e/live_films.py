"""A camera for the browser: films whose people come and go at known times.

Chromium plays such a file as its camera, in a loop, from its beginning each time that the
camera is opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from skimage.data import astronaut

WIDTH, HEIGHT, RATE = 640, 360, 15
#: Pixels of a cell of the pattern that holds a frame's number.
CELL = 16
BITS = 12


@dataclass(frozen=True)
class Person:
    """In the picture from one second to another, at a place; ``size`` is the portrait's side."""

    left: int
    top: int
    size: int
    from_s: float
    to_s: float
    mirrored: bool = False


#: Two people who stay.
TWO = [Person(40, 60, 220, 0, 99), Person(360, 60, 220, 0, 99, mirrored=True)]


def camera_film(
    path: Path,
    people: list[Person],
    seconds: float,
    *,
    width: int = WIDTH,
    height: int = HEIGHT,
    rate: int = RATE,
    numbered: bool = False,
    grey: int = 96,
) -> Path:
    """A .y4m whose truth is ``people``."""
    portrait = cv2.cvtColor(astronaut()[:240, 100:340], cv2.COLOR_RGB2BGR)
    with path.open("wb") as out:
        out.write(f"YUV4MPEG2 W{width} H{height} F{rate}:1 Ip A1:1 C420jpeg\n".encode())
        for index in range(round(seconds * rate)):
            picture = np.full((height, width, 3), grey, np.uint8)
            for person in people:
                if not person.from_s <= index / rate < person.to_s:
                    continue
                face = cv2.resize(
                    portrait, (person.size, person.size), interpolation=cv2.INTER_AREA
                )
                if person.mirrored:
                    face = face[:, ::-1]
                left = person.left + round(4 * np.sin(index / 9))  # nobody sits like a picture
                picture[person.top : person.top + person.size, left : left + person.size] = face
            if numbered:
                write_number(picture, index)
            out.write(b"FRAME\n")
            out.write(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420).tobytes())
    return path


def write_number(picture: np.ndarray, number: int) -> None:
    """White and black cells along the lower edge: the lowest bit first, then each inverted."""
    top = picture.shape[0] - 2 * CELL
    for bit in range(BITS):
        on = number >> bit & 1
        x = bit * CELL
        picture[top : top + CELL, x : x + CELL] = 235 if on else 20
        picture[top + CELL :, x : x + CELL] = 20 if on else 235
