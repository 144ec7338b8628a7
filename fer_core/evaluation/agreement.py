"""How far labellers agree, beyond what chance would give. Pure: judgements in, numbers out.

Kappa is 1 where all agree, 0 where they agree as often as chance, below 0 where less. It is
NaN where nothing can be said: fewer than two judgements of a face, or all faces of one kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

#: With fewer faces judged by several people, a kappa says nothing yet.
FEWEST = 10


@dataclass(frozen=True, slots=True)
class Agreement:
    """``kappa`` over the ``n`` faces that ``labellers`` have all judged."""

    method: str  # Cohen's, Fleiss'
    kappa: float
    n: int
    labellers: tuple[str, ...]
    same: float  # share of the faces on which all said the same


def cohen(a: Sequence[Hashable], b: Sequence[Hashable]) -> float:
    """Cohen's kappa of two people's judgements of the same faces."""
    if not len(a) or len(a) != len(b):
        return float("nan")
    n = len(a)
    together = sum(x == y for x, y in zip(a, b)) / n
    left, right = Counter(a), Counter(b)
    chance = sum(left[key] * right[key] for key in left) / n**2
    return float("nan") if chance == 1 else (together - chance) / (1 - chance)


def fleiss(counts: np.ndarray) -> float:
    """Fleiss' kappa: a row a face, a column a category, how many people chose it."""
    counts = np.asarray(counts, float)
    if counts.ndim != 2 or not len(counts):
        return float("nan")
    people = counts.sum(axis=1)
    if people.min() < 2 or (people != people[0]).any():
        return float("nan")
    k = people[0]
    each = ((counts**2).sum(axis=1) - k) / (k * (k - 1))
    share = counts.sum(axis=0) / counts.sum()
    chance = float((share**2).sum())
    return float("nan") if chance >= 1 else float((each.mean() - chance) / (1 - chance))


def agreement(judged: Mapping[str, Mapping[str, str]]) -> Agreement | None:
    """Of labellers (name → face → judgement): all of them where all have faces in common,
    else the two who share most; None where no two share a face."""
    names = sorted(name for name, faces in judged.items() if faces)
    if len(names) < 2:
        return None
    shared = set.intersection(*(set(judged[name]) for name in names))
    if not shared:
        pair = max(combinations(names, 2), key=lambda two: len(_common(judged, two)))
        names, shared = sorted(pair), _common(judged, pair)
    if not shared:
        return None
    items = sorted(shared)
    table = [[judged[name][item] for name in names] for item in items]
    same = float(np.mean([len(set(row)) == 1 for row in table]))
    if len(names) == 2:
        kappa = cohen([row[0] for row in table], [row[1] for row in table])
        return Agreement("Cohen's", kappa, len(items), tuple(names), same)
    kinds = sorted({said for row in table for said in row})
    counts = np.array([[row.count(kind) for kind in kinds] for row in table])
    return Agreement("Fleiss'", fleiss(counts), len(items), tuple(names), same)


def _common(judged: Mapping[str, Mapping[str, str]], two: tuple[str, ...]) -> set[str]:
    return set(judged[two[0]]) & set(judged[two[1]])
