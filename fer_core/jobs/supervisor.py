"""Starts the queue's jobs, watches their processes, and tells the store how they end.

Lives in the process that owns the store. A worker outlives it: the next supervisor finds
the worker by its lock and goes on watching.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Final

from fer_core import problems
from fer_core.home import Home
from fer_core.jobs import queue
from fer_core.jobs.folder import JobFolder, JobState
from fer_core.jobs.pool import WORKER, WorkerPool, start_worker
from fer_core.storage.jobs import ClaimJob, Job, UpdateJob
from fer_core.threads import StandingThread
from fer_core.types import JobStatus

if TYPE_CHECKING:
    from fer_core.storage import Store

log = logging.getLogger(__name__)

POLL_S: Final = 0.2
#: Progress reaches the store this often; an end at once.
MIRROR_EVERY_S: Final = 0.5
#: A worker that was asked to stop is killed after this long: a person waits two seconds.
CANCEL_GRACE_S: Final = 1.4
#: How often to look for sessions whose `rapt analyze` was killed.
SWEEP_EVERY_S: Final = 30.0
RESUME_HINT: Final = "Resume it: it goes on from its last saved part."


#: Recordings are analysed several at a time, by workers that go from one to the next.
POOLED: Final = "analyze"


def lane(kind: str) -> str:
    """Jobs of one lane wait for each other: hours of training hold up no recording."""
    lanes = {"backup": "upkeep", "retention": "upkeep"}
    own = ("train", "spark", POOLED)
    return kind if kind in own else lanes.get(kind, "other")


class Supervisor:
    """``start`` it with the server and ``stop`` it with the server; jobs go on without it."""

    def __init__(
        self,
        store: Store,
        home: Home,
        slots: int = 1,
        worker: Sequence[str] = WORKER,
        kinds: Collection[str] | None = None,
    ) -> None:
        """``slots``: recordings analysed at once. ``kinds``: all that it starts; None: any."""
        self._store = store
        self._home = home
        self._kinds = kinds
        self._worker = tuple(worker)
        self._pool = WorkerPool(worker, slots)
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._mirrored: dict[str, tuple[float, JobState]] = {}
        self._swept = 0.0
        self._asked: dict[str, float] = {}  # when each was first seen to be asked to stop
        self._thread = StandingThread("supervisor", self._round, 0.0)

    def start(self) -> None:
        """Start watching, in a thread of its own; again: nothing."""
        self._swept = 0.0
        self._thread.start()

    def stop(self) -> None:
        """Stop watching. Workers that run go on."""
        self._thread.stop()
        self._pool.close()

    def _round(self) -> None:
        """Wait until a worker is ready for its next recording, or for a while; then look."""
        self._pool.wait(POLL_S)
        if not self._thread.stopping:
            self.tick()

    def tick(self) -> None:
        """Look once at every job that is not over, then fill the free slots."""
        active = self._store.jobs.active(each=self._pool.most)
        running: Counter[str] = Counter()
        for job in active:
            if job.status is JobStatus.RUNNING:
                running[lane(job.kind)] += self._guarded(self._watch, job)
        for job in active:
            if job.status is JobStatus.QUEUED and self._may_start(job, running):
                running[lane(job.kind)] += self._guarded(self._launch, job)
        self._sweep()

    def _may_start(self, job: Job, running: Counter[str]) -> bool:
        if self._kinds is not None and job.kind not in self._kinds:
            return False
        if job.kind == POOLED:
            return running[POOLED] < self._pool.most and self._pool.has_room()
        return not running[lane(job.kind)]

    def end_dead(self) -> None:
        """Note the end of jobs whose process died while nobody watched; nothing is started."""
        for job in self._store.jobs.active():
            if job.status is JobStatus.RUNNING:
                self._guarded(self._watch, job)

    def _sweep(self) -> None:
        now = time.monotonic()
        if not self._swept or now - self._swept > SWEEP_EVERY_S:
            self._swept = now
            queue.close_analysis_orphans(self._home, self._store)

    # -- one job ----------------------------------------------------------------------

    def _guarded(self, look: Callable[[Job], bool], job: Job) -> bool:
        """One job's fault costs that job: it fails, and says why."""
        try:
            return look(job)
        except Exception as error:
            log.exception("The supervisor could not look after job %s.", job.job_id)
            folder = JobFolder.of(self._home, job.job_id)
            problems.note(self._home, folder.path, error)
            if folder.alive():
                return True
            why = f"The job could not be looked after: {type(error).__name__}."
            fields = {"error": f"{why} Its folder is {folder.path}.", "message": None}
            status = JobStatus.FAILED
            self._store.run(UpdateJob(job_id=job.job_id, status=status, fields=fields))
            return False

    def _watch(self, job: Job) -> bool:
        """Mirror a running job's state; True while it still takes up its slot."""
        folder = JobFolder.of(self._home, job.job_id)
        child = self._children.get(folder.id)
        if child is not None:
            child.poll()  # reaps it: a dead child would stay a zombie until then
        if not folder.alive():
            self._bury(job, folder, child)
            return False
        asked = folder.stop_asked()
        if asked is None and job.cancel_asked:
            asked = folder.ask_to_stop()  # asked for before there was a folder
        if asked is not None:
            # not by the file's own time: the machine's clock may have been set meanwhile
            first = self._asked.setdefault(folder.id, time.monotonic())
            if time.monotonic() - first > CANCEL_GRACE_S:
                self._kill(folder)
        state = folder.state()
        if state is not None and not state.status.over:
            self._mirror(job.job_id, state)
        return True

    def _bury(self, job: Job, folder: JobFolder, child: subprocess.Popen[bytes] | None) -> None:
        code: int | None = None
        if child is not None:
            # the lock goes a moment before the process is ready to be reaped
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = child.wait(timeout=5)
            del self._children[folder.id]
        state = folder.state() or JobState()
        if not state.status.over:
            code = self._pool.code(folder.id) if child is None else code
            if folder.stop_asked() is not None:
                state = state.at(status=JobStatus.CANCELLED, message="")
            else:
                error, hint = why_it_died(code, folder.last_words())
                state = state.at(status=JobStatus.FAILED, message="", error=error, hint=hint)
            folder.write_state(state)
        self._end(job, state)

    def _launch(self, job: Job) -> bool:
        """Start a waiting job's worker; True when it takes up a slot."""
        folder = JobFolder.of(self._home, job.job_id)
        fd = folder.take_lock()
        if fd is None:
            # its last worker has not quite ended: the next look finds the lock free
            return True
        try:
            folder.clear()
            folder.write_spec(job.kind, job.spec)
            if not self._store.run(ClaimJob(job_id=folder.id)):
                return False
            if job.kind == POOLED:
                self._pool.begin(folder, fd)
            else:
                self._children[folder.id] = start_worker(folder, fd, worker=self._worker)
            log.info("Job %s has started.", job.job_id)
        finally:
            os.close(fd)
        return True

    def _kill(self, folder: JobFolder) -> None:
        pid = folder.pid()
        if pid is None:
            return
        # the worker leads a session of its own: this reaches its children as well
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)

    def _mirror(self, job_id: str, state: JobState) -> None:
        at, last = self._mirrored.get(job_id, (0.0, None))
        now = time.monotonic()
        if state == last or now - at < MIRROR_EVERY_S:
            return
        self._mirrored[job_id] = (now, state)
        queue.mirror(self._store, job_id, state)

    def _end(self, job: Job, state: JobState) -> None:
        assert state.status.over
        self._mirrored.pop(job.job_id, None)
        self._asked.pop(job.job_id, None)
        queue.ended(self._store, self._home, job, state)


def why_it_died(code: int | None, last_words: str) -> tuple[str, str]:
    """What to tell of a worker that ended without a last state, and what to do."""
    said = f" Its last line: {last_words}" if last_words else ""
    if code is not None and code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        if -code == signal.SIGKILL:
            return (
                f"The job's process was killed ({name}).{said}",
                f"Systems do that when memory runs out. {RESUME_HINT}",
            )
        return f"The job's process crashed ({name}).{said}", RESUME_HINT
    if code:
        return f"The job's process ended with exit code {code}.{said}", RESUME_HINT
    return (
        f"The job's process is gone, and nobody saw why.{said}",
        f"A reboot or a lack of memory does that. {RESUME_HINT}",
    )


__all__ = ["Supervisor", "why_it_died"]
