"""A batch at work: its jobs in the queue, watched until the last of them is over.

The store's owner starts the jobs: a dashboard that runs, or else this process. A batch that
was killed stays in the queue, and whoever owns the store next goes on with it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from fer_core.batch.plan import Fate, Step
from fer_core.jobs.folder import JobFolder, JobState
from fer_core.jobs.pool import WORKER
from fer_core.jobs.supervisor import POOLED, Supervisor
from fer_core.storage import Store
from fer_core.storage.jobs import CancelJobs
from fer_core.storage.timeline.session_file import SessionSummary, read_session
from fer_core.types import JobStatus

LOOK_EVERY_S: Final = 0.2
#: How an outcome is called, by how its job ended …
_ENDS: Final = {
    JobStatus.DONE: "done", JobStatus.FAILED: "failed", JobStatus.CANCELLED: "stopped",
}  # fmt: skip
#: … or by why it had none.
_WITHOUT_JOB: Final = {
    Fate.DONE: "known", Fate.DOUBLE: "double", Fate.REFUSED: "failed", Fate.WAITING: "waiting",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one recording: done, known, double, failed, stopped, or waiting elsewhere."""

    step: Step
    status: str
    error: str | None = None
    summary: SessionSummary | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is. ``share``: of the bytes of its recordings, 0 to 1."""

    over: int
    total: int
    share: float
    left_s: float | None
    rate: float  # frames a second, of all workers together
    running: Sequence[tuple[Step, JobState]] = ()


class Batch:
    """The jobs of a plan's steps, with ``workers`` at a time where this process starts them."""

    def __init__(
        self,
        store: Store,
        steps: Sequence[Step],
        workers: int,
        worker: Sequence[str] = WORKER,
    ) -> None:
        self._store = store
        self._supervisor = Supervisor(store, store.home, workers, worker, kinds={POOLED})
        self._leads = False
        self._waiting = {step.job_id: step for step in steps if step.job_id is not None}
        self._total = len(self._waiting)
        self._bytes = sum(step.size for step in self._waiting.values()) or 1
        self._behind = 0
        self._begun = time.monotonic()

    def run(
        self,
        stop: threading.Event,
        on_progress: Callable[[Progress], object],
        on_end: Callable[[Outcome], object],
    ) -> None:
        """Until every job is over. ``stop`` cancels those that are not; all can be gone on with."""
        cancelled = False
        try:
            while True:
                self._lead()
                if stop.is_set() and not cancelled:
                    self._store.run(CancelJobs(job_ids=tuple(self._waiting)))
                    cancelled = True
                on_progress(self._look(on_end))
                if not self._waiting:
                    return
                (threading.Event() if cancelled else stop).wait(LOOK_EVERY_S)
        finally:
            self._supervisor.stop()

    def _lead(self) -> None:
        """Start the jobs from here, as soon as no dashboard does."""
        if not self._leads and self._store.is_owner:
            self._supervisor.start()
            self._leads = True

    def _look(self, on_end: Callable[[Outcome], object]) -> Progress:
        found = self._store.jobs.statuses(list(self._waiting))
        running = []
        for job_id, step in list(self._waiting.items()):
            status = found.get(job_id, JobStatus.CANCELLED)  # deleted on a page
            if status.over:
                del self._waiting[job_id]
                self._behind += step.size
                on_end(self._outcome(job_id, step, status))
            elif status is JobStatus.RUNNING:
                state = JobFolder.of(self._store.home, job_id).state()
                running.append((step, state or JobState()))
        part = sum(step.size * _share(state) for step, state in running)
        share = min(1.0, (self._behind + part) / self._bytes)
        left = (time.monotonic() - self._begun) * (1 - share) / share if share > 0 else None
        over = self._total - len(self._waiting)
        rate = sum(state.rate for _, state in running)
        return Progress(over, self._total, share, left, rate, running)

    def _outcome(self, job_id: str, step: Step, status: JobStatus) -> Outcome:
        if status is JobStatus.DONE:
            return Outcome(step, _ENDS[status], summary=_summary(self._store, step))
        error = "Stopped. The same command goes on from here."
        if status is JobStatus.FAILED:
            error = self._store.jobs.get(job_id).error or "The analysis failed."
        return Outcome(step, _ENDS[status], error)


def settled(store: Store, steps: Sequence[Step]) -> list[Outcome]:
    """The outcomes of steps that need no work, or that somebody else works on."""
    return [
        Outcome(
            step,
            _WITHOUT_JOB[step.fate],
            step.reason if step.fate is Fate.REFUSED else None,
            _summary(store, step) if step.fate is Fate.DONE else None,
        )
        for step in steps
        if step.job_id is None
    ]


def _share(state: JobState) -> float:
    return min(1.0, state.done / state.total) if state.total else 0.0


def _summary(store: Store, step: Step) -> SessionSummary | None:
    session = read_session(store.home, str(step.session_id))
    return None if session is None else session.summary
