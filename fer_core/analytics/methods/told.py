"""What viewers told of themselves by the second beside what their faces showed.

The two mean curves are correlated; for chance one of them is shifted in a circle by every number of
seconds, which keeps its shape and breaks its tie to the film.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fer_core.analytics.methods.synchrony import FEWEST_SECONDS
from fer_core.types import Array


@dataclass(frozen=True, slots=True)
class Told:
    """The correlation and the 95 % range by chance; NaN with a ``reason`` where there is none."""

    correlation: float
    low: float
    high: float
    viewers: int
    reason: str = ""

    @property
    def follows(self) -> bool:
        """Whether the two go together more than shifted curves do."""
        return self.correlation > self.high


def told_beside(told: Array, shown: Array, viewers: int) -> Told:
    """Of two curves by the second, NaN where not known."""
    both = np.isfinite(told) & np.isfinite(shown)
    a, b = np.asarray(told, np.float64)[both], np.asarray(shown, np.float64)[both]
    nan = float("nan")
    if len(a) < FEWEST_SECONDS:
        return Told(nan, nan, nan, viewers, f"under {FEWEST_SECONDS} seconds")
    if not a.std() or not b.std():
        return Told(nan, nan, nan, viewers, "one of the curves is flat")
    a, b = (a - a.mean()) / a.std(), (b - b.mean()) / b.std()
    by_shift = np.array([float(np.mean(np.roll(a, shift) * b)) for shift in range(len(a))])
    low, high = np.percentile(by_shift[1:], [2.5, 97.5])
    return Told(float(by_shift[0]), float(low), float(high), viewers)
