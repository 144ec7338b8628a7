"""Whether a new model should replace the one in use, and putting it into use or back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dashboard.lab.train.data import Run
from fer_core import zoo
from fer_core.errors import ModelError
from fer_core.evaluation.paired import Paired
from fer_core.evaluation.trusted_weights import trusted_model
from fer_core.home import Home
from fer_core.storage import Store
from fer_core.zoo.card import Card


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a candidate should replace the model in use: in one line, and what speaks against."""

    better: bool
    sentence: str
    warnings: tuple[str, ...]


WHERE: Final = {
    "own labels": "your held-out faces",
    "public labels": "public faces",
    "public votes": "public faces judged by many people",
}


def points(one: Paired) -> str:
    """A difference with no more digits than so many faces earn."""
    size = abs(100 * one.difference)
    return f"{size:.1f} points" if one.n >= 1000 else f"{round(size)} points"


def verdict(run: Run) -> Verdict:
    """What the comparison says. Better on own labels counts first, where there are any."""
    if not run.comparison:
        return Verdict(
            False,
            f"Nothing tells whether {run.name} is better than {run.base or 'the model in use'}.",
            ("The two models cannot be compared face by face: they answer different questions.",),
        )
    by_name = {one.on: one for one in run.comparison}
    first = by_name.get("own labels") or run.comparison[0]
    better = first.p < 0.05 and first.difference > 0
    warnings = []
    if not better:
        warnings.append(
            "It is not better by more than chance. Promoting it changes every new number for "
            "no gain that could be shown."
        )
    for one in run.comparison:
        if one is not first and one.p < 0.05 and one.difference < 0:
            warnings.append(f"It is worse on {WHERE.get(one.on, one.on)}.")
    public = [one for one in run.comparison if one.on.startswith("public")]
    if run.forgot and public:
        fallen = min(public, key=lambda one: one.difference)
        warnings.append(
            f"On public faces it fell by {abs(100 * fallen.difference):.1f} points, more than "
            "half a point: it forgot some of what it knew."
        )
    word = "better" if first.difference > 0 else "worse"
    where = WHERE.get(first.on, first.on)
    said = (
        f"{run.name} is {points(first)} {word} than {run.base} on {where}."
        if first.p < 0.05
        else f"{run.name} and {run.base} cannot be told apart on {where}."
    )
    return Verdict(better, said, tuple(warnings))


def promote(home: Home, store: Store, name: str) -> Card:
    """Put a model into use; only files that Rapt shipped or wrote itself."""
    _check(home, store, name)
    return zoo.use_model(name, home)


def roll_back(home: Home, store: Store) -> Card:
    """Put the model before this one into use again."""
    name = zoo.previous_model(home)
    if name is None:
        raise ModelError("There is no model to go back to.", "Promote one first.")
    _check(home, store, name)
    return zoo.go_back(home)


def _check(home: Home, store: Store, name: str) -> None:
    """Refuse a model whose serving file is missing, was changed, or is not trusted."""
    card = zoo.find_model(name, home).card
    trusted_model(store, home, name, card.default).file(card.default)


@dataclass(frozen=True, slots=True)
class InUse:
    """The model in use, the one to go back to, and every change."""

    card: Card
    before: str | None
    history: tuple[zoo.Use, ...]


def used(home: Home) -> InUse:
    return InUse(zoo.load_card(None, home), zoo.previous_model(home), zoo.use_history(home))


def accuracy_of(card: Card) -> float | None:
    """The headline of a card, 0 to 1."""
    value = card.metrics.get("accuracy")
    return float(value) if isinstance(value, int | float) else None
