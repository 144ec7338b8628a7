"""A rendered room: known faces that come and go at known times, each picture with its number.

The number stands in the picture's upper left corner as 24 black and white cells, so that a
result can be traced to the very picture that it was made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import pandas as pd
from skimage.data import astronaut

CELL, BITS = 6, 24
NEAR_MS = 300  # a coming or going is seen within this
FACE = (227.0, 124.0)  # the middle of the portrait's face
_HALF = 100  # the cut-out head's half side, its face about 116 high


@dataclass(frozen=True)
class Person:
    """A face in the room: its middle, its height, and when it is there."""

    x: float
    y: float
    height: float
    from_ms: int = 0
    to_ms: int = 10**9
    look: int = 0

    def at(self, t_ms: int) -> tuple[float, float]:
        """It sways a little, so that no two pictures are the same."""
        swing = t_ms / 1000 * 1.3 + self.look
        return self.x + 0.05 * self.height * np.sin(swing), self.y + 2 * np.cos(swing)

    def is_there(self, t_ms: int) -> bool:
        return self.from_ms <= t_ms < self.to_ms


@cache
def head(look: int) -> np.ndarray:
    """The portrait's head with a soft edge (RGBA), mirrored and tinted by its number."""
    x, y = (int(v) for v in FACE)
    padded = cv2.copyMakeBorder(astronaut(), 60, 0, 0, 0, cv2.BORDER_REPLICATE)
    cut = padded[y + 60 - _HALF : y + 60 + _HALF, x - _HALF : x + _HALF].astype(np.float32)
    if look % 2:
        cut = cut[:, ::-1]
    tint = 1 + 0.18 * np.cos(look * 2.4 + np.array([0.0, 2.1, 4.2]))
    mask = np.zeros((2 * _HALF, 2 * _HALF), np.uint8)
    cv2.ellipse(mask, (_HALF, _HALF), (74, 92), 0, 0, 360, (255,), -1)
    soft = cv2.GaussianBlur(mask, (0, 0), 3).astype(np.float32)
    return np.dstack([np.clip(cut * tint, 0, 255), soft])


@cache
def room(width: int, height: int, shade: int = 0) -> np.ndarray:
    """A wall with soft light."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    light = 150 - 40 * np.hypot(columns / width - 0.4, rows / height - 0.3)
    wall = light[..., None] + np.array([6.0, 0.0, -9.0]) * (shade - 1)
    grain = np.random.default_rng(shade).normal(0, 2, (height, width, 1))
    return np.clip(wall + grain, 0, 255).astype(np.uint8)


def picture(
    people: Sequence[Person],
    t_ms: int,
    number: int = 0,
    size: tuple[int, int] = (640, 360),
    shade: int = 0,
) -> np.ndarray:
    shown = room(*size, shade).copy()
    for person in people:
        if person.is_there(t_ms):
            _paste(shown, head(person.look), *person.at(t_ms), person.height / 116)
    write_number(shown, number)
    return shown


def film(
    people: Sequence[Person], seconds: float, fps: float = 25, **how: object
) -> Iterator[tuple[np.ndarray, int]]:
    """Pictures and their times."""
    for number in range(round(seconds * fps)):
        t_ms = round(1000 * number / fps)
        yield picture(people, t_ms, number, **how), t_ms  # type: ignore[arg-type]


def write_number(shown: np.ndarray, number: int) -> None:
    for bit in range(BITS):
        level = 235 if number >> bit & 1 else 20
        row, column = divmod(bit, 12)
        shown[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL] = level


def read_number(shown: np.ndarray) -> int:
    """The number in a picture, also after scaling and coding."""
    number = 0
    for bit in range(BITS):
        row, column = divmod(bit, 12)
        cell = shown[row * CELL + 1 : (row + 1) * CELL - 1, column * CELL + 1 : column * CELL + 5]
        number |= int(cell.mean() > 127) << bit
    return number


def crowd(columns: int, rows: int, size: tuple[int, int]) -> list[Person]:
    """Faces in rows, as in a hall."""
    w, h = size[0] / columns, size[1] / rows
    face = min(0.62 * h, 0.62 * w)
    return [
        Person((column + 0.5) * w, (row + 0.55) * h, face, look=row * columns + column)
        for row in range(rows)
        for column in range(columns)
    ]


def _paste(shown: np.ndarray, face: np.ndarray, x: float, y: float, k: float) -> None:
    height, width = shown.shape[:2]
    low = np.maximum([x - _HALF * k, y - _HALF * k], 0).astype(int)
    high = np.minimum([x + _HALF * k, y + _HALF * k], [width, height]).astype(int)
    if (high <= low).any():
        return
    matrix = np.array([[k, 0, x - _HALF * k - low[0]], [0, k, y - _HALF * k - low[1]]])
    size = (int(high[0] - low[0]), int(high[1] - low[1]))
    layer = cv2.warpAffine(face, matrix, size, flags=cv2.INTER_LINEAR)
    share = layer[..., 3:] / 255
    under = shown[low[1] : high[1], low[0] : high[0]]
    under[:] = np.clip(layer[..., :3] * share + under * (1 - share), 0, 255)


def wrong_counts(people: list[Person], rows: pd.DataFrame, frames: pd.DataFrame) -> list[int]:
    """Times at which another number of people was counted, apart from moments of change."""
    changes = np.array([t for p in people for t in (p.from_ms, p.to_ms)])
    found = rows.groupby("t_ms").size()
    return [
        t_ms
        for t_ms in frames["t_ms"].tolist()
        if (np.abs(changes - t_ms) > NEAR_MS).all()
        and found.get(t_ms, 0) != sum(person.is_there(t_ms) for person in people)
    ]
