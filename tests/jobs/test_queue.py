"""The queue from end to end: the store, the supervisor and real worker processes."""

from __future__ import annotations

import os
import signal

import pytest

from fer_core.home import Home
from fer_core.jobs import queue
from fer_core.jobs.folder import JobFolder
from fer_core.jobs.supervisor import CANCEL_GRACE_S, POLL_S, Supervisor
from fer_core.storage import Store, open_store
from tests.jobs.trial_queue import TRIAL, counting, kill_all, status, trial
from tests.waiting import until


def test_jobs_run_one_after_the_other_and_end_done(store: Store, supervisor: Supervisor) -> None:
    first, second = trial(store, count=20), trial(store, count=3)
    supervisor.start()
    until(lambda: status(store, first) == "running")
    assert status(store, second) == "queued"
    until(lambda: status(store, second) == "done")
    rows = {job.job_id: job for job in store.jobs.list()}
    assert rows[first].status == "done"
    assert rows[first].progress == 1.0
    assert rows[first].finished <= rows[second].started


def test_progress_rate_and_remaining_time_reach_the_store(
    store: Store, supervisor: Supervisor
) -> None:
    job = trial(store, count=1000, pause_s=0.02)
    supervisor.start()
    until(lambda: store.jobs.get(job).done)
    row = store.jobs.list()[0]
    assert 0 < row.progress < 1
    assert row.rate > 0
    assert row.eta_s == pytest.approx((row.total - row.done) / row.rate, rel=0.05)
    assert row.message == "Counting"


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The processes that the supervisor killed, by the number of their group."""
    pids: list[int] = []
    kill = os.killpg

    def note(pid: int, number: int) -> None:
        pids.append(pid)
        kill(pid, number)

    monkeypatch.setattr("fer_core.jobs.supervisor.os.killpg", note)
    return pids


def test_a_running_job_that_is_cancelled_ends_by_itself(
    store: Store,
    supervisor: Supervisor,
    home: Home,
    killed: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fer_core.jobs.supervisor.CANCEL_GRACE_S", 600)
    job = trial(store, count=100_000)
    supervisor.start()
    until(lambda: counting(home, job))
    queue.cancel(store, job)
    until(lambda: status(store, job) == "cancelled")
    assert killed == []
    assert store.jobs.get(job).error is None


def test_a_job_that_does_not_listen_is_killed(
    store: Store, supervisor: Supervisor, home: Home, killed: list[int]
) -> None:
    job = trial(store, count=100_000, then="deaf")
    supervisor.start()
    until(lambda: counting(home, job))
    pid = JobFolder.of(home, job).pid()
    queue.cancel(store, job)
    until(lambda: status(store, job) == "cancelled")
    assert set(killed) == {pid}
    assert not JobFolder.of(home, job).alive()
    assert CANCEL_GRACE_S + 2 * POLL_S < 2, "a person waits two seconds at most"


def test_a_waiting_job_is_cancelled_at_once_and_never_starts(
    store: Store, supervisor: Supervisor, home: Home
) -> None:
    job = trial(store)
    queue.cancel(store, job)
    assert status(store, job) == "cancelled"
    supervisor.tick()
    assert JobFolder.of(home, job).state() is None


def test_a_killed_job_is_failed_with_the_reason_and_can_be_resumed(
    store: Store, supervisor: Supervisor, home: Home
) -> None:
    job = trial(store, count=60)
    supervisor.start()
    until(lambda: counting(home, job))
    pid = JobFolder.of(home, job).pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until(lambda: status(store, job) == "failed")
    error = store.jobs.get(job).error
    assert "SIGKILL" in error
    assert "memory" in error
    queue.resume(store, job)
    until(lambda: status(store, job) == "done")
    assert store.jobs.get(job).attempt == 1
    assert store.jobs.get(job).error is None


def test_an_error_of_the_work_reaches_the_page_with_its_hint(
    store: Store, supervisor: Supervisor
) -> None:
    job = trial(store, then="refuse")
    supervisor.start()
    until(lambda: status(store, job) == "failed")
    assert store.jobs.get(job).error == "The file is no video. Choose another one."


def test_a_restarted_server_finds_the_job_that_went_on_without_it(home: Home) -> None:
    with open_store(home) as store:
        first = Supervisor(store, home, worker=TRIAL)
        job = trial(store, count=60, pause_s=0.02)
        waiting = trial(store, count=1)
        first.start()
        until(lambda: status(store, job) == "running")
        first.stop()
    folder = JobFolder.of(home, job)
    assert folder.alive()
    with open_store(home) as store:
        assert status(store, job) == "running"
        assert status(store, waiting) == "queued"
        second = Supervisor(store, home, worker=TRIAL)
        second.start()
        until(lambda: status(store, waiting) == "done")
        assert status(store, job) == "done"
        second.stop()


def test_a_job_that_died_while_no_server_ran_is_told_as_failed(home: Home) -> None:
    with open_store(home) as store:
        first = Supervisor(store, home, worker=TRIAL)
        job = trial(store, count=100_000)
        first.start()
        until(lambda: status(store, job) == "running" and JobFolder.of(home, job).pid())
        first.stop()
        kill_all(store, home)
    with open_store(home) as store:
        second = Supervisor(store, home, worker=TRIAL)
        second.start()
        until(lambda: status(store, job) == "failed")
        second.stop()
        assert "gone" in store.jobs.get(job).error
