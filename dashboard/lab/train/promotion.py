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
from fer_core.sentences import Finding, Template
from fer_core.storage import Store
from fer_core.zoo.card import Card


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a candidate should replace the model in use: in one line, and what speaks against."""

    better: bool
    sentence: Finding
    warnings: tuple[str, ...]


UNTOLD = Template("promotion.untold", "It is not known whether {name} is better than {base}.")
CLEAR = Template("promotion.clear", "{name} is {points} points {word} than {base} on {where}.")
UNCLEAR = Template("promotion.unclear", "{name} and {base} do not clearly differ on {where}.")
NO_GAIN = Template(
    "promotion.no_gain",
    "The data do not show that it is better. Promoting it would change every new number without "
    "a proven gain.",
)
ALSO_WORSE = Template("promotion.also_worse", "It is worse on {where}.")
FORGOT = Template(
    "promotion.forgot",
    "On public faces it fell by {points} points, more than half a point: it forgot some of what "
    "it knew.",
)


WHERE: Final = {
    "own labels": "your held-out faces",
    "public labels": "public faces",
    "public votes": "public faces judged by many people",
}


def points(one: Paired) -> str:
    """A difference with no more digits than so many faces earn."""
    size = abs(100 * one.difference)
    return f"{size:.1f}" if one.n >= 1000 else f"{round(size)}"


def verdict(run: Run) -> Verdict:
    """What the comparison says. Better on own labels counts first, where there are any."""
    if not run.comparison:
        return Verdict(
            False,
            UNTOLD(name=run.name, base=run.base or "the model in use"),
            ("The two models cannot be compared face by face: they answer different questions.",),
        )
    by_name = {one.on: one for one in run.comparison}
    first = by_name.get("own labels") or run.comparison[0]
    better = first.p < 0.05 and first.difference > 0
    warnings = []
    if not better:
        warnings.append(NO_GAIN())
    for one in run.comparison:
        if one is not first and one.p < 0.05 and one.difference < 0:
            warnings.append(ALSO_WORSE(where=WHERE.get(one.on, one.on)))
    public = [one for one in run.comparison if one.on.startswith("public")]
    if run.forgot and public:
        fallen = min(public, key=lambda one: one.difference)
        warnings.append(FORGOT(points=f"{abs(100 * fallen.difference):.1f}"))
    word = "better" if first.difference > 0 else "worse"
    where = WHERE.get(first.on, first.on)
    said = (
        CLEAR(name=run.name, points=points(first), word=word, base=run.base, where=where)
        if first.p < 0.05
        else UNCLEAR(name=run.name, base=run.base, where=where)
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
