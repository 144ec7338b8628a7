"""A worker's process and its folder, without a store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from fer_core.home import Home
from fer_core.jobs import worker
from fer_core.jobs.folder import JobFolder, JobState
from fer_core.jobs.pool import start_worker
from fer_core.jobs.supervisor import why_it_died
from tests.waiting import until

TRIAL = (sys.executable, str(Path(__file__).with_name("trial_worker.py")))


def begin(home: Home, **spec: Any) -> tuple[JobFolder, subprocess.Popen[bytes]]:
    """A trial job's worker, started as the supervisor starts it."""
    folder = JobFolder.of(home, "j1")
    fd = folder.take_lock()
    assert fd is not None
    folder.write_spec("trial", spec)
    child = start_worker(folder, fd, worker=TRIAL)
    os.close(fd)
    return folder, child


def ended(home: Home, **spec: Any) -> tuple[JobFolder, JobState, int]:
    folder, child = begin(home, **spec)
    code = child.wait(timeout=60)
    state = folder.state()
    assert state is not None
    return folder, state, code


def test_a_worker_leaves_its_result_and_lets_go_of_the_lock(home: Home) -> None:
    folder, state, code = ended(home, count=3)
    assert (state.status, state.done, state.total, code) == ("done", 3, 3, 0)
    assert state.result == {"counted": 3}
    assert not folder.alive()


def test_a_worker_holds_the_lock_from_before_its_first_line(home: Home) -> None:
    folder, child = begin(home, count=1000)
    try:
        assert folder.alive(), "the child inherits the lock: no moment without it"
        until(folder.state)
        assert folder.pid() == child.pid
        second = subprocess.run(
            [*TRIAL, str(folder.path)], capture_output=True, text=True, timeout=20, check=False
        )
        assert second.returncode == 1
        assert "already being worked on" in second.stderr
    finally:
        child.kill()
        child.wait()
    assert not folder.alive()


def test_state_is_written_every_second_while_the_work_is_busy(home: Home) -> None:
    folder, child = begin(home, count=1, pause_s=600)  # one step, in which the work says nothing
    stamps: set[float] = set()

    def written_thrice() -> bool:
        state = folder.state()
        stamps.update(() if state is None else (state.t,))
        return len(stamps) >= 3

    try:
        until(written_thrice)
    finally:
        child.kill()
        child.wait()
    assert worker.WRITE_EVERY_S + worker.LOOK_EVERY_S < 1


def test_a_cancel_file_stops_the_work(home: Home) -> None:
    folder, child = begin(home, count=100_000)
    until(lambda: (state := folder.state()) is not None and state.done)
    folder.ask_to_stop()
    assert child.wait(timeout=60) == 1, "it ended by itself, and was not killed"
    state = folder.state()
    assert state is not None
    assert state.status == "cancelled"
    assert 0 < state.done < 100_000


def test_sigterm_is_a_failure_that_can_be_resumed_not_a_cancel(home: Home) -> None:
    folder, child = begin(home, count=100_000)
    until(lambda: (state := folder.state()) is not None and state.done)
    child.terminate()
    child.wait(timeout=60)
    state = folder.state()
    assert state is not None
    assert state.status == "failed"
    assert "SIGTERM" in state.error


def test_an_error_of_ours_is_told_with_its_hint(home: Home) -> None:
    _, state, code = ended(home, then="refuse")
    assert (state.status, code) == ("failed", 1)
    assert state.error == "The file is no video."
    assert state.hint == "Choose another one."


def test_a_bug_is_told_in_one_line_and_its_traceback_is_in_the_log(home: Home) -> None:
    folder, state, _ = ended(home, then="break")
    assert state.error == "Unexpected ZeroDivisionError: a bug"
    assert "Traceback" in folder.log.read_text()


def test_a_lack_of_memory_is_called_by_its_name(home: Home) -> None:
    _, state, _ = ended(home, then="no-memory")
    assert "memory" in state.error


def test_a_worker_that_vanishes_leaves_its_last_line(home: Home) -> None:
    folder, state, code = ended(home, then="vanish")
    assert not state.status.over
    assert code == -signal.SIGKILL
    assert not folder.alive()
    error, hint = why_it_died(code, folder.last_words())
    assert error == "The job's process was killed (SIGKILL). Its last line: about to vanish"
    assert "memory" in hint


def test_a_crash_in_native_code_is_named(home: Home) -> None:
    folder, _, code = ended(home, then="crash")
    error, _ = why_it_died(code, folder.last_words())
    assert "SIGSEGV" in error
    assert "Segmentation fault" in error


def test_a_worker_of_an_unknown_kind_names_the_known_ones(home: Home) -> None:
    folder = JobFolder.of(home, "j1")
    folder.write_spec("dance", {})
    code = subprocess.run([*TRIAL, str(folder.path)], timeout=20, check=False).returncode
    state = folder.state()
    assert code == 1
    assert state is not None
    assert "'dance'" in state.error
    assert "analyze" in state.hint
