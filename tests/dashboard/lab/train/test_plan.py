"""A training before it starts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.lab.train import data as trainings
from dashboard.lab.train import plan as plans
from dashboard.lab.train.plan import Plan
from fer_core.errors import DataError, SettingsError
from fer_core.home import Home
from fer_core.jobs.training_sources import OWN_LABELS, Source, TrainSpec
from fer_core.storage import Store
from fer_core.training.recipes import FINE_TUNE
from fer_core.zoo import find_model


def plan(**changes: object) -> Plan:
    usual = Plan("mine", "tiny", (Source("/data/f.csv"),), 3, 32, 0.05)
    return replace(usual, **changes)  # type: ignore[arg-type]


def test_a_plan_becomes_a_job_that_resumes_and_stands_beside_the_model_in_use(
    home: Home, store: Store
) -> None:
    plans.start(home, store, plan(epochs=7, batch=16))
    row = store.jobs.list(kind="train")[0]
    spec = TrainSpec.from_dict({**row.spec, "job": "train"})
    assert (spec.settings.epochs, spec.settings.batch, spec.settings.arch) == (7, 16, "tiny")
    assert (spec.beside, spec.base, spec.resume) == ("rapt-1", "", True)
    found = trainings.runs(store)[0]
    assert (found.name, found.status, found.epochs_planned) == ("mine", "queued", 7)
    with pytest.raises(SettingsError, match="already"):
        plans.start(home, store, plan())


def test_recipes_that_only_teach_are_not_offered_and_their_runs_come_along(
    home: Home, store: Store
) -> None:
    offered = plans.recipes(find_model("rapt-1").card)
    assert next(iter(offered)) == FINE_TUNE
    assert [name for name in offered if name.startswith("flagship")] == ["flagship"]
    runs = plans.spec_of(home, store, plan(recipe="flagship", epochs=5)).in_turn()
    assert [run.settings.epochs for run in runs] == [5] * len(runs)
    assert len(runs) > 1
    assert runs[-1].name == "mine"


def test_fine_tuning_goes_on_from_the_model_in_use(home: Home, store: Store) -> None:
    sources = (Source("/data/f.csv", 3.0), Source(OWN_LABELS, 1.0))
    spec = plans.spec_of(home, store, plan(recipe=FINE_TUNE, sources=sources, rate=0.001))
    assert (spec.base, spec.beside, spec.settings.rate) == ("rapt-1", "", 0.001)
    assert spec.settings.arch == find_model("rapt-1").card.arch


@pytest.mark.parametrize(
    "change", [{"name": "../x"}, {"name": ""}, {"sources": ()}, {"epochs": 0}, {"rate": 3.0},
               {"batch": 2}, {"name": "rapt-1"}],
)  # fmt: skip
def test_what_cannot_be_trained_is_refused_before_it_queues(
    home: Home, store: Store, change: dict[str, object]
) -> None:
    with pytest.raises((SettingsError, DataError)):
        plans.start(home, store, plan(**change))
    assert store.jobs.list(kind="train") == []
