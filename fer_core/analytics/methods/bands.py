"""A mean over viewers with a 95 % band from resampling viewers.

Viewers are drawn whole, so a draw is one row of counts and all draws of all seconds are
matrix products. The band is studentised (bootstrap-t): the plain percentile band covered
the true mean in 83 % of studies of five viewers and 93 % of twenty-four, and less where
the measure is skewed; see docs/decisions/071 and docs/benchmarks/statistics.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fer_core.analytics.methods.distributions import (
    beta_quantile,
    normal_quantile,
    student_quantile,
)
from fer_core.types import Array

DRAWS = 2000
LEVEL = 0.95
#: Below this many viewers a resample has too few distinct members for its own spread.
STUDENTISE_FROM = 5
#: Where all but one look at the screen, a resample without that one has almost no spread,
#: and its t would stretch the band over everything. No resample's error counts as less
#: than this share of the sample's: such bands are tens of times narrower, at a point or two
#: of coverage.
SMALLEST_ERROR = 1 / 3
#: The bound for those who would look away though nobody does leaves this much over n: with
#: it the band of engagement holds the mean nearest to 95 %, from 5 viewers to 60 (decision 095).
AWAY_LEFT_OVER = 1.8
#: How far from its usual place a face goes that shows what is rarely shown, as a share of the
#: way to the measure's bound (decision 096).
SHOWN = 0.8


@dataclass(frozen=True, slots=True)
class Band:
    """A mean a second, with its band and the number of viewers in it. NaN: not known."""

    mean: Array
    low: Array
    high: Array
    n: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Draws:
    """Resampled means of every second, (draws, seconds), and their own standard errors."""

    mean: Array
    error: Array


def draw_viewers(viewers: int, draws: int, rng: np.random.Generator) -> Array:
    """How often each viewer is in each bootstrap sample, (draws, viewers)."""
    return rng.multinomial(viewers, np.full(viewers, 1 / viewers), draws).astype(np.float64)


@lru_cache(maxsize=4)
def seeded_viewers(sizes: tuple[int, ...], draws: int, seed: int) -> tuple[Array, ...]:
    """A draw for each of these groups, from one seed: all measures and scenes share them."""
    rng = np.random.default_rng(seed)
    found = tuple(draw_viewers(size, draws, rng) for size in sizes)
    for counts in found:
        counts.flags.writeable = False
    return found


def resample(values: Array, counts: Array) -> Draws:
    """Means and standard errors of bootstrap samples of rows; NaN is a missing value.

    ``counts``: how often each row is in each sample, as ``draw_viewers`` gives it.
    """
    known = ~np.isnan(values)
    complete = bool(known.all())
    filled = values if complete else np.where(known, values, 0.0)
    n = np.float64(len(values)) if complete else counts @ known
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = counts @ filled / n
        squares = counts @ (filled * filled)
        variance = np.maximum(squares / n - mean * mean, 0.0) / (n - 1)
    return Draws(mean, np.sqrt(variance))


def sorted_quantiles(draws: Array, levels: tuple[float, ...]) -> list[Array]:
    """Quantiles of each column, NaN and infinities left out; NaN where nothing is left.

    ``numpy.nanquantile`` goes through the columns one by one in Python.
    """
    columns = np.sort(np.where(np.isfinite(draws), draws, np.nan).T, axis=1)
    valid = np.isfinite(columns).sum(axis=1)
    rows = np.arange(len(columns))
    found = []
    for level in levels:
        place = level * np.maximum(valid - 1, 0)
        below = place.astype(np.int64)
        above = np.minimum(below + 1, np.maximum(valid - 1, 0))
        weight = place - below
        found.append(columns[rows, below] * (1 - weight) + columns[rows, above] * weight)
    return found


def mean_band(
    values: Array,
    *,
    draws: int = DRAWS,
    level: float = LEVEL,
    seed: int = 0,
    lowest: float = -np.inf,
    highest: float = np.inf,
) -> Band:
    """Mean over rows (viewers) of each column (second), with its band; NaN is missing.

    One viewer has a mean and no band. ``lowest`` and ``highest`` are the measure's own
    bounds: a band never promises what cannot be.
    """
    values = np.asarray(values, np.float64)
    n = (~np.isnan(values)).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(n > 0, np.nansum(values, axis=0) / n, np.nan)
    if len(values) < 2 or not values.shape[1]:
        nothing = np.full(values.shape[1], np.nan)
        return Band(mean, nothing, nothing.copy(), n)
    centred = values - mean  # sums of squares of what lies far from 0 lose digits
    (counts,) = seeded_viewers((len(values),), draws, seed)
    sample = resample(centred, counts)
    down, up = _reach(centred, n, sample, level)
    enough = n > 1
    low = np.where(enough, np.maximum(mean - down, lowest), np.nan)
    high = np.where(enough, np.minimum(mean + up, highest), np.nan)
    return Band(mean, low, high, n)


def _reach(
    centred: Array, n: NDArray[np.int64], sample: Draws, level: float
) -> tuple[Array, Array]:
    """How far the band reaches below and above the mean of each column."""
    tail = (1 - level) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(np.nansum(centred * centred, axis=0) / (n - 1) / n)
        t = sample.mean / np.maximum(sample.error, SMALLEST_ERROR * error)
    t_low, t_high = sorted_quantiles(t, (tail, 1 - tail))
    down, up = t_high * error, -t_low * error
    few = n < STUDENTISE_FROM
    if few.any():
        low, high = sorted_quantiles(sample.mean, (tail, 1 - tail))
        with np.errstate(invalid="ignore", divide="ignore"):
            student = student_quantile(n - 1.0, 1 - tail)
            stretch = student / normal_quantile(1 - tail) * np.sqrt(n / (n - 1))
            down = np.where(few, -low * stretch, down)
            up = np.where(few, high * stretch, up)
    same = error == 0
    down = np.where(same | np.isnan(down), 0.0, np.maximum(down, 0.0))
    up = np.where(same | np.isnan(up), 0.0, np.maximum(up, 0.0))
    return down, up


def unseen_away(n: NDArray[np.int64]) -> Array:
    """The share of an audience that may look away though none of its n viewers does.

    The surer the more there are.
    """
    return unseen(n, away_level(n))


def unseen(n: NDArray[np.int64], sure: float | Array) -> Array:
    """Jeffreys' one-sided bound of a proportion that was seen in none of n."""
    return beta_quantile(0.5, n + 0.5, sure)


def away_level(n: NDArray[np.int64]) -> Array:
    """How sure that bound is for n viewers: 64 % for 5, 92.5 % for 24, 97 % for 60."""
    return np.asarray(np.maximum(1 - AWAY_LEFT_OVER / np.maximum(n, 1), 0.5), np.float64)


def share_interval(hits: Array, n: Array, level: float = LEVEL) -> tuple[Array, Array]:
    """Wilson's interval of a proportion: sound at 0 and 1, where resampling shows none."""
    z = normal_quantile(0.5 + level / 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = hits / n
        centre = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)
