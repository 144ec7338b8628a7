"""Faces drawn by a program, one of the seven expressions each: something to practise on.

They look like faces the way a cartoon does. What is learned from them says nothing about people.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import cv2
import numpy as np

from fer_core.training.datasets import SIDE
from fer_core.types import Array, Bytes

#: Drawn at so many times the size, then averaged: lines become soft.
_LARGE: Final = 4
_SIZE: Final = SIDE * _LARGE


@dataclass(frozen=True, slots=True)
class Features:
    """What an expression does to a face; 0 everywhere is a face at rest.

    smile: the mouth's corners up (1) or down (-1). open: the mouth's height. wide: its width.
    teeth: bared. brows: raised (1) or lowered (-1). inner: their inner ends raised beyond that.
    lids: eyes wide (1) or narrowed (-1). nose: wrinkled. lip: the upper lip raised.
    """

    smile: float = 0.0
    open: float = 0.0
    wide: float = 0.0
    teeth: float = 0.0
    brows: float = 0.0
    inner: float = 0.0
    lids: float = 0.0
    nose: float = 0.0
    lip: float = 0.0

    def mixed(self, share: float, rng: np.random.Generator, spread: float) -> Features:
        """A share of it, every feature a little otherwise."""
        return Features(
            *(share * getattr(self, one.name) + spread * rng.normal() for one in fields(self))
        )


EXPRESSIONS: Final[dict[str, Features]] = {
    "angry": Features(smile=-0.4, wide=-0.1, brows=-1.0, inner=-1.0, lids=-0.3, nose=0.3),
    "disgust": Features(
        smile=-0.5, open=0.15, brows=-0.6, inner=-0.2, lids=-0.8, nose=1.0, lip=1.0
    ),
    "fear": Features(smile=-0.3, open=0.45, wide=0.5, brows=0.8, inner=0.9, lids=1.0),
    "happy": Features(smile=1.0, open=0.6, wide=0.9, teeth=1.0, brows=0.1, lids=-0.4),
    "sad": Features(smile=-0.9, wide=-0.2, brows=-0.1, inner=1.0, lids=-0.5),
    "surprise": Features(open=1.0, wide=-0.5, brows=1.0, inner=0.1, lids=0.9),
    "neutral": Features(),
}  # fmt: skip


def draw(emotion: str, rng: np.random.Generator) -> Bytes:
    """A grey face (48, 48) with this expression; who it is, its light and its pose by chance."""
    shown = EXPRESSIONS[emotion].mixed(rng.uniform(0.75, 1.1), rng, 0.07)
    picture = _Sketch(rng).face(shown)
    picture = _posed(picture, rng)
    return _lit(picture, rng)


class _Sketch:
    """One person: the shape of a head and what belongs to it, by chance."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.skin = rng.uniform(75, 215)
        self.dark = self.skin * rng.uniform(0.35, 0.6)
        self.hair = rng.uniform(15, 0.75 * self.skin) if rng.random() < 0.85 else 190.0
        self.half = rng.uniform(0.33, 0.39) * _SIZE  # half of the head's width
        self.eyes_y = rng.uniform(0.40, 0.45) * _SIZE
        self.apart = rng.uniform(0.155, 0.19) * _SIZE
        self.eye = rng.uniform(0.065, 0.08) * _SIZE  # half of an eye's width
        self.mouth_y = rng.uniform(0.735, 0.775) * _SIZE
        self.mouth = rng.uniform(0.12, 0.15) * _SIZE
        self.brow = int(rng.integers(3, 8))
        self.long_hair, self.beard = rng.random() < 0.4, rng.random() < 0.18
        self.glasses = rng.random() < 0.12
        self.ground = rng.uniform(20, 235)
        self.picture: Array = np.full((_SIZE, _SIZE), self.ground)

    def face(self, shown: Features) -> Array:
        """The picture (192, 192), 0 to 255."""
        self._head()
        self._nose(shown)
        for side in (-1, 1):
            self._eye(side, shown)
            self._brow(side, shown)
            self._cheek(side, shown)
        self._forehead(shown)
        self._mouth(shown)
        if self.glasses:
            self._glasses()
        return self.picture

    def _glasses(self) -> None:
        rim, x, y = self.dark * 0.5, _SIZE / 2, self.eyes_y
        for side in (-1, 1):
            centre = (x + side * self.apart, y)
            self._ellipse(centre, (1.5 * self.eye, 1.35 * self.eye), rim, width=3)
        bridge = self.apart - 1.5 * self.eye
        self._line([(x - bridge, y), (x + bridge, y)], rim, 3)

    def _head(self) -> None:
        middle = (_SIZE / 2, 0.53 * _SIZE)
        if self.long_hair:
            self._ellipse((_SIZE / 2, 0.56 * _SIZE), (1.25 * self.half, 0.62 * _SIZE), self.hair)
        self._ellipse((_SIZE / 2, 1.02 * _SIZE), (0.6 * self.half, 0.2 * _SIZE), self.skin * 0.8)
        self._ellipse(middle, (self.half, 0.47 * _SIZE), self.skin)
        if self.beard:
            self._ellipse((_SIZE / 2, 0.80 * _SIZE), (0.8 * self.half, 0.2 * _SIZE),
                          0.45 * self.hair + 0.55 * self.skin)  # fmt: skip
        centre, axes = (_SIZE // 2, int(0.34 * _SIZE)), (int(1.04 * self.half), int(0.33 * _SIZE))
        crown = cv2.ellipse2Poly(centre, axes, 0, 180, 360, 6)
        fringe = [(_SIZE / 2 + self.half, 0.30 * _SIZE), (_SIZE / 2, 0.20 * _SIZE),
                  (_SIZE / 2 - self.half, 0.30 * _SIZE)]  # fmt: skip
        self._fill([*((float(x), float(y)) for x, y in crown), *fringe], self.hair)

    def _eye(self, side: int, shown: Features) -> None:
        x, y = _SIZE / 2 + side * self.apart, self.eyes_y
        height = self.eye * float(np.clip(0.5 + 0.34 * shown.lids, 0.12, 1.1))
        self._ellipse((x, y), (self.eye, height), min(245.0, self.skin * 0.35 + 165))
        iris = min(0.55 * self.eye, 1.25 * height)
        inside = np.zeros_like(self.picture)
        cv2.ellipse(inside, _box((x, y), (self.eye, height)), 1, -1, cv2.LINE_AA)
        seen = self.picture.copy()
        cv2.circle(seen, _point((x, y)), round(iris), 40, -1, cv2.LINE_AA)
        cv2.circle(seen, _point((x - 0.2 * iris, y - 0.25 * iris)), max(1, round(0.22 * iris)), 235,
                   -1, cv2.LINE_AA)  # fmt: skip
        self.picture = np.where(inside > 0.5, seen, self.picture)
        upper = [(x + self.eye * t, y - height * np.sqrt(max(0.0, 1 - t * t)))
                 for t in np.linspace(-1, 1, 13)]  # fmt: skip
        self._line(upper, self.dark * 0.4, 4)

    def _brow(self, side: int, shown: Features) -> None:
        x, y = _SIZE / 2 + side * self.apart, self.eyes_y - 1.45 * self.eye
        lift = 0.075 * _SIZE * shown.brows
        inner = 0.075 * _SIZE * shown.inner
        points = []
        for t in np.linspace(-1, 1, 9):  # from the inner end to the outer one
            away = x + side * 1.25 * self.eye * t
            bow = 0.35 * self.eye * (1 - t * t) * (1 + 0.6 * max(shown.brows, 0))
            points.append((away, y - lift * (0.8 - 0.2 * t) - inner * (1 - t) / 2 * 0.8 - bow))
        self._line(points, min(self.hair, self.skin * 0.6), self.brow)

    def _cheek(self, side: int, shown: Features) -> None:
        """The fold from nose to mouth, which a smile and a raised lip deepen."""
        depth = float(np.clip(0.9 * shown.smile + 0.5 * shown.lip, 0, 1))
        if depth < 0.15:
            return
        x = _SIZE / 2 + side * 0.075 * _SIZE
        out = side * (1.25 + 0.2 * shown.wide) * self.mouth
        points = [(x, 0.63 * _SIZE), (x + 0.62 * (out - side * 0.075 * _SIZE), 0.68 * _SIZE),
                  (_SIZE / 2 + out, self.mouth_y)]  # fmt: skip
        self._line(points, self.skin - depth * 0.35 * (self.skin - self.dark) - 5, 3)

    def _nose(self, shown: Features) -> None:
        shade = 0.55 * self.skin + 0.45 * self.dark
        tip = 0.62 * _SIZE - 0.02 * _SIZE * shown.nose
        self._line([(_SIZE / 2 + 3, self.eyes_y + 6), (_SIZE / 2 + 11, tip - 6),
                    (_SIZE / 2 + 9, tip)], shade, 3)  # fmt: skip
        self._line([(_SIZE / 2 - 12, tip), (_SIZE / 2, tip + 6), (_SIZE / 2 + 12, tip)], shade, 4)
        for number in range(3 if shown.nose > 0.5 else 0):
            y = self.eyes_y + 6 + 9 * number
            self._line([(_SIZE / 2 - 12, y + 3), (_SIZE / 2, y), (_SIZE / 2 + 12, y + 3)], shade, 2)

    def _forehead(self, shown: Features) -> None:
        shade = 0.75 * self.skin + 0.25 * self.dark
        for number in range(2 if shown.brows > 0.5 else 0):
            y = self.eyes_y - (0.19 + 0.045 * number) * _SIZE
            self._line([(_SIZE / 2 - 34, y + 4), (_SIZE / 2, y), (_SIZE / 2 + 34, y + 4)], shade, 2)
        if shown.brows < -0.5:
            for side in (-1, 1):
                x = _SIZE / 2 + side * 7
                self._line([(x, self.eyes_y - 24), (x + side, self.eyes_y - 6)], shade * 0.8, 3)

    def _mouth(self, shown: Features) -> None:
        x, half = _SIZE / 2, self.mouth * (1 + 0.3 * shown.wide)
        bend = 0.068 * _SIZE * shown.smile
        open_ = self.mouth * float(np.clip(0.85 * shown.open, 0, 1.1))
        across = np.linspace(-1, 1, 15)
        rim = 1 - across**2
        raised = 0.03 * _SIZE * max(shown.lip, 0) * (0.4 + 0.6 * np.abs(across))
        corner = self.mouth_y - bend
        up = corner + (bend - 0.55 * open_) * rim - raised * rim
        down = corner + (bend + 0.75 * open_) * rim
        upper, lower = [*zip(x + half * across, up)], [*zip(x + half * across, down)]
        lip = 0.6 * self.skin + 0.4 * self.dark
        if open_ < 0.06 * self.mouth:
            self._line(upper, self.dark * 0.6, 5)
            self._line([(a, b + 8) for a, b in lower[4:11]], lip, 4)
            return
        self._fill([*upper, *lower[::-1]], 25)
        if shown.teeth > 0.4 or shown.lip > 0.6:
            edge = [(a, b + 0.5 * (d - b)) for (a, b), (_, d) in zip(upper, lower)]
            self._fill([*upper, *edge[::-1]], 225)
        self._line(upper, lip, 4)
        self._line(lower, lip, 6)

    def _ellipse(self, centre: tuple[float, float], axes: tuple[float, float], grey: float,
                 width: int = -1) -> None:  # fmt: skip
        cv2.ellipse(self.picture, _box(centre, axes), grey, width, cv2.LINE_AA)

    def _line(self, points: list[tuple[float, float]], grey: float, width: int) -> None:
        cv2.polylines(self.picture, [_whole(points)], False, grey, width, cv2.LINE_AA, 3)

    def _fill(self, points: list[tuple[float, float]], grey: float) -> None:
        cv2.fillPoly(self.picture, [_whole(points)], grey, cv2.LINE_AA, 3)


def _whole(points: list[tuple[float, float]]) -> np.ndarray:
    """As OpenCV takes them: in eighths of a pixel."""
    return np.round(np.array(points, np.float64) * 8).astype(np.int32)


def _point(at: tuple[float, float]) -> tuple[int, int]:
    return round(at[0]), round(at[1])


def _box(
    centre: tuple[float, float], axes: tuple[float, float]
) -> tuple[tuple[float, float], tuple[float, float], float]:
    """An ellipse by its centre and half axes, as OpenCV takes it."""
    return centre, (2 * axes[0], 2 * axes[1]), 0.0


def _posed(picture: Array, rng: np.random.Generator) -> Array:
    """Tilted, turned a little, nearer or farther, not quite in the middle."""
    tilt, near = rng.normal(0, 6), rng.uniform(1.08, 1.36)
    turn: Array = np.array(cv2.getRotationMatrix2D((_SIZE / 2, _SIZE / 2), tilt, near), np.float64)
    turn[0] *= rng.uniform(0.88, 1.0)
    turn[:, 2] += rng.normal(0, 0.02 * _SIZE, 2)
    turn[0, 2] += 0.03 * _SIZE
    size = (_SIZE, _SIZE)
    return np.asarray(
        cv2.warpAffine(picture, turn, size, borderMode=cv2.BORDER_REPLICATE), np.float64
    )


def _lit(picture: Array, rng: np.random.Generator) -> Bytes:
    """Light from one side, soft or hard contrast, a little out of focus, noise of a camera."""
    small = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    rows, columns = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    angle, strength = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.35)
    small = small * (1 + strength * (columns * np.cos(angle) + rows * np.sin(angle)))
    small = (small - 128) * rng.uniform(0.7, 1.15) + 128 + rng.normal(0, 14)
    if (blur := rng.uniform(0, 0.8)) > 0.35:
        small = cv2.GaussianBlur(small, (0, 0), blur)
    small = small + rng.normal(0, rng.uniform(1, 6), small.shape)
    return np.clip(small, 0, 255).astype(np.uint8)
