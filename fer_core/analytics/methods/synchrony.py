"""Whether viewers respond together: leave-one-out correlation, and what chance gives.

Each viewer's curve is correlated with the mean of the others' and the correlations are
averaged. For chance every curve is shifted in a circle by its own random number of
seconds, which keeps its shape and breaks its tie to the film.

Conventions: a second that a viewer lacks counts as that viewer's own mean; a viewer with
under half of the seconds, or whose curve is flat, takes no part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fer_core.types import Array

SHIFTS = 1000
FEWEST_VIEWERS = 2
FEWEST_SECONDS = 10
KNOWN_SHARE = 0.5
_NUMBERS_AT_ONCE = 500_000  # of shifted curves: 4 MB


@dataclass(frozen=True, slots=True)
class Synchrony:
    """The mean correlation, the 95 % range by chance, and how far up in it it lies.

    NaN with a ``reason`` where it cannot be told.
    """

    value: float
    low: float
    high: float
    p: float
    viewers: int
    reason: str = ""

    @property
    def together(self) -> bool:
        """Above what shifted curves give."""
        return self.value > self.high


def synchrony(
    values: Array, *, shifts: int = SHIFTS, level: float = 0.95, seed: int = 0
) -> Synchrony:
    """Synchrony of curves (viewers, seconds); NaN is missing."""
    curves = _centred(np.asarray(values, np.float64))
    viewers, seconds = curves.shape
    nan = float("nan")
    if viewers < FEWEST_VIEWERS:
        return Synchrony(nan, nan, nan, nan, viewers, "fewer than two viewers with a curve")
    if seconds < FEWEST_SECONDS:
        return Synchrony(nan, nan, nan, nan, viewers, f"under {FEWEST_SECONDS} seconds")
    own = (curves * curves).sum(axis=1)  # a shift keeps it
    observed = float(np.mean(leave_one_out(curves, own)))
    rng = np.random.default_rng(seed)
    twice = np.concatenate([curves, curves], axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(twice, seconds, axis=1)
    rows = np.arange(viewers)
    at_once = max(1, _NUMBERS_AT_ONCE // curves.size)
    means = []
    for begin in range(0, shifts, at_once):
        starts = rng.integers(0, seconds, (min(at_once, shifts - begin), viewers))
        means.append(leave_one_out(windows[rows, starts], own).mean(axis=1))
    by_chance = np.concatenate(means)
    tail = (1 - level) / 2
    low, high = np.quantile(by_chance, [tail, 1 - tail])
    p = (1 + int((by_chance >= observed).sum())) / (1 + shifts)
    return Synchrony(observed, float(low), float(high), p, viewers)


def leave_one_out(curves: Array, own: Array) -> Array:
    """Each viewer's correlation with the mean of the others, for curves of mean 0, no NaN.

    The last two axes are viewers and seconds; ``own`` (viewers,) is each one's sum of squares.
    With S the sum of all viewers, |S - x|² = |S|² - 2 x·S + |x|²: one product for all of them.
    """
    total = curves.sum(axis=-2)
    with_total = (curves @ total[..., None])[..., 0]
    whole = (total * total).sum(axis=-1)
    others = whole[..., None] - 2 * with_total + own
    # Curves that cancel out leave rounding, not a direction.
    nothing = 1e-12 * own.sum()
    tiny = np.finfo(float).tiny
    return np.where(
        others > nothing,
        (with_total - own) / np.sqrt(own * np.maximum(others, tiny)),
        0.0,
    )


def _centred(values: Array) -> Array:
    """The curves that can be correlated, each less its mean."""
    known = ~np.isnan(values)
    enough = known.mean(axis=1) >= KNOWN_SHARE if values.shape[1] else known.any(axis=1)
    values, known = values[enough], known[enough]
    if not values.size:
        return np.zeros((0, values.shape[1]))
    means = np.nansum(values, axis=1, keepdims=True) / known.sum(axis=1, keepdims=True)
    centred = np.where(known, values - means, 0.0)
    spread = np.sqrt((centred * centred).mean(axis=1))
    varies: Array = centred[spread > 1e-9 * np.maximum(np.abs(means[:, 0]), 1e-9)]
    return varies
