"""Where one number stands among the store's others of its kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FEWEST_OTHERS = 10


@dataclass(frozen=True, slots=True)
class Norm:
    """A percentile among ``n`` others; None, with the reason, where there are too few."""

    percentile: float | None
    n: int
    reason: str = ""


def norm(value: float, others: Sequence[float]) -> Norm:
    """The share of the others below the value, half of the equal ones counted.

    ``others`` are finished sessions or studies of the same kind without the one that is
    asked about; those without a value do not count.
    """
    known = np.asarray(others, np.float64)
    known = known[~np.isnan(known)]
    n = len(known)
    if n < FEWEST_OTHERS:
        return Norm(None, n, f"{n} others of this kind; {FEWEST_OTHERS} are needed")
    if np.isnan(value):
        return Norm(None, n, "there is no value to compare")
    below, equal = int((known < value).sum()), int((known == value).sum())
    return Norm(100 * (below + equal / 2) / n, n)
