"""Which segments of an audience differ, all of them and all measures corrected together.

Every segment (an answer, a tag, a device) is tested by the F of its groups' means in each measure,
and by Wilks' lambda in all measures together, which sees a difference that is none of one measure's
alone. Chance is what the same viewers give when their responses are dealt out anew: a p is
corrected by the share of these in which any test that is left does as well (Westfall and Young's
step-down min-p). Segments that hang together are so corrected less than by Bonferroni, and one
alarm in twenty studies is the most there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from fer_core.analytics.methods.distributions import f_tail
from fer_core.types import Array

SHUFFLES: Final = 1000
#: The name of all measures together.
TOGETHER: Final = ""


@dataclass(frozen=True, slots=True)
class SegmentDifference:
    """One segment in one measure: its groups' means and sizes, and p before and after.

    ``measure``: ``TOGETHER`` of all measures, which have no mean.
    """

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
    order = np.arange(len(table))
    deals = np.array([order, *(rng.permutation(order) for _ in range(shuffles))])
    found: list[SegmentDifference] = []
    tested = []
    for segment, labels in groups.items():
        labels = np.asarray(labels, str)[known]
        names = [name for name in np.unique(labels) if name]
        inside = labels != ""
        if len(names) < 2 or inside.sum() < len(names) + table.shape[1] + 1:
            continue
        member = np.array([labels[inside] == name for name in names], float)
        dealt = table[deals[:, inside]]  # (deals, n, measures); the first is as it was
        sizes = dict(zip(names, member.sum(axis=1).astype(int).tolist()))
        for at, measure in enumerate(values):
            tested.append(_p(dealt[..., at], member))
            means = member @ dealt[0, :, at] / member.sum(axis=1)
            found.append(
                SegmentDifference(segment, measure, dict(zip(names, means.tolist())), sizes, 1, 1)
            )
        if len(values) > 1:
            tested.append(_p_together(dealt, member))
            found.append(SegmentDifference(segment, TOGETHER, {}, sizes, 1, 1))
    if not found:
        return []
    ps = np.array(tested)
    return [
        replace(one, p=float(p), corrected=float(corrected))
        for one, p, corrected in zip(found, ps[:, 0], _stepped_down(ps[:, 0], ps[:, 1:]))
    ]


def _stepped_down(p: Array, chance: Array) -> Array:
    """Corrected ``p`` (tests,); ``chance`` (tests, shuffles): the same where nothing differs."""
    order = np.argsort(p)
    # the least of a test and of those that are less sure, in each shuffle
    least = np.minimum.accumulate(chance[order][::-1], axis=0)[::-1]
    share = (1 + (least <= p[order, None]).sum(axis=1)) / (1 + chance.shape[1])
    corrected = np.empty_like(p)
    corrected[order] = np.maximum.accumulate(share)
    return corrected


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


def _p_together(y: Array, member: Array) -> Array:
    """The p of Wilks' lambda (Rao's F) of each of ``y`` (rows, n, measures)."""
    n, m = y.shape[1:]
    k = len(member)
    sizes = member.sum(axis=1)
    centred = y - y.mean(axis=1, keepdims=True)
    means = np.einsum("gn,rnm->rgm", member, centred) / sizes[:, None]
    whole = np.einsum("rnm,rnl->rml", centred, centred)
    within = whole - np.einsum("rgm,rgl,g->rml", means, means, sizes)
    q = k - 1
    free = m * m + q * q - 5
    root = np.sqrt((m * m * q * q - 4) / free) if free > 0 else 1.0
    between_df = m * q
    within_df = (n - 1 - (m + q + 1) / 2) * root - (m * q - 2) / 2
    determinant = np.maximum(np.linalg.det(whole), 1e-300)
    wilks = np.clip(np.linalg.det(within) / determinant, 1e-12, 1.0) ** (1 / root)
    return f_tail(between_df, within_df, (1 - wilks) / wilks * within_df / between_df)
