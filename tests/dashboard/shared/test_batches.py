"""Recordings that were given together, as one line."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from dashboard.shared.queue import batches
from dashboard.shared.queue.batch_rows import progress
from dashboard.shared.queue.batches import Batch
from fer_core.storage import Store
from fer_core.storage.jobs import AddJob, UpdateJob
from fer_core.storage.studies import AddStudy
from fer_core.types import JobStatus


@pytest.fixture
def thirty(store: Store, tmp_path: Path) -> list[str]:
    """Thirty recordings of a thousand bytes, dropped at once; and one that was dropped alone."""
    made = []
    for number in range(31):
        path = tmp_path / f"R{number:02d}.mp4"
        path.write_bytes(b"x" * 1000)
        spec = {"path": str(path), "study": "Spot", "batch": "one" if number < 30 else "alone"}
        made.append(store.run(AddJob(kind="analyze", title=path.stem, spec=spec)))
    return made


def end(store: Store, job_id: str, status: JobStatus = JobStatus.DONE, error: str = "") -> None:
    store.run(UpdateJob(job_id=job_id, status=JobStatus.RUNNING))
    store.run(UpdateJob(job_id=job_id, status=status, fields={"error": error or None}))


def only(store: Store) -> Batch:
    (batch,) = batches.board(store).under_way
    return batch


def test_a_batch_is_one_line_in_the_order_in_which_it_was_given(
    store: Store, thirty: list[str]
) -> None:
    for job_id in thirty[:12]:
        end(store, job_id)
    end(store, thirty[12], JobStatus.FAILED, "It broke.")
    board = batches.board(store)
    batch = only(store)
    assert [job.job_id for job in batch.jobs] == thirty[:30]
    assert board.count == 18
    assert [job.job_id for job in board.waiting] == thirty[30:]
    assert progress(batch).startswith("12 of 30 analysed · ")
    assert progress(batch).endswith(" · 1 failed")
    assert batch.share == pytest.approx(13 / 30)
    batches.cancel(store, [job for job in batch.jobs if job.active])
    board = batches.board(store)
    assert not board.under_way
    assert progress(board.finished[0]) == "12 of 30 analysed · 1 failed · 17 stopped"
    batches.resume(store, board.finished[0].having(JobStatus.CANCELLED))
    assert [job.job_id for job in only(store).jobs if job.active] == thirty[13:30]


def test_the_times_of_a_batch_add_up_to_those_of_its_recordings(
    store: Store, thirty: list[str]
) -> None:
    assert only(store).left_s is None, "nothing tells how long one takes yet"
    store.run(UpdateJob(job_id=thirty[0], status=JobStatus.RUNNING))
    fields = {"done": 10.0, "total": 40.0, "eta_s": 60.0}
    store.run(UpdateJob(job_id=thirty[0], fields=fields))
    batch = only(store)
    ends = [job.ends_in_s or 0.0 for job in batch.jobs]
    assert ends[0] == 60.0
    assert [job.starts_in_s for job in batch.jobs[1:]] == ends[:-1]
    steps = [later - sooner for sooner, later in pairwise(ends)]
    assert steps == pytest.approx([steps[0]] * 29)
    assert steps[0] >= 60, "as long as the one that runs takes in all"
    assert batch.left_s == ends[-1]
    assert batches.board(store).waiting[0].starts_in_s == pytest.approx(ends[-1])


def test_a_batch_names_its_study_once_there_is_one(store: Store, thirty: list[str]) -> None:
    assert batches.study_of(store, only(store)) is None
    study = store.run(AddStudy(name="Spot"))
    found = batches.study_of(store, only(store))
    assert found is not None
    assert found.study_id == study


def test_a_batch_that_is_dismissed_is_gone(store: Store, thirty: list[str]) -> None:
    for job_id in thirty[:30]:
        end(store, job_id)
    (batch,) = batches.board(store).finished
    assert progress(batch) == "All 30 analysed"
    batches.dismiss(store, batch.jobs)
    assert not batches.board(store).finished
