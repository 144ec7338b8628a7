"""Which segments of an audience differ, all of them and all measures corrected together.

Every segment (an answer, a tag, a device) is tested by the F of its groups' means. Chance is what
the same viewers give when their responses are dealt out anew: a p is corrected by the share of
these in which any segment does as well (Westfall and Young's min-p). Segments that hang together
are so corrected less than by Bonferroni, and one alarm in twenty studies is the most there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from fer_core.analytics.methods.distributions import f_tail
from fer_core.types import Array

SHUFFLES: Final = 1000


@dataclass(frozen=True, slots=True)
class SegmentDifference:
    """One segment in one measure: its groups' means and sizes, and p before and after."""

    segment: str
    measure: str
    means: dict[str, float]
    n: dict[str, int]
    p: float
    corrected: float


def differences(
    values: Mapping[str, Array],
    groups: Mapping[str, Array],
    *,
    shuffles: int = SHUFFLES,
    seed: int = 0,
) -> list[SegmentDifference]:
    """``values``: a measure's mean of each viewer (n,), NaN where not known. ``groups``: each
    viewer's group in a segment, as texts, "" where none; groups that may not be shown are none.
    """
    if not values or not groups:
        return []
    table = np.column_stack([np.asarray(one, np.float64) for one in values.values()])
    known = np.isfinite(table).all(axis=1)
    table = table[known]
    rng = np.random.default_rng(seed)
    deals = np.array([rng.permutation(len(table)) for _ in range(shuffles)])
    found, chances = [], []
    for segment, labels in groups.items():
        labels = np.asarray(labels, str)[known]
        names = [name for name in np.unique(labels) if name]
        inside = labels != ""
        if len(names) < 2 or inside.sum() < len(names) + 2:
            continue
        member = np.array([labels[inside] == name for name in names], float)
        for at, measure in enumerate(values):
            y = table[inside, at]
            p = float(_p(y[None], member)[0])
            means = member @ y / member.sum(axis=1)
            sizes = member.sum(axis=1).astype(int)
            found.append(
                SegmentDifference(
                    segment, measure, dict(zip(names, means.tolist())),
                    dict(zip(names, sizes.tolist())), p, p,
                )
            )  # fmt: skip
            chances.append(_p(table[deals, at][:, inside], member))
    if not found:
        return []
    lowest = np.min(chances, axis=0)
    return [
        SegmentDifference(
            one.segment, one.measure, one.means, one.n, one.p,
            float((1 + (lowest <= one.p).sum()) / (1 + shuffles)),
        )
        for one in found
    ]  # fmt: skip


def _p(y: Array, member: Array) -> Array:
    """The p of the F test of each row of ``y`` (rows, n); ``member``: (groups, n) of 0 and 1."""
    n, k = y.shape[1], len(member)
    sizes = member.sum(axis=1)
    centred = y - y.mean(axis=1, keepdims=True)
    means = centred @ member.T / sizes
    between = (means**2 * sizes).sum(axis=1)
    within = np.maximum((centred**2).sum(axis=1) - between, 1e-12)
    f = between / (k - 1) / (within / (n - k))
    return f_tail(k - 1, n - k, f)
