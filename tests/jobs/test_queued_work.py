"""Analyses and trainings in the queue: the sessions and runs that they leave, also when killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from fer_core.errors import JobError, SettingsError, StoreError
from fer_core.home import Home
from fer_core.jobs import queue
from fer_core.jobs.analysis import begin_session
from fer_core.jobs.analysis_spec import AnalysisSpec
from fer_core.jobs.folder import JobState
from fer_core.jobs.supervisor import Supervisor
from fer_core.live import close_live_orphans
from fer_core.storage import Store
from fer_core.storage.jobs import AddJob, UpdateJob
from fer_core.storage.lab.models import AddTrainingRun, UpdateTrainingRun
from fer_core.storage.timeline.shards import shard_files
from fer_core.types import AnalysisSettings, JobStatus
from fer_core.video import digest
from tests.dashboard.simulated import plant
from tests.jobs.trial_film import film
from tests.jobs.trial_queue import counting, enqueued, kill_all, status, trial
from tests.waiting import until


def test_a_missing_file_and_a_useless_setting_are_refused_before_they_queue(
    store: Store, tmp_path: Path
) -> None:
    with pytest.raises(JobError, match="no file"):
        enqueued(store, tmp_path / "nothing.mp4")
    (tmp_path / "film.mp4").write_bytes(b"x")
    with pytest.raises(SettingsError, match="per second"):
        enqueued(store, tmp_path / "film.mp4", AnalysisSettings(fps=0))
    assert store.jobs.list() == []


def test_a_queued_analysis_knows_its_session_before_it_starts(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"x")
    job, session = enqueued(store, path, study="Spring", respondent="P01")
    row = store.jobs.get(job)
    assert (row.kind, row.session_id, row.title) == ("analyze", session, "film")
    assert row.spec["study"] == "Spring"
    assert row.spec["settings"]["detector"] == "mtcnn"


def test_a_recording_is_assigned_while_it_waits_and_once_it_is_analysed(
    store: Store, home: Home, tmp_path: Path
) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"x")
    spec = AnalysisSpec.new(clip, study="Old")
    job_id = queue.enqueue_analysis(store, spec)
    queue.assign(store, spec.session_id, study="New", condition="A")
    changed = AnalysisSpec.from_json(store.jobs.get(job_id).spec)
    assert (changed.study, changed.condition, changed.name) == ("New", "A", "clip")
    store.run(UpdateJob(job_id=job_id, status=JobStatus.RUNNING))
    queue.assign(store, spec.session_id, study="Late")
    assert store.jobs.get(job_id).spec["study"] == "Late"
    with pytest.raises(StoreError):
        queue.assign(store, "gone", study="Late")
    analysed = plant(home, "clip", seconds=2, viewers=1)
    store.sync()
    queue.assign(store, analysed, respondent="R07")
    assert store.sessions.get(analysed).respondent == "R07"


def test_a_queued_film_becomes_a_session_in_the_store(
    store: Store, supervisor: Supervisor, tmp_path: Path
) -> None:
    job, session = enqueued(store, film(tmp_path / "spot.mp4", frames=30), study="S")
    supervisor.start()
    until(lambda: status(store, job) == "done")
    store.sync()
    row = store.sessions.get(session)
    assert (row.status, row.name, row.study, row.frames) == ("done", "spot", "S", 30)
    assert len(store.timeline.frames(session)) == 30


def test_a_recording_is_analysed_again_with_another_model_into_a_session_beside_it(
    store: Store, home: Home, supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.start()
    path = film(tmp_path / "clip.mp4", frames=20)
    job, first = enqueued(store, path, AnalysisSettings(fps=5), study="Ads")
    until(lambda: status(store, job) == "done")
    store.sync()
    again, second = queue.analyse_again(store, first, "rapt-1")
    until(lambda: status(store, again) == "done")
    store.sync()
    row = store.sessions.get(second)
    assert row.name == "clip (rapt-1)"
    assert row.extra["again_of"] == first
    assert row.settings["model"] == "rapt-1"
    assert row.settings["fps"] == 5
    assert row.study is None
    assert store.sessions.other_analyses(first)["session_id"].tolist() == [second]
    assert store.sessions.other_analyses(second)["session_id"].tolist() == [first]
    path.unlink()
    with pytest.raises(JobError, match="no longer on this machine"):
        queue.analyse_again(store, first, "rapt-1")


def test_a_cancelled_analysis_leaves_a_session_that_can_go_on(
    store: Store, supervisor: Supervisor, home: Home, tmp_path: Path
) -> None:
    path = film(tmp_path / "spot.mp4", frames=300, pause_ms=20)
    job, session = enqueued(store, path)
    supervisor.start()
    until(lambda: shard_files(home.shards(session)))
    queue.cancel(store, job)
    until(lambda: status(store, job) == "cancelled")
    store.sync()
    assert store.sessions.get(session).status == "cancelled"
    film(path, frames=300, pause_ms=0)  # other bytes: the same name is not the same film
    queue.resume(store, job)
    until(lambda: status(store, job) == "failed")
    assert "has changed" in store.jobs.get(job).error


def test_an_analysis_killed_without_a_word_closes_its_session_too(
    store: Store, supervisor: Supervisor, home: Home, tmp_path: Path
) -> None:
    path = film(tmp_path / "spot.mp4", frames=1000, pause_ms=20)
    job, session = enqueued(store, path)
    supervisor.start()
    until(lambda: shard_files(home.shards(session)))
    kill_all(store, home)
    until(lambda: status(store, job) == "failed")
    store.sync()
    row = store.sessions.get(session)
    assert row.status == "failed"
    assert "SIGKILL" in row.error


def begun_run(store: Store, model: str, job: str | None = None) -> str:
    """A training under way, known to its job where that is of this version."""
    run = str(store.run(AddTrainingRun(settings={}, data={}, model=model)))
    store.run(UpdateTrainingRun(run_id=run, status="running"))
    if job is not None:
        store.run(UpdateJob(job_id=job, fields={"run_id": run}))
    return run


def test_a_training_killed_without_a_word_closes_its_run_and_no_other(
    store: Store, home: Home
) -> None:
    job = store.run(AddJob(kind="train", title="mine", spec={}))
    mine, other, namesake = (
        begun_run(store, "mine", job),
        begun_run(store, "other"),
        begun_run(store, "mine"),  # by `rapt train`, say
    )
    assert queue.training_run_of(store, store.jobs.get(job)) == mine
    queue.ended(store, home, store.jobs.get(job), JobState(status="cancelled"))
    assert store.training_runs.get(mine).status == "cancelled"
    assert store.training_runs.get(other).status == "running"
    assert store.training_runs.get(namesake).status == "running"


def test_a_training_job_of_an_older_store_still_finds_its_run(store: Store, home: Home) -> None:
    """Those did not keep the run's id: the name tells, among runs begun since."""
    begun_run(store, "mine")
    job = store.run(AddJob(kind="train", title="mine", spec={}))
    assert queue.training_run_of(store, store.jobs.get(job)) is None, "it has not begun"
    run = begun_run(store, "mine")
    assert queue.training_run_of(store, store.jobs.get(job)) == run
    later = store.run(AddJob(kind="train", title="mine", spec={}))
    begun_run(store, "mine", later)
    assert queue.training_run_of(store, store.jobs.get(job)) == run, "a later job's run is not its"
    queue.ended(store, home, store.jobs.get(job), JobState(status="failed", error="gone"))
    assert store.training_runs.get(run).status == "failed"


def test_a_training_holds_up_no_recording_and_trainings_wait_for_each_other(
    store: Store, supervisor: Supervisor, home: Home, tmp_path: Path
) -> None:
    first, second = (
        store.run(AddJob(kind="train", spec={"count": count}, title="A training"))
        for count in (100_000, 3)
    )
    recording, _ = enqueued(store, film(tmp_path / "spot.mp4", frames=30))
    supervisor.start()
    until(lambda: counting(home, first))
    until(lambda: status(store, recording) == "done")
    assert status(store, first) == "running"
    assert status(store, second) == "queued"
    queue.cancel(store, first)
    until(lambda: status(store, second) == "done")


def test_deleting_a_session_stops_its_job_first(
    store: Store, supervisor: Supervisor, home: Home, tmp_path: Path
) -> None:
    path = film(tmp_path / "spot.mp4", frames=1000, pause_ms=20)
    job, session = enqueued(store, path)
    supervisor.start()
    until(lambda: shard_files(home.shards(session)))
    store.sync()
    queue.delete_session(store, session)
    # its row goes with the session
    until(lambda: job not in {one.job_id for one in store.jobs.active()})
    assert not home.session(session).exists()
    assert not store.sessions.exists(session)


def test_a_command_that_was_killed_does_not_leave_a_session_running(
    store: Store, home: Home, tmp_path: Path
) -> None:
    spec = AnalysisSpec.new(film(tmp_path / "a.mp4"))
    begin_session(home, spec, "digest")
    store.sync()
    assert queue.close_analysis_orphans(home, store) == [spec.session_id]
    store.sync()
    row = store.sessions.get(spec.session_id)
    assert row.status == "failed"
    assert "Resume" in row.error


def test_a_session_that_a_command_left_is_resumed_by_a_job(
    store: Store, supervisor: Supervisor, home: Home, tmp_path: Path
) -> None:
    spec = AnalysisSpec.new(film(tmp_path / "a.mp4", frames=30))
    begin_session(home, spec, digest(spec.path))
    store.sync()
    queue.close_analysis_orphans(home, store)
    job = queue.resume_session(store, spec.session_id)
    assert queue.resume_session(store, spec.session_id) == job, "it waits already"
    supervisor.start()
    until(lambda: status(store, job) == "done")
    store.sync()
    assert store.sessions.get(spec.session_id).frames == 30
    with pytest.raises(JobError, match="cannot be resumed"):
        queue.resume_session(store, spec.session_id)


def test_resuming_a_job_that_is_not_over_is_refused(store: Store) -> None:
    job = trial(store)
    with pytest.raises(StoreError, match="queued"):
        queue.resume(store, job)


def test_what_closes_orphans_takes_the_home_first_and_is_told_apart_by_name(
    store: Store, home: Home
) -> None:
    for close in (queue.close_analysis_orphans, close_live_orphans):
        assert close(home, store) == []
