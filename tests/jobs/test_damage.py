"""A job whose files are damaged costs itself only."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from fer_core.home import Home
from fer_core.jobs.folder import JobFolder
from fer_core.jobs.supervisor import Supervisor
from fer_core.problems import problems
from fer_core.storage import Store
from fer_core.storage.jobs import AddJob, UpdateJob
from fer_core.types import JobStatus
from tests.jobs.trial_queue import supervising, trial
from tests.waiting import until

STATES = [
    "[", "[" * 100_000, "[]", "5", '{"status": "fine"}', '{"status": ["done"]}',
    '{"status": "running", "done": 1e999, "total": {}}', '{"status": "done", "error": 5, "t": "x"}',
    json.dumps({"status": "running", "done": 10**400}), '{"message": "\\ud800"}',
]  # fmt: skip


@pytest.fixture
def supervisor(store: Store, home: Home) -> Iterator[Supervisor]:
    with supervising(store, home, slots=2) as watching:
        yield watching


def test_damaged_states_end_no_other_job(store: Store, supervisor: Supervisor, home: Home) -> None:
    bad = [trial(store, count=3) for _ in STATES]
    good = trial(store, count=3)
    for job, text in zip(bad, STATES):
        folder = JobFolder.of(home, job)
        folder.path.mkdir(parents=True)
        (folder.path / "state.json").write_text(text)
        # as if a server before this one had started it
        store.run(UpdateJob(job_id=job, status=JobStatus.RUNNING))
    supervisor.start()
    until(lambda: str(store.jobs.get(good).status) == "done")
    until(lambda: all(str(store.jobs.get(job).status) == "failed" for job in bad))
    named = {one.path for one in problems(home)}
    assert {f"jobs/{job}/state.damaged" for job in bad} <= named


def test_a_folder_in_a_states_place_fails_that_job(
    store: Store, supervisor: Supervisor, home: Home
) -> None:
    bad, good = trial(store, count=2), trial(store, count=2)
    for name in ("state.json", "cancel"):
        (home.job(bad) / name / "inside").mkdir(parents=True)
    supervisor.start()
    until(lambda: str(store.jobs.get(good).status) == "done")
    until(lambda: store.jobs.get(bad).status.over)


def test_a_damaged_session_lets_its_job_end(
    store: Store, supervisor: Supervisor, home: Home
) -> None:
    session = home.session("s1") / "session.json"
    session.parent.mkdir(parents=True)
    session.write_text('{"status": 3, "settings": [[]]}')
    job = store.run(AddJob(kind="trial", spec={"then": "vanish"}, session_id="s1"))
    good = trial(store, count=2)
    supervisor.start()
    until(lambda: str(store.jobs.get(job).status) == "failed")
    until(lambda: str(store.jobs.get(good).status) == "done")
    assert "sessions/s1/session.json" in [one.path for one in problems(home)]
