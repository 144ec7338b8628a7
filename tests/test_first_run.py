"""The first run: queued once, gone on with after a kill, and never beside what is there."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from fer_core import first_run
from fer_core.cli.main import main
from fer_core.errors import Cancelled
from fer_core.first_run import SAMPLE_JOB, STUDY_JOB, queue_first_run, under_way
from fer_core.home import Home
from fer_core.jobs.folder import JobFolder, JobState
from fer_core.storage import Store, open_store
from fer_core.storage.jobs import AddJob, CancelJob, ClaimJob, DeleteJob, UpdateJob
from fer_core.storage.studies import AddStudy
from fer_core.studies import demo
from fer_core.studies.cuts import propose_scenes
from fer_core.types import JobStatus
from fer_core.video import demo_film
from tests.jobs.progress import Progress
from tests.studies.conftest import a_few


def _ids(store: Store) -> list[str]:
    return [job.job_id for job in store.jobs.active()]


def test_an_empty_store_gets_both_once(store: Store) -> None:
    assert [job.job_id for job in queue_first_run(store)] == [STUDY_JOB, SAMPLE_JOB]
    assert _ids(store) == [STUDY_JOB, SAMPLE_JOB]
    queue_first_run(store)
    assert _ids(store) == [STUDY_JOB, SAMPLE_JOB]
    assert under_way(store)
    store.run(UpdateJob(job_id=STUDY_JOB, status=JobStatus.DONE))
    store.run(CancelJob(job_id=SAMPLE_JOB))
    assert queue_first_run(store) == []
    for job_id in (STUDY_JOB, SAMPLE_JOB):
        store.run(DeleteJob(job_id=job_id))
    assert queue_first_run(store) == []
    assert not store.jobs.list()


def test_a_store_that_was_made_earlier_is_left_alone(store: Store) -> None:
    store.run(AddStudy(name="Mine"))
    assert queue_first_run(store) == []
    assert not store.jobs.list()
    assert not under_way(store)


def test_one_that_was_killed_between_the_two_is_completed(store: Store) -> None:
    store.run(AddJob(kind="demo", spec={}, job_id=STUDY_JOB))
    queue_first_run(store)
    assert _ids(store) == [STUDY_JOB, SAMPLE_JOB]


def test_one_whose_work_was_killed_goes_on_at_the_next_start(store: Store) -> None:
    queue_first_run(store)
    store.run(ClaimJob(job_id=STUDY_JOB))
    folder = JobFolder.of(store.home, STUDY_JOB)
    lock = folder.take_lock()
    assert lock is not None
    queue_first_run(store)
    assert store.jobs.get(STUDY_JOB).status is JobStatus.RUNNING  # somebody works on it
    os.close(lock)
    queue_first_run(store)
    assert store.jobs.get(STUDY_JOB).status is JobStatus.QUEUED
    store.run(ClaimJob(job_id=STUDY_JOB))
    folder.write_state(JobState().at(status=JobStatus.DONE))
    queue_first_run(store)
    assert store.jobs.get(STUDY_JOB).status is JobStatus.RUNNING  # the server will see its end
    store.run(UpdateJob(job_id=SAMPLE_JOB, status=JobStatus.FAILED, fields={"error": "killed"}))
    queue_first_run(store)
    assert store.jobs.get(SAMPLE_JOB).status is JobStatus.QUEUED
    assert len(store.jobs.list()) == 2


def test_the_command_queues_it_and_a_demo_by_hand_waits_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ["--home", str(tmp_path / "home")]
    assert main(["demo", "--queue", "--if-empty", *home]) == 0
    assert "rapt serve" in capsys.readouterr().err
    assert main(["demo", "--if-empty", *home]) == 0
    assert capsys.readouterr().err == ""
    with open_store(Home(tmp_path / "home")) as store:
        assert _ids(store) == [STUDY_JOB, SAMPLE_JOB]
        assert store.sessions.count() == 0


def test_the_job_plants_the_study_with_its_film_and_stops_when_asked(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_film, "FPS", 2)
    monkeypatch.setattr(demo, "plant_demo", partial(demo.plant_demo, study=a_few()))
    with pytest.raises(Cancelled):
        first_run.run_job(store.home, {}, _Job(stop_after=3))
    done = first_run.run_job(store.home, {}, _Job())
    study_id = str(done["study_id"])
    assert len(store.sessions.list(study_id=study_id)) == 6
    (stimulus,) = store.studies.stimuli(study_id)
    assert Path(str(stimulus.path)).parent == store.home.uploads
    assert first_run.run_job(store.home, {}, _Job())["sessions_added"] == 0


class _Job(Progress):
    job_id = STUDY_JOB


def test_the_film_is_the_same_each_time_and_cuts_where_its_scenes_begin(tmp_path: Path) -> None:
    ends = [1000, 2000, 3000, 4000, 5000, 6000]
    assert np.array_equal(demo_film.picture(2500, ends), demo_film.picture(2500, ends))
    film = demo_film.demo_film(tmp_path / "film.mp4", ends[:-1], ends[-1])
    assert [shot.from_ms for shot in propose_scenes(film)] == [0, *ends[:-1]]
    made = film.stat().st_mtime_ns
    assert demo_film.demo_film(film, ends[:-1], ends[-1]).stat().st_mtime_ns == made
