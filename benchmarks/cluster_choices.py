"""Which statistic over time finds a short difference most often, at the same false alarms.

    python -m benchmarks.cluster_choices [--studies 300]

24 viewers a side over 30 s, one standard deviation apart from 12 to 15 s, with the noises of
`study_statistics`. Every choice is judged by the same shuffles: a study alarms where any
second is beyond what 95 % of the shuffles reach, and finds the difference where such a second
lies within it. The last row knows where to look: no test that has to search can do better.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from benchmarks.study_statistics import NOISE, SECONDS, SIDE, table
from fer_core.analytics.methods.clusters import _independent_t
from fer_core.analytics.simulate import simulate_curves

Array = NDArray[np.float64]
FROM, TO = 12, 15
SHUFFLES = 500
#: A statistic gives each shuffle and second a score; the largest of a shuffle is what counts.
Score = Callable[[Array, Array], Array]


def t_of(values: Array, member: Array) -> Array:
    return _independent_t(values, member)[0]


def averaged(values: Array, width: int) -> Array:
    """A running mean over seconds; the curve's ends have fewer."""
    kernel = np.ones(width)
    counts = np.convolve(np.ones(values.shape[1]), kernel, "same")
    return np.stack([np.convolve(row, kernel, "same") for row in values]) / counts


def cluster(forming: float, *, size: bool = False) -> Score:
    """Every second of a cluster has the cluster's mass, or its length."""

    def score(values: Array, member: Array) -> Array:
        t = t_of(values, member)
        threshold = stdtrit(2 * SIDE - 2, 1 - forming / 2)
        sign = np.where(np.abs(t) > threshold, np.sign(t), 0.0)
        weight = np.where(sign != 0, 1.0 if size else np.abs(t), 0.0)
        total = weight.copy()
        for at in range(1, t.shape[1]):  # sums up to here, then carried back
            same = (sign[:, at] != 0) & (sign[:, at] == sign[:, at - 1])
            total[:, at] += np.where(same, total[:, at - 1], 0.0)
        for at in range(t.shape[1] - 2, -1, -1):
            same = (sign[:, at] != 0) & (sign[:, at] == sign[:, at + 1])
            total[:, at] = np.where(same, total[:, at + 1], total[:, at])
        return total

    return score


def tfce(values: Array, member: Array) -> Array:
    """Threshold-free cluster enhancement (Smith and Nichols 2009), E 0.5 and H 2."""
    t = t_of(values, member)
    result = np.zeros_like(t)
    step = 0.2
    for height in np.arange(step, np.abs(t).max() + step, step):
        for sign in (1.0, -1.0):
            above = sign * t >= height
            extent = above.astype(float)
            for at in range(1, t.shape[1]):
                extent[:, at] = np.where(above[:, at], extent[:, at - 1] + 1, 0.0)
            for at in range(t.shape[1] - 2, -1, -1):
                joined = above[:, at] & above[:, at + 1]
                extent[:, at] = np.where(joined, extent[:, at + 1], extent[:, at])
            result += np.sqrt(extent) * height**2 * step
    return result


def scan(*widths: int) -> Score:
    """The largest t of running means, over several widths."""

    def score(values: Array, member: Array) -> Array:
        return np.max([np.abs(t_of(averaged(values, width), member)) for width in widths], axis=0)

    return score


def without_level(values: Array, member: Array) -> Array:
    """Our clusters on curves less each viewer's mean: another question, of shape alone."""
    return cluster(0.02)(values - values.mean(axis=1, keepdims=True), member)


CHOICES: dict[str, Score] = {
    "cluster mass, formed at p 0.05": cluster(0.05),
    "cluster mass, formed at p 0.02 (ours)": cluster(0.02),
    "cluster mass, formed at p 0.01": cluster(0.01),
    "cluster mass, formed at p 0.002": cluster(0.002),
    "cluster length, formed at p 0.02": cluster(0.02, size=True),
    "TFCE": tfce,
    "largest t": scan(1),
    "largest t of 3 s means": scan(3),
    "largest t of 1, 2, 3, 5 and 8 s means": scan(1, 2, 3, 5, 8),
    "shape alone: each viewer's mean taken out": without_level,
    "knows where to look: t of the mean from 12 to 15 s": lambda values, member: np.abs(
        t_of(values[:, FROM:TO].mean(axis=1, keepdims=True), member)
    ).repeat(SECONDS, axis=1),
}


def rates(studies: int, own: float, lasting: float) -> dict[str, tuple[float, float]]:
    """False alarms and finds, in per cent, of each choice."""
    rng = np.random.default_rng(7)
    alarms, finds = dict.fromkeys(CHOICES, 0), dict.fromkeys(CHOICES, 0)
    for _ in range(studies):
        values = simulate_curves(rng, 2 * SIDE, SECONDS, own_level=own, lasting=lasting)
        member = np.zeros((SHUFFLES, 2 * SIDE))
        member[:, :SIDE] = 1.0
        member[1:] = rng.permuted(member[1:], axis=1)
        planted = values.copy()
        planted[SIDE:, FROM:TO] += 1.0
        for name, score in CHOICES.items():
            nothing, something = score(values, member), score(planted, member)
            for scores, counts, where in (
                (nothing, alarms, slice(None)),
                (something, finds, slice(FROM, TO)),
            ):
                chance = scores.max(axis=1)
                p = (chance >= scores[0, where].max() * (1 - 1e-9)).mean()
                counts[name] += p < 0.05
    return {name: (100 * alarms[name] / studies, 100 * finds[name] / studies) for name in CHOICES}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=300)
    given = parser.parse_args()
    found = [rates(given.studies, own, lasting) for _, own, lasting in NOISE]
    rows: list[tuple[object, ...]] = [
        (name, *(f"{one[name][1]:.0f} % ({one[name][0]:.1f} %)" for one in found))
        for name in CHOICES
    ]
    print("Found (false alarms):\n")
    print(table(("statistic", *(name for name, *_ in NOISE)), rows))


if __name__ == "__main__":
    main()
