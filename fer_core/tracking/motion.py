"""Motion model: a Kalman filter per face, in units of the face's size.

Four numbers are followed: the centre's x and y in pixels, and the logarithms of width and
height. Each has a speed. Steps follow the frames' own times, so a varying rate or a low one
changes nothing in the settings.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from fer_core.types import Array

#: How fast a head may change its speed, in face sizes a second squared; and its size.
_ACCELERATION = np.array([5.0, 5.0, 1.2, 1.2])
#: How far a found box strays from the face, in face sizes; and the logarithm of its sides.
_NOISE = np.array([0.05, 0.05, 0.06, 0.06])
#: Speed not yet known when a face is first seen: face sizes a second.
_FIRST_SPEED = np.array([1.5, 1.5, 0.3, 0.3])
#: A face that is not seen slows down: people stop, and few run out of the picture.
_SLOWING_S = np.array([1.5, 1.5, 0.4, 0.4])


class MotionState(TypedDict):
    """A ``Motion`` as JSON; lists of four numbers."""

    t_ms: int
    place: list[float]
    speed: list[float]
    pp: list[float]
    pv: list[float]
    vv: list[float]


@dataclass(frozen=True, slots=True)
class Motion:
    """A face's place and speed at ``t_ms``. Steps return new values."""

    t_ms: int
    place: Array  # (4,) x, y of the centre, log width, log height
    speed: Array  # (4,) a second
    pp: Array  # (4,) variance of the place,
    pv: Array  # its covariance with the speed,
    vv: Array  # and the speed's variance

    @classmethod
    def begin(cls, t_ms: int, box: Array) -> Motion:
        """The state of a face that is seen for the first time; ``box`` is x, y, w, h in pixels."""
        place = box_state(box)
        unit = _units(place)
        return cls(
            t_ms,
            place,
            np.zeros(4),
            (_NOISE * unit) ** 2,
            np.zeros(4),
            (_FIRST_SPEED * unit) ** 2,
        )

    def at(self, t_ms: int) -> Motion:
        """The expected state at a later time."""
        dt = (t_ms - self.t_ms) / 1000
        if dt <= 0:
            return self
        keep = np.exp(-dt / _SLOWING_S)
        reach = _SLOWING_S * (1 - keep)
        q = (_ACCELERATION * _units(self.place)) ** 2
        return Motion(
            t_ms,
            self.place + self.speed * reach,
            self.speed * keep,
            self.pp + 2 * reach * self.pv + reach**2 * self.vv + q * dt**3 / 3,
            keep * (self.pv + reach * self.vv) + q * dt**2 / 2,
            keep**2 * self.vv + q * dt,
        )

    def corrected(self, box: Array) -> Motion:
        """The state after a box was seen at its time."""
        r = (_NOISE * _units(self.place)) ** 2
        gain = self.pp / (self.pp + r)
        lift = self.pv / (self.pp + r)
        off = box_state(box) - self.place
        return Motion(
            self.t_ms,
            self.place + gain * off,
            self.speed + lift * off,
            (1 - gain) * self.pp,
            (1 - gain) * self.pv,
            self.vv - lift * self.pv,
        )

    def scaled(self, factor: float) -> Motion:
        """The same in pixels of which there are ``factor`` times as many."""
        k = np.array([factor, factor, 1.0, 1.0])
        place = self.place * k + np.array([0.0, 0.0, math.log(factor), math.log(factor)])
        return Motion(
            self.t_ms, place, self.speed * k, self.pp * k**2, self.pv * k**2, self.vv * k**2
        )

    @property
    def size(self) -> float:
        """The face's size in pixels: the geometric mean of width and height."""
        return float(np.exp((self.place[2] + self.place[3]) / 2))

    @property
    def box(self) -> Array:
        """The box (4,): x, y, width, height in pixels."""
        w, h = np.exp(self.place[2:])
        return np.array([self.place[0] - w / 2, self.place[1] - h / 2, w, h])

    def dump(self) -> MotionState:
        """For JSON; Python writes floats so that they read back the same."""
        return {
            "t_ms": self.t_ms,
            "place": self.place.tolist(),
            "speed": self.speed.tolist(),
            "pp": self.pp.tolist(),
            "pv": self.pv.tolist(),
            "vv": self.vv.tolist(),
        }

    @classmethod
    def load(cls, state: MotionState) -> Motion:
        """What ``dump`` gave."""
        values = (state["place"], state["speed"], state["pp"], state["pv"], state["vv"])
        return cls(int(state["t_ms"]), *(np.array(value, np.float64) for value in values))


def box_state(boxes: Array) -> Array:
    """Boxes (…, 4) as x, y of the centre and the logarithms of width and height."""
    sides = np.maximum(boxes[..., 2:], 1.0)
    return np.concatenate([boxes[..., :2] + sides / 2, np.log(sides)], axis=-1)


def _units(place: Array) -> Array:
    size = math.exp((float(place[2]) + float(place[3])) / 2)
    return np.array([size, size, 1.0, 1.0])
