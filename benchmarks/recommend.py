"""How recommendations learn, on simulated users whose taste is not of the bandit's own form.

    python benchmarks/recommend.py [--seeds 20] [--first 0] [--choices 1000]

Writes docs/benchmarks/recommend.md when it runs over its own seeds.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

import numpy as np

from fer_core.recommend.bandit import REWARDS, Answers, Bandit
from fer_core.recommend.catalogue import Catalogue, starter_catalogue
from fer_core.recommend.policies import Policy, rule_scores

Array = np.ndarray
#: An item is not shown again within so many choices.
REST = 8
VALUES = np.array(sorted(REWARDS.values()))
CUTS = np.array([-0.9, 0.1, 1.1])  # between disliked, skipped, opened and liked
POLICY = Policy.MATCH


def expected_reward(utility: Array) -> Array:
    """The mean reward of a utility: an ordered choice among four answers with logistic noise."""
    above = 1 / (1 + np.exp(-(np.asarray(utility)[..., None] - CUTS)))
    return VALUES[0] + above @ np.diff(VALUES)


def answer(utility: float, rng: np.random.Generator) -> float:
    """One answer's reward."""
    return float(VALUES[np.searchsorted(CUTS, utility + rng.logistic())])


@dataclass
class OwnTaste:
    """Ideal points that move with the look, hidden factors of items, a taste that drifts."""

    catalogue: Catalogue
    rng: np.random.Generator

    def __post_init__(self) -> None:
        rng, n = self.rng, len(self.catalogue)
        tags = self.catalogue.tags
        self.hidden = rng.normal(size=(n, 3)) + 0.7 * np.sin(3 * tags @ rng.normal(size=(4, 3)))
        self.user = rng.normal(size=3)
        self.ideals = np.column_stack([rng.uniform(-0.9, 0.9, 3), rng.uniform(0, 1, (3, 3))])
        self.gates = rng.normal(size=(3, 3)) * 2
        self.media = rng.normal(0, 0.5, 5)
        # tags are what somebody typed, not what the user sees
        self.seen = tags + rng.normal(0, 0.12, tags.shape)

    def drift(self) -> None:
        """A random walk that forgets half of the taste in about 700 choices."""
        keep = 0.999
        self.user = keep * self.user + np.sqrt(1 - keep**2) * self.rng.normal(size=3)
        self.ideals[:, 0] = np.clip(self.ideals[:, 0] + self.rng.normal(0, 0.012, 3), -1, 1)
        self.ideals[:, 1:] = np.clip(self.ideals[:, 1:] + self.rng.normal(0, 0.006, (3, 3)), 0, 1)

    def utility(self, look: Array) -> Array:
        gate = np.exp(self.gates @ look)
        width = np.array([0.5, 0.3, 0.35, 0.35])
        apart = ((self.seen[:, None] - self.ideals[None]) / width) ** 2
        near = np.exp(-0.5 * apart.mean(axis=2)) @ (gate / gate.sum())
        taste = self.hidden @ self.user / np.sqrt(3)
        return -2.2 + 3.5 * near + 0.6 * taste + self.media[self.catalogue.media]


@dataclass
class RulesRight:
    """Likes exactly what the rules say."""

    catalogue: Catalogue
    rng: np.random.Generator

    def drift(self) -> None:
        """Stays as it is."""

    def utility(self, look: Array) -> Array:
        return 4.0 * (rule_scores(POLICY, self.catalogue.tags, look) - 0.5)


def simulate(kind: type, seed: int, choices: int, *, learn: bool) -> tuple[Array, Array, Array]:
    """Regret, expected reward and how far it has taken over, a number a choice each."""
    catalogue = Catalogue(starter_catalogue())
    world = kind(catalogue, np.random.default_rng([seed, 1]))
    rng, looking = np.random.default_rng([seed, 2]), np.random.default_rng([seed, 3])
    places = np.arange(len(catalogue))
    rows: list[tuple] = []
    lately: list[int] = []
    regret, reward, taken = np.zeros((3, choices))
    for at in range(choices):
        look = np.array([looking.normal(0, 0.35), looking.beta(2, 4), looking.beta(1, 6)])
        look[0] = np.clip(look[0], -1, 1)
        rules = rule_scores(POLICY, catalogue.tags, look)
        bandit = Bandit(_answers(rows, catalogue) if learn else _answers([], catalogue))
        scores, _ = bandit.draw(look, catalogue.tags, catalogue.media, places, rules, rng)
        free = ~np.isin(places, lately)
        chosen = int(places[free][scores[free].argmax()])
        utility = world.utility(look)
        expected = expected_reward(utility)
        regret[at] = expected[free].max() - expected[chosen]
        reward[at], taken[at] = expected[chosen], bandit.taken_over
        rows.append((look, chosen, rules[chosen], answer(float(utility[chosen]), rng)))
        lately = [*lately, chosen][-REST:]
        world.drift()
    return regret, reward, taken


def _answers(rows: list[tuple], catalogue: Catalogue) -> Answers:
    items = np.array([row[1] for row in rows], np.int64)
    return Answers(
        np.array([row[0] for row in rows]).reshape(-1, 3), catalogue.tags[items],
        catalogue.media[items], items, np.array([row[2] for row in rows]),
        np.array([row[3] for row in rows]), np.ones(len(rows)),
    )  # fmt: skip


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("--seeds", type=int, default=20)
    ask.add_argument("--first", type=int, default=0)
    ask.add_argument("--choices", type=int, default=1000)
    said = ask.parse_args()
    begun = time.perf_counter()
    for kind in (OwnTaste, RulesRight):
        for seed in range(said.first, said.first + said.seeds):
            by = {learn: simulate(kind, seed, said.choices, learn=learn) for learn in (False, True)}
            rules, own = by[False], by[True]
            tenth = said.choices // 5
            parts = " ".join(f"{p.mean():.3f}" for p in np.split(own[0], 5))
            print(
                kind.__name__, seed, f"regret {rules[0].mean():.3f} -> {own[0].mean():.3f}",
                f"({own[0].mean() / max(rules[0].mean(), 1e-9):.2f})",
                f"reward {rules[1].mean():.3f} -> {own[1].mean():.3f}", "fifths", parts,
                f"taken {own[2][::tenth].round(2)} {own[2][-1]:.2f}", flush=True,
            )  # fmt: skip
    print(f"{time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
