"""Which of several is best, from viewers' values of each: means, intervals, who likely leads.

The means of the groups are taken to come from one normal population whose spread is not known
(Gelman et al., Bayesian Data Analysis, 5.4): small groups are drawn to the others, and the
probability of being best does not promise what chance gave. Each group's variance is drawn to
that of all, as if by four more viewers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.types import Array

#: Draws of the groups' variances, and of their means for each.
_DRAWS, _FOR_EACH = 250, 16
_PRIOR_VIEWERS: Final = 4
#: Places on the grid of the population's spread, in units of a viewer's.
_GRID: Final = np.concatenate([[1e-3], np.geomspace(0.02, 5.0, 40)])


@dataclass(frozen=True)
class Ranked:
    """One group. mean: of its n viewers. expected, low, high: where its true mean lies, with
    the 95 % interval. best: the probability that it is the highest of all, 0 to 1."""

    name: str
    n: int
    mean: float
    expected: float
    low: float
    high: float
    best: float


def rank(groups: Mapping[str, Sequence[float] | Array], *, seed: int = 0) -> list[Ranked]:
    """Groups of two viewers or more, the highest expected mean first.

    Args:
        groups: each viewer's value by group; NaN are left out.
        seed: of the draws; the same gives the same numbers.
    """
    known = {name: _known(values) for name, values in groups.items()}
    known = {name: values for name, values in known.items() if len(values) > 1}
    if not known:
        return []
    means = np.array([one.mean() for one in known.values()])
    counts = np.array([len(one) for one in known.values()])
    drawn = _draws(means, counts, _variances(list(known.values())), np.random.default_rng(seed))
    leads = np.bincount(drawn.argmax(axis=1), minlength=len(means)) + 0.5  # draws prove nothing
    leads = leads / leads.sum()
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    found = [
        Ranked(name, int(counts[i]), float(means[i]), float(drawn[:, i].mean()), float(low[i]),
               float(high[i]), float(leads[i]))
        for i, name in enumerate(known)
    ]  # fmt: skip
    return sorted(found, key=lambda one: -one.expected)


def _known(values: Sequence[float] | Array) -> Array:
    found = np.asarray(values, np.float64)
    return found[~np.isnan(found)]


def _variances(groups: Sequence[Array]) -> tuple[Array, Array]:
    """Each group's variance and its degrees of freedom (k,)."""
    free = np.array([len(one) - 1 for one in groups], np.float64)
    squares = np.array([((one - one.mean()) ** 2).sum() for one in groups])
    pooled = max(float(squares.sum() / free.sum()), 1e-12)
    free = free + _PRIOR_VIEWERS
    found: Array = (squares + _PRIOR_VIEWERS * pooled) / free
    return found, free


def _draws(
    means: Array, counts: NDArray[np.int64], variances: tuple[Array, Array],
    rng: np.random.Generator,
) -> Array:  # fmt: skip
    """Draws of the groups' true means (draws, k) from their joint posterior."""
    variance, free = variances
    viewer = float(np.sqrt(np.average(variance, weights=counts)))
    errors = variance * free / rng.chisquare(free, (_DRAWS, len(means))) / counts
    spread = viewer * _GRID
    total = errors[:, None, :] + spread[None, :, None] ** 2
    weight = 1 / total
    size = weight.sum(axis=2)
    centre = (weight * means).sum(axis=2) / size
    log = 0.5 * np.log(weight).sum(axis=2) - 0.5 * np.log(size)
    log = log - 0.5 * (weight * (means - centre[:, :, None]) ** 2).sum(axis=2)
    # half-Cauchy of a viewer's spread, over the grid's own steps
    log = log - np.log1p(_GRID**2) + np.log(np.gradient(_GRID))
    chance = np.exp(log - log.max(axis=1, keepdims=True)).cumsum(axis=1)
    dice = rng.random((_DRAWS, _FOR_EACH)) * chance[:, -1:]
    pick = (chance[:, None, :] < dice[:, :, None]).sum(axis=2)
    row = np.arange(_DRAWS)[:, None]
    noise = rng.standard_normal(pick.shape) / np.sqrt(size[row, pick])
    middle = (centre[row, pick] + noise)[:, :, None]
    squared, errors = spread[pick][:, :, None] ** 2, errors[:, None, :]
    share = squared / (squared + errors)
    found = middle + share * (means - middle)
    found = found + np.sqrt(share * errors) * rng.standard_normal(found.shape)
    return np.asarray(found.reshape(-1, len(means)), np.float64)
