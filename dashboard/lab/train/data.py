"""Trainings as the page shows them: what can be chosen, what runs, what came of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd

from dashboard.lab.data import data as lab_data
from fer_core import zoo
from fer_core.errors import DataError, ModelError, SettingsError
from fer_core.evaluation.trusted_weights import trusted_model
from fer_core.home import Home
from fer_core.jobs import queue
from fer_core.jobs.training_estimate import estimated
from fer_core.jobs.training_sources import (
    OWN_LABELS,
    Source,
    TrainSpec,
    by_recipe,
    changed,
    fine_tune,
)
from fer_core.storage import Store
from fer_core.storage.jobs import DeleteJob, Job
from fer_core.training.estimate import Estimate
from fer_core.training.examples import read_examples
from fer_core.training.recipes import FINE_TUNE, RECIPES
from fer_core.types import JobStatus
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


@dataclass(frozen=True, slots=True)
class Run:
    """One training, under way or over."""

    job_id: str
    name: str
    status: JobStatus  # of its job
    recipe: str
    base: str
    epochs_planned: int
    share: float | None
    eta_s: float | None
    message: str
    error: str
    stopping: bool
    created: datetime
    run_id: str | None = None
    epochs: pd.DataFrame = field(default_factory=pd.DataFrame)
    data: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    examples: dict[str, Any] | None = None
    chose_best: bool = False  # its epoch was chosen by the faces that the comparison is on

    @property
    def active(self) -> bool:
        return not self.status.over

    @property
    def can_resume(self) -> bool:
        return self.status.resumable


# -- what can be chosen -------------------------------------------------------------------


def choices(home: Home, store: Store) -> list[Choice]:
    """Everything that can train: own labels first, then the data sets."""
    found = []
    if number := lab_data.labelled(store):
        found.append(Choice(OWN_LABELS, "Own labels", number))
    for one in lab_data.known(store):
        look = lab_data.known_inspection(home, one.data_id)
        if one.here:
            found.append(Choice(one.path, one.name, None if look is None else look.faces))
    return found


def recipes(base: Card) -> dict[str, str]:
    """Recipe → what it is, for a person. Fine-tuning comes first; those that are there to
    teach others are left out."""
    names = {FINE_TUNE: f"Fine-tune {base.name}, the model in use"}
    teachers = {name for recipe in RECIPES.values() for name in recipe.teachers}
    for name, recipe in RECIPES.items():
        if name != FINE_TUNE and name not in teachers:
            entry = architecture(recipe.settings.arch)
            names[name] = f"{name}, from nothing: {entry.about[0].lower()}{entry.about[1:]}"
    return names


def usual(home: Home, recipe: str) -> tuple[int, int, float]:
    """A recipe's own epochs, batch and learning rate."""
    settings = RECIPES[recipe].settings
    return settings.epochs, settings.batch, settings.rate


def new_name(home: Home, store: Store, stem: str) -> str:
    """A name that nothing has yet: rapt-1-b, rapt-1-c … or tiny-2."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-.") or "model"
    taken = names_taken(home, store)
    number = 2
    while (name := f"{stem}-{number}") in taken:
        number += 1
    return name


def names_taken(home: Home, store: Store) -> set[str]:
    taken = {stored.card.name for stored in zoo.stored_models(home)}
    taken |= {path.name for path in home.runs.glob("*")}
    jobs = store.jobs.list(kind="train", limit=10_000)
    return taken | {job.title for job in jobs if job.title}


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


# -- what runs and what came of it --------------------------------------------------------


def runs(home: Home, store: Store, limit: int = 50) -> list[Run]:
    """Trainings of this dashboard, those under way first, then the newest."""
    found = [_run(job) for job in store.jobs.list(kind="train", limit=limit)]
    return sorted(found, key=lambda run: not run.active)


def _run(job: Job) -> Run:
    spec = job.spec
    return Run(
        job_id=job.job_id,
        name=job.title or "",
        status=job.status,
        recipe=FINE_TUNE if spec.get("base") else spec["settings"]["arch"],
        base=spec.get("base") or spec.get("beside") or "",
        epochs_planned=int(spec["settings"]["epochs"]),
        share=job.progress,
        eta_s=job.eta_s,
        message=job.message or "",
        error=job.error or "",
        stopping=job.cancel_asked and job.status is JobStatus.RUNNING,
        created=job.created,
    )


def whole(home: Home, store: Store, run: Run) -> Run:
    """A run with its epochs, its data, what came of it and its current examples."""
    run_id = queue.training_run_of(store, store.jobs.get(run.job_id))
    if run_id is None:
        return run
    kept = store.training_runs.get(run_id)
    return replace(
        run,
        run_id=kept.run_id,
        epochs=curves(store.training_runs.epochs(kept.run_id)),
        data=kept.data,
        metrics=kept.metrics,
        examples=read_examples(home.runs / run.name),
        chose_best=kept.settings.get("choose", "best") == "best",
    )


def curves(epochs: pd.DataFrame) -> pd.DataFrame:
    """Epoch, accuracy, loss and rate, as the charts name them."""
    return pd.DataFrame(
        {
            "epoch": epochs["epoch"].astype(int),
            "accuracy": epochs["val_accuracy"].astype(float),
            "loss": epochs["loss"].astype(float),
            "rate": epochs["learning_rate"].astype(float),
            "seconds": epochs["seconds"].astype(float),
        }
    )


def stop(store: Store, job_id: str) -> None:
    queue.cancel(store, job_id)


def resume(store: Store, job_id: str) -> None:
    queue.resume(store, job_id)


def forget(store: Store, job_id: str) -> None:
    """Take a run that is over off the list; its model stays."""
    store.run(DeleteJob(job_id=job_id))


# -- promote and roll back ----------------------------------------------------------------


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


def points(one: dict[str, Any]) -> str:
    """A difference with no more digits than so many faces earn."""
    size = abs(100 * float(one["difference"]))
    return f"{size:.1f} points" if one["n"] >= 1000 else f"{round(size)} points"


def verdict(run: Run) -> Verdict:
    """What the comparison says. Better on own labels counts first, where there are any."""
    found: list[dict[str, Any]] = run.metrics.get("comparison") or []
    if not found:
        return Verdict(
            False,
            f"Nothing tells whether {run.name} is better than {run.base or 'the model in use'}.",
            ("The two models cannot be compared face by face: they answer different questions.",),
        )
    by_name = {one["on"]: one for one in found}
    first = by_name.get("own labels") or found[0]
    better = first["p"] < 0.05 and first["difference"] > 0
    warnings = []
    if not better:
        warnings.append(
            "It is not better by more than chance. Promoting it changes every new number for "
            "no gain that could be shown."
        )
    for one in found:
        if one is not first and one["p"] < 0.05 and one["difference"] < 0:
            warnings.append(f"It is worse on {WHERE.get(one['on'], one['on'])}.")
    public = [one for one in found if one["on"].startswith("public")]
    if run.metrics.get("forgot") and public:
        fallen = min(public, key=lambda one: float(one["difference"]))
        warnings.append(
            f"On public faces it fell by {abs(100 * fallen['difference']):.1f} points, more than "
            "half a point: it forgot some of what it knew."
        )
    word = "better" if first["difference"] > 0 else "worse"
    where = WHERE.get(first["on"], first["on"])
    said = (
        f"{run.name} is {points(first)} {word} than {run.base} on {where}."
        if first["p"] < 0.05
        else f"{run.name} and {run.base} cannot be told apart on {where}."
    )
    return Verdict(better, said, tuple(warnings))


def promote(home: Home, store: Store, name: str) -> Card:
    """Put a model into use; only files that Rapt shipped or wrote itself."""
    card = zoo.find_model(name, home).card
    trusted_model(store, home, name, card.default).file(card.default)
    return zoo.use_model(name, home)


def roll_back(home: Home, store: Store) -> Card:
    """Put the model before this one into use again."""
    name = zoo.previous_model(home)
    if name is None:
        raise ModelError("There is no model to go back to.", "Promote one first.")
    card = zoo.find_model(name, home).card
    trusted_model(store, home, name, card.default).file(card.default)
    return zoo.go_back(home)


@dataclass(frozen=True, slots=True)
class InUse:
    """The model in use, the one to go back to, and every change."""

    card: Card
    before: str | None
    history: tuple[zoo.Use, ...]


def used(home: Home) -> InUse:
    return InUse(zoo.load_card(None, home), zoo.previous_model(home), zoo.use_history(home))


def accuracy_of(card: Card) -> float | None:
    """The headline of a card."""
    value = card.metrics.get("accuracy")
    return float(value) if isinstance(value, int | float) else None


def source_names(run: Run) -> str:
    """What it trained on, with each part's share of an epoch."""
    sources: Sequence[dict[str, Any]] = run.data.get("sources") or ()
    total = sum(float(one.get("weight", 1)) for one in sources)
    said = []
    for one in sources:
        name = "own labels" if one["data"] == OWN_LABELS else Path(one["data"]).name
        share = f", {100 * float(one.get('weight', 1)) / total:.0f} % of each epoch"
        faces = f"{one['faces']:,} faces" if one.get("faces") is not None else ""
        said.append(f"{name} ({faces}{share if len(sources) > 1 else ''})")
    return " and ".join(said)
