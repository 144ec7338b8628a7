"""What a training is made from: its data with their weights, and the model it goes on from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Final

from fer_core.errors import DataError, SettingsError
from fer_core.files import JsonObject
from fer_core.home import Home
from fer_core.storage import Store
from fer_core.training.datasets import DataSet, load
from fer_core.training.prepare import Prepared, for_output, gather
from fer_core.training.recipes import FINE_TUNE, recipe
from fer_core.training.settings import TrainSettings
from fer_core.zoo.model_store import StoredModel, find_model, in_use, stored_models

#: Names one's own labels where a path names a data set.
OWN_LABELS: Final = "own-labels"


@dataclass(frozen=True, slots=True)
class Source:
    """A data set, by its path or OWN_LABELS, and its share of every epoch."""

    data: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class TrainSpec:
    """One training: its name, settings and data, and the model that it goes on from."""

    name: str
    settings: TrainSettings
    sources: tuple[Source, ...]
    base: str = ""  # a model's name; "": from nothing
    beside: str = ""  # a model to stand beside at the end where there is no base
    teachers: tuple[TrainSpec, ...] = ()  # trained first; the run learns their answers too
    begins: bool = True  # from the weights of the first teacher
    serves: str | None = None
    also_serves: tuple[str, ...] = ()
    shares: dict[str, float] = field(default_factory=dict)
    rarity: float = 0.0
    mirror: bool = False
    about: str = ""
    resume: bool = False
    command: str = ""

    def in_turn(self) -> list[TrainSpec]:
        """The runs that it takes, each once, teachers before their pupils."""
        runs: dict[str, TrainSpec] = {}
        for teacher in self.teachers:
            for run in teacher.in_turn():
                runs.setdefault(run.name, run)
        return [*runs.values(), self]

    def as_dict(self) -> JsonObject:
        """The spec of a job of kind ``train``."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> TrainSpec:
        """What ``as_dict`` gave, also after a way through JSON and a job's folder."""
        known = {one.name: value[one.name] for one in fields(cls) if one.name in value}
        known["settings"] = TrainSettings.from_dict(known["settings"])
        known["teachers"] = tuple(cls.from_dict(one) for one in known.get("teachers", ()))
        known["also_serves"] = tuple(known.get("also_serves", ()))
        known["sources"] = tuple(Source(**source) for source in known["sources"])
        return cls(**known)


def by_recipe(name: str, called: str, sources: tuple[Source, ...]) -> TrainSpec:
    """A run by a recipe's name, with the runs of its teachers.

    They are called by its name and their recipe's, so that two that need the same one share it.
    """
    chosen = recipe(called)
    first = name.removesuffix(f"-{called}")
    return TrainSpec(
        name=name,
        settings=chosen.settings,
        sources=sources,
        teachers=tuple(by_recipe(f"{first}-{one}", one, sources) for one in chosen.teachers),
        begins=chosen.begins,
        serves=chosen.serves,
        also_serves=chosen.also_serves,
        shares=dict(chosen.shares),
        rarity=chosen.rarity,
        mirror=chosen.mirror,
        about=chosen.about,
    )


#: What a teacher is trained with as well where a person changed it.
SHARED = ("epochs", "batch", "precision")


def changed(spec: TrainSpec, **changes: Any) -> TrainSpec:
    """The run with other settings; its teachers' follow where they are the same to all."""
    now = {name: value for name, value in changes.items() if value != getattr(spec.settings, name)}
    shared = {name: now[name] for name in SHARED if name in now}
    teachers = tuple(changed(one, **shared) for one in spec.teachers)
    return replace(spec, settings=replace(spec.settings, **now), teachers=teachers)


def fine_tune(
    home: Home,
    name: str,
    sources: tuple[Source, ...],
    *,
    base: str = "",
    epochs: int = 0,
    rate: float = 0.0,
    seed: int = 0,
) -> TrainSpec:
    """A run that goes on from a model (the one in use) with its architecture and outputs."""
    stored = find_model(base or in_use(home), home)
    card = stored.card
    chosen = recipe(FINE_TUNE)
    settings = replace(
        chosen.settings,
        arch=card.arch,
        options=dict(card.options),
        outputs=tuple(card.outputs),
        sizes=((0.0, card.crop.size),),
        mean=card.mean,
        scale=card.scale,
        loss=card.activation,
        epochs=epochs or chosen.settings.epochs,
        rate=rate or chosen.settings.rate,
        seed=seed or chosen.settings.seed,
    )
    spec = TrainSpec(
        name=name,
        settings=settings,
        sources=sources,
        base=card.name,
        serves=card.serves,
        about=f"{card.name}, fine-tuned",
    )
    base_of(home, spec)
    return spec


def base_of(home: Home, spec: TrainSpec) -> StoredModel | None:
    """The model that a run goes on from, its weights checked; None where it begins anew."""
    if not spec.base:
        return None
    if spec.name == spec.base:
        raise SettingsError(
            f"The new model cannot be called {spec.base} as the one that it is made from.",
            "Give it a name of its own.",
        )
    stored = find_model(spec.base, home)
    stored.file("keras")
    return stored


def beside_of(home: Home, spec: TrainSpec) -> StoredModel | None:
    """The model that a run from nothing is compared with at its end."""
    return find_model(spec.beside, home) if spec.beside and not spec.base else None


def data_of(
    home: Home, spec: TrainSpec, own: Callable[[Home], DataSet] | None = None
) -> list[tuple[DataSet, float]]:
    """The sources read, each with its weight."""
    if not spec.sources:
        raise DataError("Nothing to train on is named.", "Give a data set or own labels.")
    found = []
    for source in spec.sources:
        if source.weight <= 0:
            raise SettingsError(
                f"The weight of {source.data} is {source.weight:g}.",
                "Give a weight above 0, or leave this source out.",
            )
        if source.data != OWN_LABELS:
            found.append((load(source.data), source.weight))
            continue
        if own is None:
            from fer_core.jobs.own_labels import own_labels

            own = own_labels
        found.append((own(home), source.weight))
    return found


def prepared_of(data: list[tuple[DataSet, float]], settings: TrainSettings) -> Prepared:
    """What trains and what judges, without faces that the first output does not know."""
    prepared = for_output(gather(data, seed=settings.seed), settings.outputs[0])
    return replace(prepared, practice=any(one.practice for one, _ in data))


def new_name(home: Home, store: Store, stem: str) -> str:
    """A name that nothing has yet: rapt-1-b, rapt-1-c … or tiny-2."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-.") or "model"
    taken = names_taken(home, store)
    number = 2
    while (name := f"{stem}-{number}") in taken:
        number += 1
    return name


def names_taken(home: Home, store: Store) -> set[str]:
    taken = {stored.card.name for stored in stored_models(home)}
    taken |= {path.name for path in home.runs.glob("*")}
    jobs = store.jobs.list(kind="train", limit=10_000)
    return taken | {job.title for job in jobs if job.title}
