"""Curves of a live session: smoothed over a second, with a point every half second.

A point is final once it is drawn. Faces that cannot be used count for nothing; where nobody
can be read for a while, the curve breaks. Where only one viewer has been seen so far, that
viewer is expected to the end, as in the stored seconds: out of sight, attention is 0.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from fer_core.labels import EMOTIONS
from fer_core.live.values import LiveHistory
from fer_core.types import FrameResult

EVERY_MS: Final = 500
SMOOTH_MS: Final = 1000.0
#: A curve bridges less than this without a readable face.
BRIDGE_MS: Final = 1500
KEPT: Final = 2400  # points: twenty minutes
ATTENDING: Final = 0.5

_BLANK: Final = np.full(3 + len(EMOTIONS), np.nan)


@dataclass(slots=True)
class _Smooth:
    """Values that follow what is measured with a lag of about a second."""

    values: np.ndarray
    known_ms: np.ndarray  # when each was measured last

    @classmethod
    def blank(cls) -> _Smooth:
        """Nothing known yet."""
        return cls(_BLANK.copy(), np.full(len(_BLANK), -np.inf))

    def toward(self, t_ms: int, measured: np.ndarray) -> None:
        """Follow what was measured (k,) at a time; NaN: not measured."""
        known = ~np.isnan(measured)
        gone = t_ms - self.known_ms
        with np.errstate(over="ignore"):
            share = np.where(gone > BRIDGE_MS, 1.0, 1 - np.exp(-gone / SMOOTH_MS))
        old = np.where(share == 1.0, measured, self.values)
        self.values = np.where(known, old + share * (measured - old), self.values)
        self.known_ms = np.where(known, float(t_ms), self.known_ms)

    def at(self, t_ms: int) -> np.ndarray:
        """The values (k,) at a time; NaN where they are too old."""
        return np.where(t_ms - self.known_ms > BRIDGE_MS, np.nan, self.values)


class Trend:
    """Engagement, attention, valence and the seven emotions, and how many people."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, np.ndarray, float]] = deque(maxlen=KEPT)
        self._smooth = _Smooth.blank()
        self._counts: deque[tuple[int, int]] = deque()
        self._next_ms = EVERY_MS
        self.viewers: set[int] = set()

    def add(self, result: FrameResult) -> None:
        """Take in an analysed picture; times never go back."""
        self._fill(result.t_ms)
        self.viewers.update(int(viewer) for viewer in result.viewer)
        self._counts.append((result.t_ms, len(result)))
        while self._counts[0][0] <= result.t_ms - SMOOTH_MS:
            self._counts.popleft()
        self._smooth.toward(result.t_ms, self._measured(result))

    def now(self, t_ms: int) -> tuple[float, float, float]:
        """Engagement, attention and valence."""
        values = self._smooth.at(t_ms)
        return float(values[0]), float(values[1]), float(values[2])

    def history(self, seconds: float, now_ms: int) -> LiveHistory:
        """The points of the last seconds before ``now_ms``."""
        self._fill(now_ms)
        found = [point for point in self._points if point[0] * 1000 > now_ms - seconds * 1000]
        values = np.array([point[1] for point in found]).reshape(-1, len(_BLANK))
        return LiveHistory(
            t_s=np.array([point[0] for point in found]),
            engagement=values[:, 0],
            attention=values[:, 1],
            valence=values[:, 2],
            emotions=values[:, 3:],
            people=np.array([point[2] for point in found]),
        )

    def _measured(self, result: FrameResult) -> np.ndarray:
        good = np.asarray(result.usable, bool)
        found = _BLANK.copy()
        if not len(result) and len(self.viewers) == 1:
            found[:2] = 0.0
        elif good.any():
            columns = (
                result.measures["engagement"],
                result.measures["attention"],
                result.measures["valence"],
                *result.probabilities.T,
            )
            found[:] = [_mean(np.asarray(column)[good]) for column in columns]
        return found

    def _fill(self, t_ms: int) -> None:
        """Points up to a time; during a pause and a stall they are unknown."""
        if t_ms - self._next_ms > KEPT * EVERY_MS:
            self._next_ms = t_ms // EVERY_MS * EVERY_MS
        while self._next_ms <= t_ms:
            counts = sorted(n for at, n in self._counts if at > self._next_ms - SMOOTH_MS)
            people = float(counts[len(counts) // 2]) if counts else math.nan
            self._points.append((self._next_ms / 1000, self._smooth.at(self._next_ms), people))
            self._next_ms += EVERY_MS


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else math.nan
