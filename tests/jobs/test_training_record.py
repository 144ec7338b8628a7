"""A training run in the store: its epochs, its end, and going on after a break."""

from __future__ import annotations

import pytest

from fer_core.errors import Cancelled, DataError
from fer_core.home import Home
from fer_core.jobs.training_record import TrainingRecord
from fer_core.storage import open_store
from fer_core.storage.jobs import AddJob


def begin(home: Home, *, resume: bool = False, job_id: str | None = None) -> TrainingRecord:
    return TrainingRecord.begin(
        home,
        home.runs / "small",
        settings={"arch": "tiny"},
        data={"path": "f.csv"},
        model="small",
        resume=resume,
        job_id=job_id,
    )


def numbers(epoch: int) -> dict[str, float]:
    return {
        "epoch": epoch,
        "loss": 1.5,
        "accuracy": 0.4,
        "macro_f1": 0.3,
        "rate": 0.1,
        "seconds": 2,
    }


def test_every_epoch_is_there_as_it_ends_and_a_second_writing_replaces_it(home: Home) -> None:
    record = begin(home)
    for epoch in (1, 2, 2):
        record.epoch(numbers(epoch))
    with open_store(home) as store:
        found = store.training_runs.epochs(record.run_id)
        assert store.training_runs.get(record.run_id).status == "running"
    assert found["epoch"].tolist() == [1, 2]
    assert found["val_accuracy"].tolist() == [0.4, 0.4]
    assert "macro_f1" in found["metrics"][0]


def test_a_job_keeps_the_id_of_its_run(home: Home) -> None:
    with open_store(home) as store:
        job = store.run(AddJob(kind="train", title="small", spec={}))
    record = begin(home, job_id=job)
    with open_store(home) as store:
        assert store.jobs.get(job).run_id == record.run_id


def test_a_resumed_run_goes_on_with_its_rows_and_a_new_one_has_its_own(home: Home) -> None:
    first = begin(home)
    assert begin(home, resume=True).run_id == first.run_id
    assert begin(home).run_id != first.run_id


@pytest.mark.parametrize(
    ("error", "status"),
    [(Cancelled(), "cancelled"), (DataError("No faces."), "failed"), (ValueError("x"), "failed")],
)
def test_a_run_that_ends_early_says_why(home: Home, error: Exception, status: str) -> None:
    record = begin(home)
    with pytest.raises(type(error)), record.watched():
        raise error
    with open_store(home) as store:
        run = store.training_runs.get(record.run_id)
    assert run.status == status
    assert (run.error is None) == (status == "cancelled")
