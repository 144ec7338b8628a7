"""A batch for a Spark cluster: its recordings put on the shared folder, and one job watched."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from fer_core.batch.pieces import Asked, SharedRecording, recordings_in_work
from fer_core.batch.plan import Fate, Step
from fer_core.batch.run import LOOK_EVERY_S, Outcome, Progress
from fer_core.jobs.analysis_spec import AnalysisSpec
from fer_core.jobs.folder import JobFolder, JobState
from fer_core.jobs.pool import WORKER
from fer_core.jobs.queue import cancel, enqueue
from fer_core.jobs.supervisor import Supervisor
from fer_core.storage import Store
from fer_core.storage.timeline.session_file import read_session
from fer_core.types import JobStatus, SessionStatus

KIND: Final = "spark"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where Spark is, which folder its machines share, and in which parts films are analysed."""

    master: str
    shared: Path
    part_ms: int
    conf: Mapping[str, str] = field(default_factory=dict)


class ClusterBatch:
    """The steps of a plan as one job on a cluster."""

    def __init__(
        self,
        store: Store,
        steps: Sequence[Step],
        cluster: Cluster,
        worker: Sequence[str] = WORKER,
    ) -> None:
        self._store = store
        self._cluster = cluster
        self._supervisor = Supervisor(store, store.home, worker=worker, kinds={KIND})
        self.steps = self._asked(steps)
        self._waiting = {str(step.session_id): step for step in self.steps if step.job_id}

    def _asked(self, steps: Sequence[Step]) -> list[Step]:
        """The steps with the job that does them; what is to be done lies on the shared folder."""
        todo = [n for n, step in enumerate(steps) if step.spec or step.fate is Fate.RESUMED]
        if not todo:
            return list(steps)
        begun = {
            (asked.spec.digest, asked.spec.settings): asked.spec.session_id
            for one in recordings_in_work(self._cluster.shared)
            if (asked := one.asked()) is not None
        }
        specs = {}
        for n in todo:
            spec = self._spec(steps[n])
            known = begun.get((spec.digest, spec.settings))
            specs[n] = replace(spec, session_id=known or spec.session_id)
            if known is None:
                recording = SharedRecording(self._cluster.shared / spec.session_id)
                recording.ask(Asked.of(spec, self._cluster.part_ms))
        job_id = enqueue(
            self._store,
            KIND,
            {
                "recordings": [spec.session_id for spec in specs.values()],
                "master": self._cluster.master,
                "shared": str(self._cluster.shared),
                "conf": dict(self._cluster.conf),
            },
            title=f"{len(specs):,} recordings on {self._cluster.master}",
        )
        return [
            replace(step, job_id=job_id, session_id=specs[n].session_id)
            if n in specs
            else replace(step, job_id=None)
            for n, step in enumerate(steps)
        ]

    def _spec(self, step: Step) -> AnalysisSpec:
        if step.spec is not None:
            return step.spec
        return AnalysisSpec.from_json(self._store.jobs.get(str(step.job_id)).spec)

    def run(
        self,
        stop: threading.Event,
        on_progress: Callable[[Progress], object],
        on_end: Callable[[Outcome], object],
    ) -> None:
        """Until the job is over. ``stop`` cancels it; the same command goes on from there."""
        job_id = next((step.job_id for step in self._waiting.values()), None)
        total, begun, leads, cancelled = len(self._waiting), time.monotonic(), False, False
        try:
            while job_id is not None:
                if not leads and self._store.is_owner:
                    self._supervisor.start()
                    leads = True
                if stop.is_set() and not cancelled:
                    cancel(self._store, job_id)
                    cancelled = True
                status = self._store.jobs.statuses([job_id]).get(job_id, JobStatus.CANCELLED)
                state = JobFolder.of(self._store.home, job_id).state() or JobState()
                self._end_done(on_end)
                if status.over:
                    self._end_rest(job_id, state, on_end)
                share = state.done / state.total if state.total else 0.0
                left = (time.monotonic() - begun) * (1 - share) / share if share > 0 else None
                on_progress(Progress(total - len(self._waiting), total, share, left, state.rate))
                if status.over:
                    return
                (threading.Event() if cancelled else stop).wait(LOOK_EVERY_S)
        finally:
            self._supervisor.stop()

    def _end_done(self, on_end: Callable[[Outcome], object]) -> None:
        for session_id, step in list(self._waiting.items()):
            session = read_session(self._store.home, session_id)
            if session is not None and session.status is SessionStatus.DONE:
                del self._waiting[session_id]
                on_end(Outcome(step, "done", summary=session.summary))

    def _end_rest(self, job_id: str, state: JobState, on_end: Callable[[Outcome], object]) -> None:
        """What became of the recordings that have no session when the job is over."""
        found = state.result.get("failed")
        failed: Mapping[str, object] = found if isinstance(found, dict) else {}
        why = self._store.jobs.get(job_id).error
        for session_id, step in self._waiting.items():
            if session_id in failed or why:
                on_end(Outcome(step, "failed", str(failed.get(session_id, why))))
            else:
                said = "Stopped. The same command goes on from here."
                on_end(Outcome(step, "stopped", said))
        self._waiting.clear()


__all__ = ["Cluster", "ClusterBatch"]
