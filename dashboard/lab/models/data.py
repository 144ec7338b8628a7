"""Models as pages show them: a row each, one opened with its figures, two side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from dashboard.lab.models.figures import SPLITS, Figures, evaluations, of_card
from fer_core.errors import ModelError
from fer_core.evaluation.paired import Paired, compare
from fer_core.evaluation.trusted_weights import trusted_model
from fer_core.home import Home
from fer_core.storage import Store
from fer_core.zoo.card import Card
from fer_core.zoo.model_store import (
    DEFAULT,
    IN_USE,
    StoredModel,
    find_model,
    folders,
    in_use,
    shipped,
)


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model on the list."""

    name: str
    about: str
    accuracy: float | None
    faces: int  # on which it was measured
    macro_f1: float | None
    measured: str
    bytes: int
    parameters: int
    ms: float | None
    created: str
    in_use: bool
    ships: bool
    problem: str = ""
    practice: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """One model with everything that is known of it."""

    card: Card
    in_use: bool
    ships: bool
    why_closed: str  # why it is not loaded to look inside; "" where it is
    figures: tuple[Figures, ...]
    curves: pd.DataFrame

    @property
    def practice(self) -> bool:
        return self.card.practice


def rows(home: Home) -> list[ModelRow]:
    """The flagship first, then what is in use, then the newest. A damaged card is a row too."""
    current = in_use(home)
    found: dict[str, ModelRow] = {}
    for folder in folders(home):
        for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
            if path.name == IN_USE or path.stem in found:
                continue
            try:
                found[path.stem] = _row(StoredModel(Card.read(path), folder), current)
            except ModelError as error:
                found[path.stem] = ModelRow(
                    path.stem, "", None, 0, None, "", 0, 0, None, "", path.stem == current,
                    folder == shipped(), str(error),
                )  # fmt: skip
    newest = sorted(found.values(), key=lambda row: row.created, reverse=True)
    return sorted(newest, key=lambda row: (row.name != DEFAULT, not row.in_use))


def _row(stored: StoredModel, current: str) -> ModelRow:
    card = stored.card
    first = next(iter(of_card(card)), None)
    speed = card.metrics.get("validation", {}).get(card.default, {}).get("ms_per_face", {})
    return ModelRow(
        name=card.name,
        about=card.about,
        accuracy=None if first is None else first.scores.accuracy,
        faces=0 if first is None else first.scores.n,
        macro_f1=None if first is None else first.scores.macro_f1,
        measured="" if first is None else f"{first.scores.n:,} faces held out from training",
        bytes=card.files[card.default].bytes if card.default in card.files else 0,
        parameters=card.parameters,
        ms=float(speed["1"]) if "1" in speed else None,
        created=card.created,
        in_use=card.name == current,
        ships=stored.folder == shipped(),
        practice=card.practice,
    )


def open_model(home: Home, store: Store, name: str) -> Opened | None:
    """A model by name; None where there is none."""
    try:
        stored = find_model(name, home)
    except ModelError:
        return None
    card = stored.card
    why = ""
    try:
        trusted_model(store, home, name).checked("keras")
    except ModelError as error:
        why = str(error)
    return Opened(
        card=card,
        in_use=card.name == in_use(home),
        ships=stored.folder == shipped(),
        why_closed=why,
        figures=(*evaluations(store, card.name), *of_card(card)),
        curves=curves(card),
    )


def curves(card: Card) -> pd.DataFrame:
    """Epoch by epoch: loss, accuracy on held-out faces, learning rate; empty where unknown."""
    table = pd.DataFrame(card.training.get("curves") or [])
    for column in ("epoch", "loss", "accuracy", "rate"):
        if column not in table:
            table[column] = np.nan
    return table.sort_values("epoch", kind="stable").reset_index(drop=True)


_ANSWERS: Final = ["truth", "guess_a", "guess_b"]


@dataclass(frozen=True)
class SideBySide:
    """Two models on the same faces."""

    a: str
    b: str
    data: str
    split: str
    paired: Paired
    differ: pd.DataFrame  # item, truth, guess_a, guess_b


def shared_evaluations(store: Store, a: str, b: str) -> list[tuple[Figures, Figures]]:
    """Pairs of evaluations of two models on the same split, the newest first."""
    mine, theirs = evaluations(store, a), evaluations(store, b)
    return [
        (one, other)
        for one in mine
        for other in theirs
        if one.data == other.data and one.split == other.split
    ]


def side_by_side(store: Store, a: str, b: str, pair: tuple[Figures, Figures]) -> SideBySide:
    """Where two models differ on the faces that both know, and whether it is more than chance."""
    one, other = pair
    assert one.evaluation_id is not None
    assert other.evaluation_id is not None
    answers = store.evaluations.paired_answers(one.evaluation_id, other.evaluation_id)
    if answers.empty:
        raise ModelError(
            f"{a} and {b} know no emotion in common on these faces.", "Compare other models."
        )
    codes = {name: k for k, name in enumerate(pd.unique(answers[_ANSWERS].to_numpy().ravel()))}
    truth, first, second = (
        answers[column].map(codes).to_numpy(np.int32) for column in ("truth", "guess_a", "guess_b")
    )
    return SideBySide(
        a=a,
        b=b,
        data=one.data,
        split=SPLITS.get(one.split, one.split),
        paired=compare(one.split, truth, first, second),
        differ=answers[answers["guess_a"] != answers["guess_b"]].reset_index(drop=True),
    )


def untrained(names: Sequence[str]) -> list[tuple[str, str]]:
    """Architectures of which no model is on the list: their name and what they are."""
    from fer_core.zoo.registry import architectures

    return [(one.name, one.about) for one in architectures() if one.name not in names]
