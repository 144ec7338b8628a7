"""A queue with real worker processes, for tests: trial jobs, a supervisor that leaves none."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fer_core.home import Home
from fer_core.jobs import queue
from fer_core.jobs.analysis_spec import AnalysisSpec
from fer_core.jobs.folder import JobFolder
from fer_core.jobs.supervisor import Supervisor
from fer_core.storage import Store
from fer_core.storage.jobs import AddJob
from fer_core.types import AnalysisSettings

TRIAL = (sys.executable, str(Path(__file__).with_name("trial_worker.py")))


@contextmanager
def supervising(store: Store, home: Home, slots: int = 1) -> Iterator[Supervisor]:
    """A supervisor of trial jobs; at the end no process is left."""
    watching = Supervisor(store, home, slots, worker=TRIAL)
    yield watching
    watching.stop()
    kill_all(store, home)


def kill_all(store: Store, home: Home) -> None:
    for job_id in [job.job_id for job in store.jobs.list()]:
        folder = JobFolder.of(home, job_id)
        pid = folder.pid()
        if folder.alive() and pid:
            os.killpg(pid, signal.SIGKILL)


def trial(store: Store, **spec: Any) -> str:
    return store.run(AddJob(kind="trial", spec=spec, title="A trial"))


def enqueued(
    store: Store, path: Path, settings: AnalysisSettings | None = None, **more: Any
) -> tuple[str, str]:
    """A queued analysis: the job's id and its session's."""
    spec = AnalysisSpec.new(path, settings, **more)
    return queue.enqueue_analysis(store, spec), spec.session_id


def counting(home: Home, job_id: str) -> bool:
    state = JobFolder.of(home, job_id).state()
    return state is not None and state.done > 0


def status(store: Store, job_id: str) -> str:
    return str(store.jobs.get(job_id).status)
