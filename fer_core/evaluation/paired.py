"""Two models on the same faces: is the difference more than chance?

A candidate is compared with the model that it shall replace face by face: only faces on
which one is right and the other wrong tell them apart (McNemar's exact test), and drawing
the faces again (bootstrap) says within what the difference may lie.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Self

import numpy as np

from fer_core.files import JsonObject
from fer_core.sentences import Finding, Template
from fer_core.text import fine_percent, signed
from fer_core.types import Int

#: A fall of more than this on the public split is told as forgetting.
MAY_FORGET: Final = 0.005
DRAWS: Final = 10_000

MAY_BE_CHANCE = Template(
    "paired.chance",
    "The difference on {on} ({faces} faces) may be chance: {before} before, {after} after; "
    "95 % interval {low} to {high} points, p = {p}.",
)
BETTER = Template(
    "paired.better",
    "{points} points better on {on} ({faces} faces): {before} before, {after} after; "
    "95 % interval {low} to {high} points, p = {p}.",
)
WORSE = Template(
    "paired.worse",
    "{points} points worse on {on} ({faces} faces): {before} before, {after} after; "
    "95 % interval {low} to {high} points, p = {p}.",
)


#: What a comparison on faces that a program drew says it is on.
DRAWN: Final = "drawn faces"


@dataclass(frozen=True, slots=True)
class Paired:
    """The accuracy of two models on the same faces, and what separates them."""

    on: str
    n: int
    base: float
    candidate: float
    low: float  # of the difference, 95 %
    high: float
    only_base_right: int
    only_candidate_right: int
    p: float

    @property
    def difference(self) -> float:
        """The candidate's accuracy less the base's, -1 to 1."""
        return self.candidate - self.base

    @property
    def sentence(self) -> Finding:
        """What is found, for a person."""
        template = MAY_BE_CHANCE if self.p >= 0.05 else BETTER if self.difference > 0 else WORSE
        return template(
            points=f"{abs(self.difference) * 100:.1f}",
            on=self.on,
            faces=f"{self.n:,}",
            before=fine_percent(self.base),
            after=fine_percent(self.candidate),
            low=signed(100 * self.low, 1),
            high=signed(100 * self.high, 1),
            p=f"{self.p:.2g}",
        )

    def as_dict(self) -> JsonObject:
        """For JSON, the difference and the sentence included."""
        return {**asdict(self), "difference": self.difference, "sentence": self.sentence}

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Self:
        """The comparison that ``as_dict`` wrote."""
        return cls(**{one.name: found[one.name] for one in fields(cls)})


def compare(on: str, truth: Int, base: Int, candidate: Int, *, seed: int = 0) -> Paired:
    """The answers (n,) of two models against the truth of the same faces."""
    if not len(truth) or not len(truth) == len(base) == len(candidate):
        raise ValueError(f"{len(truth)} faces, {len(base)} and {len(candidate)} answers")
    before, after = base == truth, candidate == truth
    lost = int((before & ~after).sum())
    won = int((after & ~before).sum())
    n = len(truth)
    # Drawing faces with replacement draws how many were won, lost and unchanged.
    draws = np.random.default_rng(seed).multinomial(
        n, [won / n, lost / n, 1 - (won + lost) / n], size=DRAWS
    )
    low, high = np.percentile((draws[:, 0] - draws[:, 1]) / n, [2.5, 97.5])
    return Paired(
        on=on,
        n=n,
        base=float(before.mean()),
        candidate=float(after.mean()),
        low=float(low),
        high=float(high),
        only_base_right=lost,
        only_candidate_right=won,
        p=mcnemar(lost, won),
    )


def mcnemar(lost: int, won: int) -> float:
    """The exact two-sided p that so uneven a split of the differing faces is chance."""
    from scipy.stats import binomtest

    return float(binomtest(won, lost + won).pvalue) if lost + won else 1.0


def forgot(comparisons: list[Paired]) -> bool:
    """Whether the candidate lost more than half a point on public faces."""
    return any(one.difference < -MAY_FORGET for one in comparisons if one.on.startswith("public"))
