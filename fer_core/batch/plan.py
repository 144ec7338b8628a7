"""What is left to do of a batch: a recording is known by its content and the settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum

from fer_core.batch.sources import Recording
from fer_core.errors import RaptError
from fer_core.jobs.analysis_spec import AnalysisSpec
from fer_core.jobs.known import Known, KnownRecordings
from fer_core.jobs.supervisor import Supervisor
from fer_core.machine import cores
from fer_core.storage import Store
from fer_core.storage.jobs import AddJob, AddJobs
from fer_core.storage.timeline.session_file import is_written, read_session
from fer_core.types import AnalysisSettings, SessionStatus
from fer_core.video import digest

#: Jobs that are queued in one transaction.
AT_ONCE = 500


class Fate(StrEnum):
    """What becomes of a recording."""

    NEW = "new"
    RESUMED = "resumed"  # begun before, and gone on with
    WAITING = "waiting"  # in the queue already, or being analysed
    DONE = "known"  # analysed before
    DOUBLE = "double"  # the content of another one of this batch
    REFUSED = "refused"  # cannot be read


@dataclass(frozen=True, slots=True)
class Step:
    """One recording and what becomes of it."""

    recording: Recording
    fate: Fate
    session_id: str | None = None
    job_id: str | None = None  # of one that waits, or is queued again
    reason: str = ""  # why it is refused, or what it is the double of
    spec: AnalysisSpec | None = None  # of a job that is still to be added
    size: int = 0  # bytes


def make_plan(
    store: Store,
    recordings: Sequence[Recording],
    settings: AnalysisSettings,
    batch: str | None = None,
    on_read: Callable[[], object] = lambda: None,
) -> list[Step]:
    """A step for each recording. Reads every file once, for its digest; queues nothing.

    ``batch`` is shared by what is added; ``on_read`` is called after each file.
    """
    if store.is_owner:  # else a dashboard's supervisor has done so
        Supervisor(store, store.home).end_dead()
    store.sync()
    read = list(_digests(recordings, on_read))
    found = [text for text, _, wrong in read if not wrong]
    known = KnownRecordings(store, settings, digests=found)
    first: dict[str, Recording] = {}
    steps = []
    for recording, (text, size, wrong) in zip(recordings, read):
        if wrong:
            steps.append(Step(recording, Fate.REFUSED, reason=wrong))
        elif text in first:
            of = f"The same content as {first[text].path}."
            steps.append(Step(recording, Fate.DOUBLE, reason=of, size=size))
        else:
            first[text] = recording
            step = _step(store, recording, text, settings, known.of(text), batch)
            steps.append(replace(step, size=size))
    return steps


def queue_steps(store: Store, steps: Sequence[Step]) -> list[Step]:
    """Queue what is new or to be gone on with; the steps with their jobs."""
    queued = list(steps)
    todo = [n for n, step in enumerate(steps) if step.spec is not None or step.fate is Fate.RESUMED]
    for at in range(0, len(todo), AT_ONCE):
        part = todo[at : at + AT_ONCE]
        add = [n for n in part if steps[n].spec is not None]
        again = tuple(str(steps[n].job_id) for n in part if steps[n].spec is None)
        ids = store.run(AddJobs(jobs=tuple(_job(steps[n].spec) for n in add), job_ids=again))
        for n, job_id in zip(add, ids):
            queued[n] = replace(steps[n], job_id=job_id)
    return queued


def _job(spec: AnalysisSpec | None) -> AddJob:
    assert spec is not None
    return AddJob(kind="analyze", spec=spec.to_json(), title=spec.name, session_id=spec.session_id)


def _digests(
    recordings: Sequence[Recording], on_read: Callable[[], object]
) -> Iterator[tuple[str, int, str]]:
    """Of each recording: its digest, its size in bytes, and why it cannot be read."""

    def look(recording: Recording) -> tuple[str, int, str]:
        try:
            return digest(recording.path), recording.path.stat().st_size, ""
        except (RaptError, OSError) as error:
            return "", 0, str(error)

    with ThreadPoolExecutor(cores()) as pool:
        for one in pool.map(look, recordings):
            on_read()
            yield one


def _step(
    store: Store,
    recording: Recording,
    content: str,
    settings: AnalysisSettings,
    known: Known,
    batch: str | None,
) -> Step:
    done = known.standing
    if done is not None and done.status is SessionStatus.DONE:
        return Step(recording, Fate.DONE, done.session_id)
    if known.queued is not None:
        job, spec = known.queued
        return Step(recording, Fate.WAITING, spec.session_id, job.job_id)
    for job, spec in known.jobs:
        if spec.path == str(recording.path):
            return Step(recording, Fate.RESUMED, spec.session_id, job.job_id)
    for begun in known.sessions:
        if is_written(store.home, begun.session_id):  # by a command that has no job
            return Step(recording, Fate.WAITING, begun.session_id)
        session = read_session(store.home, begun.session_id)
        if session is not None:
            spec = AnalysisSpec.of_session(replace(session, path=str(recording.path)))
            return Step(recording, Fate.RESUMED, spec.session_id, spec=replace(spec, batch=batch))
    spec = AnalysisSpec.new(
        recording.path,
        settings,
        study=recording.study,
        stimulus=recording.stimulus,
        respondent=recording.respondent,
        condition=recording.condition,
        offset_ms=recording.offset_ms,
        tags=recording.tags,
        digest=content,
        batch=batch,
    )
    return Step(recording, Fate.NEW, spec.session_id, spec=spec)
