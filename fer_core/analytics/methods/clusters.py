"""Cluster-based permutation test over time (Maris and Oostenveld 2007).

Every second has a t; neighbouring seconds beyond the two-sided 2 % threshold and of one
sign make a cluster, whose mass is the sum of their t. Viewers are then shuffled between
the groups (or, paired, their differences flip sign), and a cluster's p is the share of
shuffles, the one observed among them, whose largest cluster is as heavy. So the whole
curve is tested once and needs no correction for its seconds.

All shuffles of all seconds are one matrix product: rows of a membership matrix times the
viewers' seconds give the groups' sums, and the sums of squares of both groups together
never change.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fer_core.analytics.methods.distributions import student_quantile
from fer_core.types import Array

PERMUTATIONS = 2000
#: A second takes part in a cluster beyond this two-sided p. The usual 5 % finds no more, and
#: loses most short differences where viewers' levels differ: there chance makes clusters as
#: long as the film (decision 073).
FORMING_P = 0.02


@dataclass(frozen=True, slots=True)
class Cluster:
    """Neighbouring seconds ``start`` to ``stop`` (not included) that differ the same way."""

    start: int
    stop: int
    mass: float
    p: float


@dataclass(frozen=True)
class ClusterTest:
    """The t of every second (NaN: too few values), its clusters, and what chance gives."""

    t: Array
    threshold: Array
    clusters: tuple[Cluster, ...]
    chance: Array  # the largest mass of each shuffle; the first is the observed order
    exact: bool


def independent(
    a: Array, b: Array, *, permutations: int = PERMUTATIONS, seed: int = 0
) -> ClusterTest:
    """Two groups of viewers, (viewers, seconds) each; t is a - b. NaN is missing."""
    return independent_with(a, b, _shuffles(len(a) + len(b), permutations, seed))


@lru_cache(maxsize=2)
def _shuffles(viewers: int, permutations: int, seed: int) -> NDArray[np.int64]:
    """Orders of the viewers, the first the observed; all measures of a comparison share them."""
    orders = np.tile(np.arange(viewers), (permutations, 1))
    orders[1:] = np.random.default_rng(seed).permuted(orders[1:], axis=1)
    orders.flags.writeable = False
    return orders


def independent_with(a: Array, b: Array, orders: NDArray[np.int64]) -> ClusterTest:
    """The same with given shuffles of the viewers of a, then b; the first is the observed."""
    member = np.zeros(orders.shape)
    np.put_along_axis(member, orders[:, : len(a)], 1.0, axis=1)
    t, df = _independent_t(np.concatenate([a, b]), member)
    return _test(t, df, exact=False)


def paired(differences: Array, *, permutations: int = PERMUTATIONS, seed: int = 0) -> ClusterTest:
    """Differences of the same viewers, (viewers, seconds); NaN is missing.

    With so few viewers that all their sign flips are at most ``permutations``, all of them
    are taken and the answer is exact.
    """
    n = len(differences)
    exact = 2**n <= permutations
    if exact:
        bits = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
        signs: Array = np.where(bits == 0, 1.0, -1.0)
    else:
        rng = np.random.default_rng(seed)
        signs = rng.choice([-1.0, 1.0], size=(permutations, n))
        signs[0] = 1.0
    t, df = _paired_t(differences, signs)
    return _test(t, df, exact=exact)


def _independent_t(values: Array, member: Array) -> tuple[Array, Array]:
    """Student's t of every shuffle and second, and the degrees of freedom by second."""
    known = ~np.isnan(values)
    n = known.sum(axis=0)
    filled = np.where(known, values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        # Sums of squares about the common mean: far from 0 they would lose digits.
        filled = np.where(known, filled - filled.sum(axis=0) / n, 0.0)
        n_a = np.float64(member[0].sum()) if known.all() else member @ known.astype(np.float64)
        n_b = n - n_a
        mean = filled.sum(axis=0) / n  # what rounding left of 0
        squares = (filled * filled).sum(axis=0)
        # The groups' sums add up to one total: the first gives the difference of both means.
        both = n_a * n_b / n
        difference = member @ filled
        difference -= n_a * mean
        difference /= both
        # Shuffles by seconds are large: what follows is written over one matrix.
        error = np.square(difference)
        error *= both
        np.subtract(squares - n * mean * mean, error, out=error)
        np.maximum(error, 0.0, out=error)
        error /= (n - 2) * both
        np.sqrt(error, out=error)
        t = _ratio(difference, error, np.sqrt(squares))
        t = np.where((n_a >= 2) & (n_b >= 2), t, np.nan)
    return t, (n - 2).astype(np.float64)


def _paired_t(differences: Array, signs: Array) -> tuple[Array, Array]:
    """The one-sample t of every flip and second, and the degrees of freedom by second."""
    known = ~np.isnan(differences)
    n = known.sum(axis=0)
    filled = np.where(known, differences, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        squares = (filled * filled).sum(axis=0)
        mean = signs @ filled / n
        error = np.sqrt(np.maximum(squares - n * mean * mean, 0.0) / (n - 1) / n)
        t = np.where(n >= 2, _ratio(mean, error, np.sqrt(squares)), np.nan)
    return t, (n - 1).astype(np.float64)


def _ratio(difference: Array, error: Array, scale: Array) -> Array:
    """Difference over its error; 0 where nobody differs, as when all look away.

    What rounding leaves of an error or a difference of 0 is no evidence.
    """
    nothing = 1e-10 * scale
    bounded = np.maximum(error, np.maximum(nothing, np.finfo(float).tiny))
    return np.where(np.abs(difference) <= nothing, 0.0, difference / bounded)


def _test(t: Array, df: Array, *, exact: bool) -> ClusterTest:
    threshold = np.where(df > 0, student_quantile(np.maximum(df, 1.0), 1 - FORMING_P / 2), np.inf)
    beyond = np.where(np.isnan(t), 0.0, t)
    beyond = np.where(np.abs(beyond) > threshold, beyond, 0.0)
    chance = largest_masses(beyond)
    found = []
    for start, stop in runs(np.sign(beyond[0])):
        mass = float(beyond[0, start:stop].sum())
        # Equal masses of other shuffles differ in their last digits.
        p = float((chance >= abs(mass) * (1 - 1e-9)).mean())
        found.append(Cluster(start, stop, mass, p))
    return ClusterTest(t[0], threshold, tuple(found), chance, exact)


def largest_masses(beyond: Array) -> Array:
    """The heaviest run of one sign in each row, of what is beyond the threshold (else 0)."""
    best = np.zeros(len(beyond))
    up, down = best.copy(), best.copy()
    for column in np.ascontiguousarray(beyond.T):
        up = np.where(column > 0, up + column, 0.0)
        down = np.where(column < 0, down - column, 0.0)
        np.maximum(best, np.maximum(up, down), out=best)
    return best


def runs(signs: Array) -> list[tuple[int, int]]:
    """Start and stop of each stretch of equal signs other than 0."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0.0], signs, [0.0]])))
    return [(int(start), int(stop)) for start, stop in pairwise(edges) if signs[start] != 0]


def family_p(tests: list[ClusterTest]) -> list[tuple[float, ...]]:
    """Each test's cluster p, corrected for all the tests (Westfall and Young's min-p).

    The tests must have shuffled the same viewers the same way (same seed and sizes):
    measures of one face go together, and taking the smallest p of each shuffle keeps that.
    """
    if len(tests) == 1:
        return [tuple(one.p for one in tests[0].clusters)]
    sorted_chance = [np.sort(one.chance) for one in tests]
    size = len(tests[0].chance)
    smallest = np.ones(size)
    for one, ordered in zip(tests, sorted_chance):
        below = np.searchsorted(ordered, one.chance * (1 - 1e-9), side="left")
        np.minimum(smallest, (size - below) / size, out=smallest)
    return [
        tuple(float((smallest <= cluster.p + 1e-12).mean()) for cluster in one.clusters)
        for one in tests
    ]
