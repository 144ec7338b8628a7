"""What Live shows of a face, without the flicker of single frames (``shown/1``).

A one-euro filter (Casiez, Roussel and Vogel 2012) over the logarithms of each viewer's
probabilities: slow while little changes, fast while much does. It looks back alone. What is
stored stays as the model read it; how much this steadies and delays is in
``docs/benchmarks/stability.md``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from fer_core.inference.outputs import LEAST, softmax
from fer_core.measures import measure
from fer_core.types import AnalysisSettings, Array, FrameResult

#: Changes slower than this many a second are held for noise …
CUTOFF_HZ: Final = 1.0
#: … and so many more for each unit of the logarithms that the face changes by in a second.
PER_SPEED: Final = 0.3
#: How fast the speed itself may change.
SPEED_HZ: Final = 2.0
#: A face that could not be read for so long begins anew.
FORGET_MS: Final = 500


@dataclass(slots=True)
class OneEuro:
    """The filter over the values of one face, (k,) at a time."""

    cutoff_hz: float = CUTOFF_HZ
    per_speed: float = PER_SPEED
    t_ms: float = -math.inf
    values: Array | None = None
    speed: Array | float = 0.0

    def toward(self, t_ms: float, measured: Array) -> Array:
        """The values at a time, after what was measured then; times never go back."""
        if self.values is None or t_ms - self.t_ms > FORGET_MS:
            self.values, self.speed = measured, np.zeros_like(measured)
        elif t_ms > self.t_ms:
            seconds = (t_ms - self.t_ms) / 1000
            off = measured - self.values
            self.speed = self.speed + _share(SPEED_HZ, seconds) * (off / seconds - self.speed)
            # One cutoff for all: a face changes as a whole, and its probabilities sum to 1.
            hz = self.cutoff_hz + self.per_speed * float(np.abs(self.speed).max())
            self.values = self.values + _share(hz, seconds) * off
        self.t_ms = t_ms
        return self.values


def _share(hz: float, seconds: float) -> float:
    turns = 2 * math.pi * hz * seconds
    return turns / (turns + 1)


class Steady:
    """The viewers of one live session. It belongs to one thread."""

    def __init__(self, settings: AnalysisSettings) -> None:
        self._settings = settings
        self._viewers: dict[int, OneEuro] = {}

    def take(self, result: FrameResult) -> FrameResult:
        """The frame as it is shown. Faces that cannot be used stay as they are and count for
        nothing."""
        p = result.probabilities.copy()
        known = np.asarray(result.usable, bool) & ~np.isnan(p).any(axis=1)
        for row in np.flatnonzero(known):
            logarithms = np.log(np.maximum(p[row].astype(np.float64), LEAST))
            one = self._viewers.setdefault(int(result.viewer[row]), OneEuro())
            p[row] = softmax(one.toward(result.t_ms, logarithms)[None])[0]
        self._viewers = {
            number: one
            for number, one in self._viewers.items()
            if result.t_ms - one.t_ms <= FORGET_MS
        }
        return replace(result, probabilities=p, measures=measure(p, result.pose, self._settings))
