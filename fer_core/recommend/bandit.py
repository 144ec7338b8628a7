"""The contextual bandit: Thompson sampling over looks and items, beside the rules.

Gaussian linear models say which reward an item brings after a look: by the rules' score alone; by
look and mood tags, their squares and products; by these and each item's own level; the latter
in several strengths (``SPREADS``). All are conjugate, so that their evidence and posteriors are
exact. A choice takes the mean over all models by their posterior probability, and what one of
them, drawn by that probability, does not know yet. Without feedback the rules choose alone; the
more the others explain beyond the rules, the more they have to say.

Old feedback counts less (``HALVES``). Nothing is kept
between calls: what was learned follows from the feedback that is there, and goes with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, solve_triangular

from fer_core.storage.recommend.catalogue import Medium
from fer_core.storage.recommend.feedback import Action
from fer_core.types import Array

Places = NDArray[np.int64]

#: What each answer is worth. What was only shown tells nothing.
REWARDS: Final[Mapping[Action, float]] = {
    Action.LIKED: 1.0,
    Action.OPENED: 0.7,
    Action.SKIPPED: 0.3,
    Action.DISLIKED: 0.0,
}
#: After so many answers one counts half.
HALVES: Final = 800.0
#: The most answers that are learned from.
MOST: Final = 2000
#: Somebody else's answer counts so much of one's own.
OF_OTHERS: Final = 0.25
#: The probability, before any answer, that nothing is to be learned beyond the rules.
RULES_FIRST: Final = 0.5
#: The variance of a reward about its mean before any answer, and how firmly it is believed.
_NOISE, _KNOWN = 0.1, 3.0
#: The share of what is not known that a choice risks.
_BOLDNESS: Final = 0.4
_LEVEL, _LEVEL_SD = 0.5, 0.25
_SLOPE, _SLOPE_SD = 0.3, 0.2
#: The models: how far tags' weights, and items' own levels, may lie from what the rules say.
SPREADS: Final = ((0.0, 0.0), (0.06, 0.0), (0.12, 0.0), (0.06, 0.08), (0.06, 0.16), (0.12, 0.12))


@dataclass(frozen=True)
class Answers:
    """What was answered, oldest first, a row each.

    looks: valence, energy, tension (n, 3). tags: the items' mood tags (n, 4). media, items:
    places of the medium and of the item (n,). rules: the rules' scores (n,). rewards: 0 to 1
    (n,). weights: how much each counts before it ages (n,).
    """

    looks: Array
    tags: Array
    media: Places
    items: Places
    rules: Array
    rewards: Array
    weights: Array

    def __len__(self) -> int:
        return len(self.rewards)

    def newest(self, most: int) -> Answers:
        """The last of them."""
        return Answers(**{name: getattr(self, name)[-most:] for name in self.__dataclass_fields__})


def features(looks: Array, tags: Array, media: Places) -> Array:
    """What the models see of looks (n, 3) and items: (n, 52) numbers about 0."""
    centred = (tags - [0.1, 0.45, 0.5, 0.3]) * [1.0, 2.0, 2.0, 2.0]
    first, second = np.triu_indices(centred.shape[1])
    products = centred[:, first] * centred[:, second]
    medium = np.eye(len(Medium))[media]
    item = np.hstack([centred, products, medium])
    mood = (looks - [0.0, 0.3, 0.15]) * [1.5, 2.0, 2.0]
    tied = (mood[:, :, None] * np.hstack([centred, medium])[:, None, :]).reshape(len(tags), -1)
    return np.hstack([item, tied])


@dataclass(frozen=True)
class _Sums:
    """Weighted sums over the answers: of the design's products (k, k), of its products with what
    the rules leave unexplained (k,), of that squared, and of the weights."""

    gram: Array
    pull: Array
    squares: float
    count: float

    @classmethod
    def of(cls, design: Array, rest: Array, weights: Array) -> _Sums:
        """design (n, k), rewards less what the rules expect (n,), weights (n,)."""
        weighted = design * weights[:, None]
        return cls(
            weighted.T @ design, weighted.T @ rest, float(weights @ rest**2), float(weights.sum())
        )


@dataclass(frozen=True)
class _Model:
    """One linear model after the answers, its noise unknown.

    mean: of its weights (k,). factor: Cholesky factor of their precision in units of the noise.
    noise: a reward's standard deviation about its mean. evidence: its logarithm, up to a
    constant that all models share.
    """

    mean: Array
    factor: Array
    noise: float
    evidence: float

    @classmethod
    def fit(cls, answers: _Sums, sd: Array) -> _Model:
        """From sums over the answers and the prior standard deviation of the weights (k,)."""
        used = len(sd)
        scale = sd / np.sqrt(_NOISE)
        precision = np.diag(scale**-2.0) + answers.gram[:used, :used]
        factor = np.asarray(np.linalg.cholesky(precision), np.float64)
        pull = answers.pull[:used]
        mean = np.asarray(cho_solve((factor, True), pull), np.float64)
        known = _KNOWN + answers.count / 2
        left = _KNOWN * _NOISE + 0.5 * (answers.squares - float(pull @ mean))
        size = float(np.log(np.diag(factor)).sum() + np.log(scale).sum())
        evidence = -size - known * float(np.log(left))
        mean[:2] += _LEVEL, _SLOPE
        return cls(mean, factor, float(np.sqrt(left / known)), evidence)

    def drawn(self, rng: np.random.Generator) -> Array:
        """Weights about their mean, by a share of how unsure they are."""
        noise = rng.standard_normal(len(self.mean))
        off = solve_triangular(self.factor.T, noise, lower=False)
        found: Array = self.mean + _BOLDNESS * self.noise * off
        return found


#: The spread of each feature's weight, in units of a tag's.
_RELATIVE: Final = np.array([1.0] * 14 + [1.5] * len(Medium) + [0.7] * (3 * (4 + len(Medium))))


class Bandit:
    """What can be said of items after these answers."""

    def __init__(self, answers: Answers, halves: float = HALVES) -> None:
        answers = answers.newest(MOST)
        age = np.arange(len(answers))[::-1]
        self.answers = answers
        self._weights = answers.weights * 0.5 ** (age / halves)
        self._items, self._place = np.unique(answers.items, return_inverse=True)

    @cached_property
    def _models(self) -> tuple[_Model, ...]:
        answers = self.answers
        rules = np.column_stack([np.ones(len(answers)), answers.rules])
        seen = features(answers.looks, answers.tags, answers.media)
        own = np.eye(len(self._items))[self._place]
        rest = answers.rewards - rules @ [_LEVEL, _SLOPE]
        sums = _Sums.of(np.hstack([rules, seen, own]), rest, self._weights)
        found = []
        for tag_sd, item_sd in SPREADS:
            items = np.full(len(self._items), item_sd)
            sd = np.concatenate([[_LEVEL_SD, _SLOPE_SD], tag_sd * _RELATIVE, items])
            # without a spread a weight is 0: its column, one of the last, is left out
            found.append(_Model.fit(sums, sd[: np.count_nonzero(sd)]))
        return tuple(found)

    @cached_property
    def shares(self) -> Array:
        """The probability of each model (one for each of SPREADS); the first is the rules'."""
        prior = np.full(len(SPREADS), (1 - RULES_FIRST) / (len(SPREADS) - 1))
        prior[0] = RULES_FIRST
        if not len(self.answers):
            return np.eye(len(SPREADS))[0]
        log = np.log(prior) + [one.evidence for one in self._models]
        found: Array = np.exp(log - log.max())
        return found / found.sum()

    @property
    def taken_over(self) -> float:
        """How far what was learned chooses in place of the rules, 0 to 1."""
        return float(1 - self.shares[0])

    def draw(
        self,
        look: Array,
        tags: Array,
        media: Places,
        items: Places,
        rules: Array,
        rng: np.random.Generator,
    ) -> tuple[Array, bool]:
        """Rewards of items (m,) as drawn for one choice after a look (3,).

        Also whether answers have more to say in them than the rules.

        Items are as in Answers. Without answers the order is the rules'.
        """
        if not len(self.answers):
            return _LEVEL + _SLOPE * rules, False
        mean = self._mean(look, tags, media, items, rules)
        model = int(rng.choice(len(SPREADS), p=self.shares))
        learned = self.taken_over > 0.5
        if model == 0:
            return mean, learned
        fitted = self._models[model]
        drawn = self._value(model, fitted.drawn(rng), look, tags, media, items, rules, rng)
        return mean + drawn - self._value(
            model, fitted.mean, look, tags, media, items, rules
        ), learned

    def by_rules(self, rules: Array) -> Array:
        """The reward (m,) that the rules' scores alone let expect, as far as answers tell."""
        level, slope = (_LEVEL, _SLOPE) if not len(self.answers) else self._models[0].mean
        return np.clip(level + slope * rules, 0, 1)

    def expected(
        self, look: Array, tags: Array, media: Places, items: Places, rules: Array
    ) -> Array:
        """The expected reward of items (m,), 0 to 1, over all models."""
        if not len(self.answers):
            return self.by_rules(rules)
        return np.clip(self._mean(look, tags, media, items, rules), 0, 1)

    def _mean(self, look: Array, tags: Array, media: Places, items: Places, rules: Array) -> Array:
        """The expected reward of items (m,), over all models."""
        values = [
            share * self._value(model, self._models[model].mean, look, tags, media, items, rules)
            for model, share in enumerate(self.shares)
        ]
        found: Array = np.sum(values, axis=0)
        return found

    def _value(
        self,
        model: int,
        weights: Array,
        look: Array,
        tags: Array,
        media: Places,
        items: Places,
        rules: Array,
        rng: np.random.Generator | None = None,
    ) -> Array:
        found: Array = weights[0] + weights[1] * rules
        tag_sd, item_sd = SPREADS[model]
        if not tag_sd:
            return found
        seen = features(np.broadcast_to(look, (len(tags), 3)), tags, media)
        found = found + seen @ weights[2 : 2 + seen.shape[1]]
        if not item_sd:
            return found
        own = weights[2 + seen.shape[1] :]
        place = np.minimum(np.searchsorted(self._items, items), len(self._items) - 1)
        known = self._items[place] == items
        new = 0.0 if rng is None else rng.normal(0.0, _BOLDNESS * item_sd, len(items))
        return found + np.where(known, own[place], new)
