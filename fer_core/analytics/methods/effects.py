"""How large a difference is, how sure, and how likely by chance, over viewers.

Conventions: a group of fewer than two, or one without any spread, has no effect size and
no p (NaN). Viewers without a value are left out; paired, the whole pair.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_core.analytics.methods.bands import (
    DRAWS,
    LEVEL,
    SMALLEST_ERROR,
    STUDENTISE_FROM,
    mean_band,
    resample,
    seeded_viewers,
    sorted_quantiles,
)
from fer_core.analytics.methods.distributions import student_quantile
from fer_core.types import Array

#: Of the largest value: what is left of equal single-precision numbers is rounding.
_NO_SPREAD = 1e-7


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean of a minus mean of b, with its interval; ``effect`` is Cohen's d, or dz."""

    mean_a: float
    mean_b: float
    difference: float
    low: float
    high: float
    effect: float
    p: float
    n_a: int
    n_b: int


def cohens_d(a: Array, b: Array) -> float:
    """The difference of two groups over their pooled standard deviation."""
    a, b = a[~np.isnan(a)], b[~np.isnan(b)]
    if len(a) < 2 or len(b) < 2:
        return float("nan")
    within = (len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)
    pooled = np.sqrt(within / (len(a) + len(b) - 2))
    spread = pooled > _NO_SPREAD * max(np.abs(a).max(), np.abs(b).max())
    return float((a.mean() - b.mean()) / pooled) if spread else float("nan")


def cohens_dz(differences: Array) -> float:
    """The mean of paired differences over their standard deviation."""
    known = differences[~np.isnan(differences)]
    if len(known) < 2 or known.std(ddof=1) <= _NO_SPREAD * np.abs(known).max():
        return float("nan")
    return float(known.mean() / known.std(ddof=1))


def difference(
    a: Array, b: Array, *, pairs: bool = False, draws: int = DRAWS, seed: int = 0
) -> Difference:
    """Compare one number a viewer between two groups, or within the same viewers."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    return differences(a[:, None], b[:, None], pairs=pairs, draws=draws, seed=seed)[0]


def differences(
    a: Array, b: Array, *, pairs: bool = False, draws: int = DRAWS, seed: int = 0
) -> list[Difference]:
    """The same for each column; all columns share their draws of viewers."""
    if pairs:
        both = ~np.isnan(a) & ~np.isnan(b)
        a, b = np.where(both, a, np.nan), np.where(both, b, np.nan)
    low, high = difference_band(a, b, pairs=pairs, draws=draws, seed=seed)
    found = []
    for column in range(a.shape[1]):
        one, other = a[:, column], b[:, column]
        if pairs:
            effect, p = cohens_dz(one - other), paired_p(one - other)
        one, other = one[~np.isnan(one)], other[~np.isnan(other)]
        if not pairs:
            effect, p = cohens_d(one, other), welch_p(one, other)
        found.append(
            Difference(
                _mean(one),
                _mean(other),
                _mean(one) - _mean(other),
                float(low[column]),
                float(high[column]),
                effect,
                p,
                len(one),
                len(other),
            )
        )
    return found


def welch_p(a: Array, b: Array) -> float:
    """Two-sided p of Welch's t-test; NaN without spread on either side."""
    from scipy import stats

    if np.isnan(cohens_d(a, b)):
        return float("nan")
    moments = [(one.mean(), one.std(ddof=1), len(one)) for one in (a, b)]
    return float(stats.ttest_ind_from_stats(*moments[0], *moments[1], equal_var=False).pvalue)


def paired_p(differences: Array) -> float:
    """Two-sided p of the paired t-test; NaN without spread."""
    from scipy import stats

    if np.isnan(cohens_dz(differences)):
        return float("nan")
    return float(stats.ttest_1samp(differences[~np.isnan(differences)], 0.0).pvalue)


def difference_band(
    a: Array,
    b: Array,
    *,
    pairs: bool = False,
    draws: int = DRAWS,
    level: float = LEVEL,
    seed: int = 0,
) -> tuple[Array, Array]:
    """The studentised bootstrap interval of mean(a) - mean(b), by column; NaN is missing."""
    if pairs:
        band = mean_band(a - b, draws=draws, level=level, seed=seed)
        return band.low, band.high
    n_a, n_b = (~np.isnan(a)).sum(axis=0), (~np.isnan(b)).sum(axis=0)
    enough = (n_a > 1) & (n_b > 1)
    if not enough.any():
        return np.full(a.shape[1], np.nan), np.full(a.shape[1], np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_a, mean_b = np.nansum(a, axis=0) / n_a, np.nansum(b, axis=0) / n_b
        error_a = _error(a - mean_a, n_a)
        error_b = _error(b - mean_b, n_b)
        counts_a, counts_b = seeded_viewers((len(a), len(b)), draws, seed)
        drawn_a, drawn_b = resample(a - mean_a, counts_a), resample(b - mean_b, counts_b)
        error = np.hypot(error_a, error_b)
        drawn_error = np.hypot(drawn_a.error, drawn_b.error)
        t = (drawn_a.mean - drawn_b.mean) / np.maximum(drawn_error, SMALLEST_ERROR * error)
    tail = (1 - level) / 2
    t_low, t_high = sorted_quantiles(t, (tail, 1 - tail))
    # Two groups of three have too few distinct resamples for their own quantiles.
    few = np.minimum(n_a, n_b) < STUDENTISE_FROM
    student = student_quantile(np.maximum(np.minimum(n_a, n_b) - 1.0, 1.0), 1 - tail)
    t_low = np.where(few, np.minimum(t_low, -student), t_low)
    t_high = np.where(few, np.maximum(t_high, student), t_high)
    same = error == 0
    low = np.where(same, mean_a - mean_b, mean_a - mean_b - t_high * error)
    high = np.where(same, mean_a - mean_b, mean_a - mean_b - t_low * error)
    return np.where(enough, low, np.nan), np.where(enough, high, np.nan)


def corrected(p: Array) -> Array:
    """p corrected by Benjamini and Hochberg's procedure; NaN stays out of it."""
    from scipy import stats

    p = np.asarray(p, np.float64)
    result = np.full(p.shape, np.nan)
    known = ~np.isnan(p)
    if known.any():
        result[known] = stats.false_discovery_control(p[known], method="bh")
    return result


def _mean(values: Array) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _error(centred: Array, n: NDArray[np.int64]) -> Array:
    error: Array = np.sqrt(np.nansum(centred * centred, axis=0) / (n - 1) / n)
    return error
