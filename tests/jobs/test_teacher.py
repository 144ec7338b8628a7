"""Runs with teachers: those are trained first, and the run begins from the first of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import Cancelled
from fer_core.home import Home
from fer_core.jobs.training import Source, TrainSpec, train_model
from fer_core.jobs.training_sources import by_recipe, changed
from fer_core.training.checkpoint import Checkpoint
from fer_core.training.recipes import RECIPES, recipe
from fer_core.zoo.model_store import find_model
from tests.long import only_long
from tests.training.sets import some_faces, write_csv

pytestmark = pytest.mark.slow


@pytest.fixture
def sources(tmp_path: Path) -> tuple[Source, ...]:
    parts = ((some_faces(70), "Training"), (some_faces(35, seed=1), "PublicTest"))
    return (Source(str(write_csv(tmp_path / "public.csv", *parts))),)


def taught(sources: tuple[Source, ...]) -> TrainSpec:
    settings = replace(recipe("tiny").settings, epochs=2)
    return TrainSpec(
        "pupil",
        replace(settings, epochs=1, rate=1e-9, distill_weight=0.5),
        sources,
        teachers=(TrainSpec("pupil-teacher", settings, sources),),
    )


@only_long
def test_the_pupil_begins_from_its_teacher(home: Home, sources: tuple[Source, ...]) -> None:
    spec = taught(sources)
    assert TrainSpec.from_dict(json.loads(json.dumps(spec.as_dict()))) == spec
    card = train_model(home, spec)
    assert card.name == "pupil"
    assert card.training["settings"]["start"] == "pupil-teacher.keras"
    assert "base" not in card.training, "a teacher is no model that a person had before"
    first = Checkpoint.load(home.runs / "pupil-teacher" / "best.npz")
    second = Checkpoint.load(home.runs / "pupil" / "best.npz")
    # at this rate nothing moves but the means that batch normalisation keeps
    kept = [np.allclose(a, b, atol=1e-5) for a, b in zip(first.model, second.model)]
    assert sum(kept) > len(kept) / 2


@only_long
def test_a_resumed_run_does_not_train_its_teacher_again(
    home: Home, sources: tuple[Source, ...]
) -> None:
    spec = taught(sources)
    seen: list[int] = []

    def in_the_pupil() -> bool:
        return (home.models / "pupil-teacher.json").exists()

    with pytest.raises(Cancelled):
        train_model(home, spec, cancelled=in_the_pupil)
    made = (home.models / "pupil-teacher.keras").stat().st_mtime_ns
    card = train_model(
        home, replace(spec, resume=True), on_epoch=lambda one: seen.append(int(one["epoch"]))
    )
    assert seen == [1]
    assert card.name == "pupil"
    assert (home.models / "pupil-teacher.keras").stat().st_mtime_ns == made


def test_the_flagship_is_taught_by_networks_of_its_own_shape() -> None:
    spec = by_recipe("mine", "flagship", (Source("x"),))
    runs = spec.in_turn()
    assert len({run.name for run in runs}) == len(runs), "each is trained once"
    assert runs[0].settings.distill_weight == 0
    for number, run in enumerate(runs):
        assert run.name == "mine" or run.name.startswith("mine-flagship-")
        assert {one.name for one in run.teachers} <= {one.name for one in runs[:number]}
        assert bool(run.teachers) == (run.settings.distill_weight > 0)
        if run.begins and run.teachers:
            assert shape(run) == shape(run.teachers[0])
    shorter = changed(spec, epochs=3, rate=0.5)
    assert {run.settings.epochs for run in shorter.in_turn()} == {3}
    assert shorter.settings.rate == 0.5
    assert shorter.teachers[0].settings.rate == spec.teachers[0].settings.rate
    same = changed(spec, epochs=RECIPES["flagship"].settings.epochs)
    assert same == spec, "what is the recipe's own changes nothing in its teachers"


def shape(run: TrainSpec) -> dict[str, object]:
    return {key: one for key, one in run.settings.options.items() if key != "dropout"}


@only_long
def test_teachers_of_several_runs_are_trained_once_and_before_them(
    home: Home, sources: tuple[Source, ...]
) -> None:
    settings = replace(recipe("tiny").settings, epochs=1)
    learns = replace(settings, distill_weight=0.5)
    first = TrainSpec("first", settings, sources)
    other = TrainSpec("other", replace(learns, seed=5), sources, teachers=(first,), begins=False)
    spec = TrainSpec("last", learns, sources, teachers=(first, other))
    notes: list[int] = []
    card = train_model(home, spec, on_epoch=lambda one: notes.append(int(one["epoch"])))
    assert notes == [1, 1, 1]
    assert card.training["settings"]["start"] == "first.keras"
    assert card.training["settings"]["teachers"] == ["first.keras", "other.keras"]
    beside = find_model("other", home).card
    assert beside.training["settings"]["start"] == ""
    assert beside.training["settings"]["teachers"] == ["first.keras"]
