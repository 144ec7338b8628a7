"""A run with a teacher: the teacher is trained first, and the run begins from it."""

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
from tests.training.sets import some_faces, write_csv


@pytest.fixture
def sources(tmp_path: Path) -> tuple[Source, ...]:
    parts = ((some_faces(70), "Training"), (some_faces(35, seed=1), "PublicTest"))
    return (Source(str(write_csv(tmp_path / "public.csv", *parts))),)


def taught(sources: tuple[Source, ...]) -> TrainSpec:
    settings = replace(recipe("tiny").settings, epochs=2)
    return TrainSpec(
        "pupil",
        replace(settings, epochs=1, rate=1e-9, remind=0.5),
        sources,
        teacher=TrainSpec("pupil-teacher", settings, sources),
    )


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


def test_the_flagship_is_taught_by_a_network_of_its_own_shape() -> None:
    spec = by_recipe("mine", "flagship", (Source("x"),))
    assert spec.teacher is not None
    assert spec.teacher.name == "mine-teacher"
    first = spec.teacher.teacher
    assert first is not None
    assert first.teacher is None
    shapes = [
        {k: v for k, v in one.settings.options.items() if k != "dropout"}
        for one in (spec, spec.teacher, first)
    ]
    assert shapes[0] == shapes[1] == shapes[2]
    assert spec.settings.remind > spec.teacher.settings.remind > first.settings.remind == 0
    shorter = changed(spec, epochs=3, rate=0.5)
    assert shorter.teacher is not None
    assert (shorter.settings.epochs, shorter.teacher.settings.epochs) == (3, 3)
    assert shorter.teacher.settings.rate == spec.teacher.settings.rate
    same = changed(spec, epochs=RECIPES["flagship"].settings.epochs)
    assert same == spec, "what is the recipe's own changes nothing in its teacher"
