"""How recommendations learn, on simulated users whose taste is not of the bandit's own form.

    python -m benchmarks.recommend [--catalogue] [--seeds 20] [--choices 1000] [--studies 1500]

Also: whether a stated probability of being the best creative is right as often as it says, and how
long a catalogue of 50,000 takes. Writes docs/benchmarks/recommend.md.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from benchmarks.recommend_page import (
    CATALOGUE_HEAD,
    Array,
    Learned,
    catalogue_section,
    figure,
    page,
)
from dashboard.state import close_app_state
from fer_core.analytics.methods.ranking import rank
from fer_core.home import Home
from fer_core.recommend.bandit import REWARDS, Answers, Bandit
from fer_core.recommend.catalogue import (
    Catalogue,
    load_catalogue,
    read_catalogue,
    starter_catalogue,
    write_catalogue,
)
from fer_core.recommend.lists import Owner, past_of, suggest
from fer_core.recommend.look import look_said
from fer_core.recommend.policies import Policy, rule_scores
from fer_core.storage import open_store
from fer_core.storage.recommend.catalogue import SaveItems

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
    catalogue = Catalogue.of(starter_catalogue())
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


def learn(kind: type, seeds: range, choices: int) -> Learned:
    """Every seed by the rules alone and with answers."""
    rows = []
    for seed in seeds:
        rules = simulate(kind, seed, choices, learn=False)
        own = simulate(kind, seed, choices, learn=True)
        fifths = [part.mean() for part in np.split(own[0], 5)]
        taken = own[2][choices // 5 - 1 :: choices // 5]
        rows.append(
            ((rules[0].mean(), own[0].mean()), (rules[1].mean(), own[1].mean()), fifths, taken)
        )
        print(kind.__name__, seed, np.round(rows[-1][0], 3), np.round(fifths, 3), flush=True)
    return Learned(*(np.array([row[at] for row in rows]) for at in range(4)))


def calibration(studies: int, seed: int = 0) -> list[tuple[float, float, int]]:
    """Stated against true: mean stated probability, share right and number of each tenth.

    Creatives' means come from a normal, a uniform or a long-tailed population that spreads 0.05
    to 0.8 of a viewer's spread; viewers' values are skewed; 5 to 60 viewers each.
    """
    rng = np.random.default_rng(seed)
    said, right = [], []
    for study in range(studies):
        k = int(rng.integers(2, 7))
        shape = (rng.standard_normal(k), rng.uniform(-1.7, 1.7, k), rng.standard_t(3, k))[study % 3]
        true = 50 + 12 * rng.uniform(0.05, 0.8) * shape
        skew = rng.uniform(1.5, 20)
        groups = {
            str(i): mean + 12 * (rng.gamma(skew, 1, rng.integers(5, 61)) - skew) / np.sqrt(skew)
            for i, mean in enumerate(true)
        }
        for one in rank(groups, seed=study):
            said.append(one.best)
            right.append(int(one.name) == int(true.argmax()))
    stated, hit = np.array(said), np.array(right)
    place = np.minimum((stated * 10).astype(int), 9)
    return [
        (
            float(stated[place == at].mean()),
            float(hit[place == at].mean()),
            int((place == at).sum()),
        )
        for at in range(10)
        if (place == at).any()
    ]


def large_catalogue(items: int = 50_000) -> dict[str, float]:
    """Seconds of the processor to read, keep and load a catalogue, and to make a list from it."""
    shipped = starter_catalogue()
    many = [
        replace(shipped[i % len(shipped)], item_id=f"x-{i}", title=f"Title {i}")
        for i in range(items)
    ]
    content = write_catalogue(many).encode()
    took: dict[str, float] = {}

    def timed(name: str, what: Callable[[], Any]) -> Any:
        begun = time.process_time()
        found = what()
        took[name] = time.process_time() - begun
        return found

    with TemporaryDirectory() as folder:
        home = Home(Path(folder))
        with open_store(home, look_after=False) as store:
            read = timed("read the CSV file", lambda: read_catalogue(content))
            timed("keep it in the store", lambda: store.run(SaveItems(items=read.items)))
            catalogue = timed("load it from the store", lambda: load_catalogue(store))
            past = past_of([], catalogue, Owner())
            rng = np.random.default_rng(0)
            look = look_said("low-spirited")
            timed("the first list", lambda: suggest(catalogue, look, Policy.LIFT, past, rng=rng))
            timed("a later list", lambda: suggest(catalogue, look, Policy.LIFT, past, rng=rng))
        visit_pages(home, timed)
    return took


def visit_pages(home: Home, timed: Callable[[str, Callable[[], object]], Any]) -> None:
    """The page of the catalogue, run as a visitor's browser has it run, without a browser."""
    os.environ["RAPT_HOME"] = str(home.root)
    first = AppTest.from_function(recommend_page, default_timeout=60)
    first.query_params["view"] = "For an audience"
    first.run()  # what is imported once is no part of it
    app = AppTest.from_function(recommend_page, default_timeout=60)
    app.query_params["view"] = "Catalogue"
    timed("the page's first visit", app.run)
    timed("a search on it", app.text_input(key="find").set_value("title 49999").run)
    assert not app.exception
    assert any(one.value == "1 title" for one in app.caption)
    close_app_state()


def recommend_page() -> None:
    """The page's script."""
    from dashboard.audience.recommend.view import show

    show()


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("--seeds", type=int, default=20)
    ask.add_argument("--choices", type=int, default=1000)
    ask.add_argument("--studies", type=int, default=1500)
    ask.add_argument("--catalogue", action="store_true", help="only the large catalogue, again")
    said = ask.parse_args()
    folder = Path(__file__).resolve().parents[1] / "docs" / "benchmarks"
    if said.catalogue:
        before = (folder / "recommend.md").read_text(encoding="utf-8").partition(CATALOGUE_HEAD)[0]
        text = before + catalogue_section(large_catalogue())
        (folder / "recommend.md").write_text(text, encoding="utf-8")
        return
    seeds = range(said.seeds)
    worlds = {one.__name__: learn(one, seeds, said.choices) for one in (OwnTaste, RulesRight)}
    found = calibration(said.studies)
    text = page(worlds, found, large_catalogue(), said.choices)
    (folder / "recommend.md").write_text(text, encoding="utf-8")
    (folder / "recommend-ranking.svg").write_text(figure(found), encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
