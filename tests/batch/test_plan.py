"""What is left to do of a batch: known by content and settings, never by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from fer_core.batch.plan import Fate, make_plan, queue_steps
from fer_core.batch.sources import Recording
from fer_core.home import Home
from fer_core.jobs.analysis import begin_session
from fer_core.jobs.analysis_spec import AnalysisSpec
from fer_core.storage import Store
from fer_core.storage.jobs import CancelJobs, ClaimJob, UpdateJob
from fer_core.storage.timeline.session_file import change_session
from fer_core.types import AnalysisSettings, JobStatus, SessionStatus
from fer_core.video import digest
from tests.jobs.trial_film import film

SETTINGS = AnalysisSettings()


@pytest.fixture
def clips(tmp_path: Path) -> list[Recording]:
    return [Recording(film(tmp_path / f"{n}.mp4", frames=10 + n)) for n in range(4)]


def fates(store: Store, clips: list[Recording], settings: AnalysisSettings = SETTINGS) -> list[str]:
    return [str(step.fate) for step in make_plan(store, clips, settings)]


def begun(home: Home, path: Path, status: SessionStatus) -> str:
    """A session that a command began, without a job."""
    spec = AnalysisSpec.new(path)
    begin_session(home, spec, digest(path), versions={"model": "rapt-1@0"})
    change_session(home, spec.session_id, status=status)
    return spec.session_id


def test_what_was_analysed_is_known_by_content_under_another_name(
    home: Home, store: Store, clips: list[Recording], tmp_path: Path
) -> None:
    done = begun(home, clips[0].path, SessionStatus.DONE)
    half = begun(home, clips[1].path, SessionStatus.CANCELLED)
    store.sync()
    renamed = clips[0].path.rename(tmp_path / "renamed.mp4")
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(clips[2].path.read_bytes())
    given = [Recording(renamed), *clips[1:3], Recording(copy), Recording(tmp_path / "gone.mp4")]
    steps = make_plan(store, given, SETTINGS)
    assert [step.fate for step in steps] == [
        Fate.DONE, Fate.RESUMED, Fate.NEW, Fate.DOUBLE, Fate.REFUSED,
    ]  # fmt: skip
    assert [steps[0].session_id, steps[1].session_id] == [done, half]
    assert "2.mp4" in steps[3].reason
    assert "gone.mp4" in steps[4].reason
    assert fates(store, given[:2], AnalysisSettings(fps=5)) == ["new", "new"]


def test_a_batch_that_is_queued_is_not_queued_again(store: Store, clips: list[Recording]) -> None:
    steps = queue_steps(store, make_plan(store, clips, SETTINGS, "j-batch"))
    jobs = [store.jobs.get(str(step.job_id)) for step in steps]
    assert [job.session_id for job in jobs] == [step.session_id for step in steps]
    assert {job.spec["batch"] for job in jobs} == {"j-batch"}
    again = queue_steps(store, make_plan(store, clips, SETTINGS))
    assert [(step.fate, step.job_id) for step in again] == [
        (Fate.WAITING, step.job_id) for step in steps
    ]
    assert len(store.jobs.waiting()) == 4


def test_what_was_stopped_or_failed_is_queued_once_more_under_its_session(
    store: Store, clips: list[Recording]
) -> None:
    steps = queue_steps(store, make_plan(store, clips, SETTINGS))
    ids = [str(step.job_id) for step in steps]
    store.run(UpdateJob(job_id=ids[0], status=JobStatus.FAILED, fields={"error": "no film"}))
    store.run(CancelJobs(job_ids=tuple(ids)))
    assert store.jobs.statuses(ids) == dict(
        zip(ids, [JobStatus.FAILED, *[JobStatus.CANCELLED] * 3])
    )
    again = queue_steps(store, make_plan(store, clips, SETTINGS))
    assert [step.fate for step in again] == [Fate.RESUMED] * 4
    assert [step.job_id for step in again] == ids
    assert [step.session_id for step in again] == [step.session_id for step in steps]
    assert [job.job_id for job in store.jobs.waiting()] == ids


def test_what_a_killed_batch_was_at_is_gone_on_with_at_once(
    store: Store, clips: list[Recording]
) -> None:
    steps = queue_steps(store, make_plan(store, clips, SETTINGS))
    store.run(ClaimJob(job_id=str(steps[0].job_id)))  # running, and no process is there
    again = queue_steps(store, make_plan(store, clips, SETTINGS))
    assert [step.fate for step in again] == [Fate.RESUMED, *[Fate.WAITING] * 3]
    assert [step.job_id for step in again] == [step.job_id for step in steps]
    assert len(store.jobs.waiting()) == 4
