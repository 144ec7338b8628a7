"""A training before it starts: what can be chosen, what is refused, how long it will take."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from dashboard.lab.data import data as data_sets
from fer_core import zoo
from fer_core.errors import DataError, SettingsError
from fer_core.evaluation.trusted_weights import trusted_model
from fer_core.home import Home
from fer_core.jobs import queue
from fer_core.jobs.data_inspection import known_inspection
from fer_core.jobs.training_estimate import estimated
from fer_core.jobs.training_sources import (
    OWN_LABELS,
    Source,
    TrainSpec,
    by_recipe,
    changed,
    fine_tune,
    names_taken,
)
from fer_core.storage import Store
from fer_core.training.estimate import Estimate
from fer_core.training.recipes import FINE_TUNE, RECIPES
from fer_core.zoo.card import Card
from fer_core.zoo.registry import architecture

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}")
#: What a person may set, within what has been seen to work.
EPOCHS: Final = (1, 200)
BATCH: Final = (8, 512)
RATE: Final = (0.00001, 0.5)


@dataclass(frozen=True, slots=True)
class Choice:
    """A data set that can train: its key is a path, or OWN_LABELS."""

    key: str
    name: str
    faces: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person chose. ``recipe`` FINE_TUNE goes on from the model in use."""

    name: str
    recipe: str
    sources: tuple[Source, ...]
    epochs: int
    batch: int
    rate: float
    seed: int = 1


def choices(home: Home, store: Store) -> list[Choice]:
    """Everything that can train: own labels first, then the data sets."""
    found = []
    if number := data_sets.labelled(store):
        found.append(Choice(OWN_LABELS, "Own labels", number))
    for one in data_sets.known(store):
        inspection = known_inspection(home, one.data_id)
        if one.here:
            faces = None if inspection is None else inspection.faces
            found.append(Choice(one.path, one.name, faces))
    return found


def recipes(base: Card) -> dict[str, str]:
    """Recipe → what it is, for a person. Fine-tuning comes first; those that are there to
    teach others are left out."""
    names = {FINE_TUNE: f"Fine-tune {base.name}, the model in use"}
    teachers = {name for recipe in RECIPES.values() for name in recipe.teachers}
    for name, recipe in RECIPES.items():
        if name != FINE_TUNE and name not in teachers:
            entry = architecture(recipe.settings.arch)
            names[name] = f"{name}, from scratch: {entry.about[0].lower()}{entry.about[1:]}"
    return names


def usual(recipe: str) -> tuple[int, int, float]:
    """A recipe's own epochs, batch and learning rate."""
    settings = RECIPES[recipe].settings
    return settings.epochs, settings.batch, settings.rate


def spec_of(home: Home, store: Store, plan: Plan) -> TrainSpec:
    """The plan as a training, checked."""
    if not NAME.fullmatch(plan.name):
        raise SettingsError(
            f"{plan.name!r} cannot be a model's name.", "Use letters, digits, dots and hyphens."
        )
    if plan.name in names_taken(home, store):
        raise SettingsError(f"There is a {plan.name} already.", "Choose another name.")
    if not plan.sources:
        raise DataError("No data set was chosen.", "Choose at least one.")
    for name, value, (low, high) in (
        ("epochs", plan.epochs, EPOCHS), ("batch", plan.batch, BATCH), ("rate", plan.rate, RATE),
    ):  # fmt: skip
        if not low <= value <= high:
            raise SettingsError(f"{name} {value:g} is out of range.", f"{low:g} to {high:g}.")
    used = zoo.in_use(home)
    if plan.recipe == FINE_TUNE:
        trusted_model(store, home, used)
        spec = fine_tune(home, plan.name, plan.sources, epochs=plan.epochs, rate=plan.rate)
    else:
        spec = replace(by_recipe(plan.name, plan.recipe, plan.sources), beside=used)
        spec = changed(spec, epochs=plan.epochs, rate=plan.rate)
    return replace(changed(spec, batch=plan.batch, seed=plan.seed), resume=True)


def start(home: Home, store: Store, plan: Plan) -> str:
    """Queue the training; the job's id. It resumes by itself where it is queued again."""
    spec = spec_of(home, store, plan)
    return queue.enqueue(store, "train", spec.as_dict(), title=spec.name)


def estimate(home: Home, spec: TrainSpec) -> Estimate:
    """How long it will take here; about ten seconds."""
    return estimated(home, spec)
