"""The Train page, run by Streamlit itself."""

from __future__ import annotations

import json
from pathlib import Path

from dashboard.lab.data import data as data_sets
from dashboard.lab.train import plan as plans
from dashboard.lab.train.data import runs
from dashboard.lab.train.overlay import trials
from dashboard.lab.train.plan import Plan
from fer_core.evaluation.paired import Paired
from fer_core.files import write_json
from fer_core.home import Home
from fer_core.jobs.training_sources import Source
from fer_core.storage import Store
from fer_core.storage.jobs import AddJob, UpdateJob
from fer_core.storage.lab.models import (
    AddEpochs,
    AddTrainingRun,
    NoteTrainingRun,
    UpdateTrainingRun,
)
from fer_core.training.settings import TrainSettings
from fer_core.types import JobStatus
from fer_core.zoo import use_model
from tests.cards import on_disk
from tests.dashboard.pages import open_page
from tests.training.sets import some_faces, write_csv


def test_the_way_back_is_offered_where_there_is_one(empty_home: Home) -> None:
    on_disk(empty_home.models, "mine")
    use_model("mine", empty_home)
    app = open_page("train")
    assert not app.exception
    assert "Go back to rapt-1" in [one.label for one in app.button]


def test_where_there_is_nothing_to_learn_from_it_leads_to_the_data(empty_home: Home) -> None:
    app = open_page("train")
    assert not app.exception
    assert not app.error
    assert app.title[0].value == "Train"
    assert "Add a data set" in [one.label for one in app.button]


def test_a_training_that_waits_is_shown_and_can_be_stopped(
    empty_home: Home, store: Store, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "faces.csv", (some_faces(14), "Training"))
    data_sets.add_path(store, str(path))
    plan = Plan("mine", "tiny", (Source(str(path)),), epochs=3, batch=8, rate=0.05)
    job = plans.start(empty_home, store, plan)
    app = open_page("train", run=job)
    assert not app.exception
    assert [one.value for one in app.subheader] == ["mine", "Train a model"]
    assert app.text_input[0].value == "rapt-1-2"
    app.button(key=f"stop-{job}").click().run()
    assert not app.exception
    assert store.jobs.get(job).status is JobStatus.CANCELLED


def test_what_came_of_a_training_is_told_with_its_comparison(
    empty_home: Home, store: Store
) -> None:
    settings = TrainSettings(epochs=2)
    spec = json.loads(json.dumps({"settings": settings.as_dict(), "base": "rapt-1"}))
    job = store.run(AddJob(kind="train", title="mine", spec=spec))
    store.run(UpdateJob(job_id=job, status=JobStatus.DONE))
    data = {"sources": [{"data": "own-labels", "weight": 1.0, "faces": 72}], "notes": []}
    run = store.run(
        AddTrainingRun(settings=settings.as_dict(), data=data, model="mine", base_model="rapt-1")
    )
    one = {"val_accuracy": 0.6, "loss": 1.0, "learning_rate": 0.1, "seconds": 1.0}
    epochs = [{"epoch": epoch, **one} for epoch in (1, 2)]
    store.run(AddEpochs(run_id=run, epochs=epochs))
    better = Paired("own labels", 18, 0.5, 0.889, 0.167, 0.611, 0, 7, 0.016)
    metrics = {"comparison": [better.as_dict()], "forgot": False}
    store.run(UpdateTrainingRun(run_id=run, status=JobStatus.DONE, metrics=metrics))
    write_json(empty_home.runs / "mine" / "run.json", {"run_id": run})
    app = open_page("train")
    assert not app.exception
    assert not app.error
    shown = " ".join(each.value for each in app.main if each.type == "html")
    assert "mine is 39 points better than rapt-1 on your held-out faces." in shown
    assert "+38.9" in shown
    assert "Promote" in [each.label for each in app.button]
    assert any("Trained on own labels (72 faces)." in each.value for each in app.caption)


def test_trainings_are_laid_over_one_another_and_take_a_note(
    empty_home: Home, store: Store
) -> None:
    ids = []
    for name, reached in (("first", 0.61), ("second", 0.64)):
        settings = TrainSettings(epochs=2, rate=0.05)
        spec = json.loads(json.dumps({"settings": settings.as_dict(), "base": "rapt-1"}))
        run = store.run(
            AddTrainingRun(settings=settings.as_dict(), data={"sources": []}, model=name)
        )
        job = store.run(AddJob(kind="train", title=name, spec=spec, run_id=run))
        store.run(UpdateJob(job_id=job, status=JobStatus.DONE))
        one = {"loss": 1.0, "learning_rate": 0.1, "seconds": 30.0}
        epochs = [{"epoch": k, "val_accuracy": reached - 0.1 * (k < 2), **one} for k in (1, 2)]
        store.run(AddEpochs(run_id=run, epochs=epochs))
        ids.append(run)
    store.run(NoteTrainingRun(run_id=ids[0], note=" a try with little light "))
    assert store.training_runs.get(ids[0]).note == "a try with little light"
    app = open_page("train")
    assert not app.exception
    assert not app.error
    assert "Trainings over one another" in [one.value for one in app.subheader]
    shown = " ".join(each.value for each in app.main if each.type == "html")
    assert "second reached most: 64.0 % at epoch 2" in shown
    found = {one.name: one for one in trials(store, runs(store))}
    assert found["first"].row["Note"] == "a try with little light"
    assert (found["second"].row["Minutes"], found["second"].row["Rate"]) == (1.0, 0.05)
    store.run(NoteTrainingRun(run_id=ids[0], note=""))
    assert store.training_runs.get(ids[0]).note is None
