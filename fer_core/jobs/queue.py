"""The queue of jobs: adding, cancelling and resuming them, and how they end.

The queue is the store's table ``jobs``. Everything here works in the process that owns the
store and in any other; only the owner's supervisor starts anything.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypedDict, Unpack

from fer_core import problems
from fer_core.errors import Cancelled, JobError, StoreError
from fer_core.home import Home
from fer_core.jobs.analysis_spec import AnalysisSpec, check_settings
from fer_core.jobs.folder import JobState
from fer_core.jobs.kinds import known
from fer_core.storage.jobs import AddJob, AssignJob, CancelJob, Job, RequeueJob, UpdateJob
from fer_core.storage.lab.models import UpdateTrainingRun
from fer_core.storage.removal.receipts import RemoveFile
from fer_core.storage.sessions import AssignSession, DeleteSession, IncludeSession, Session
from fer_core.storage.timeline.session_file import (
    change_session,
    is_written,
    read_session,
    session_path,
    settings_of,
)
from fer_core.types import JobStatus, SessionStatus
from fer_core.zoo.model_store import load_card

if TYPE_CHECKING:
    from fer_core.storage import Store

#: A running job has stopped, or was killed, this long after it was asked to.
STOPS_WITHIN_S: Final = 3.0
#: The rule of a receipt for a recording that went when it was analysed, and what asks for it.
AFTER_ANALYSIS: Final = "retention.after_analysis"
REMOVES: Final = "remove_recording"
ENDED_UNSEEN: Final = "The process that analysed it is gone. Resume it to go on."


def enqueue(
    store: Store,
    kind: str,
    spec: Mapping[str, object],
    *,
    title: str,
    session_id: str | None = None,
    priority: int = 0,
) -> str:
    """Queue a job of one of ``kinds.KINDS``; its id. ``spec`` is what its ``run_job`` gets."""
    known(kind)
    return store.run(
        AddJob(kind=kind, spec=spec, title=title, session_id=session_id, priority=priority)
    )


def enqueue_analysis(store: Store, spec: AnalysisSpec) -> str:
    """Queue a file's analysis; the job's id. What cannot be analysed is refused at once."""
    if not Path(spec.path).is_file():
        raise JobError(f"There is no file {spec.path}.", "Check its name and folder.")
    check_settings(spec.settings)
    return _enqueue_analysis(store, spec)


def _enqueue_analysis(store: Store, spec: AnalysisSpec) -> str:
    return enqueue(store, "analyze", spec.to_json(), title=spec.name, session_id=spec.session_id)


def analyse_again(store: Store, session_id: str, model: str) -> tuple[str, str]:
    """Queue a session's recording for another model; the job's id and the new session's.

    The new session stands beside the old one and says whose recording it is. It joins no
    study by itself: the same viewers would count twice there.
    """
    session, path = _with_recording(store, session_id)
    card = load_card(model, store.home)
    # faces of this recording are kept already, where a person wanted that
    settings = replace(settings_of(session.settings), model=card.name, keep_faces=False)
    spec = AnalysisSpec.new(
        path,
        settings,
        name=f"{session.name} ({card.name})",
        kind=session.kind,
        respondent=session.respondent,
        digest=session.digest,
        again_of=session_id,
    )
    return enqueue_analysis(store, spec), spec.session_id


def analyse_with_eyes(store: Store, session_id: str) -> tuple[str, str]:
    """Queue a session's recording once more, by its own model and settings, to have its eyes; the
    job's id and the new session's.

    The new session takes the old one's place in its study, and the old one is left out there.
    What was done to its viewers by hand stays with the old one.
    """
    session, path = _with_recording(store, session_id)
    card = load_card((session.model or "").split("@")[0], store.home)
    settings = settings_of(session.settings)
    spec = AnalysisSpec.new(
        path,
        replace(settings, model=card.name, keep_faces=False, eyes=True),
        name=session.name,
        kind=session.kind,
        study=session.study_id,
        stimulus=session.stimulus,
        condition=session.condition,
        respondent=session.respondent,
        offset_ms=session.offset_ms,
        digest=session.digest,
        again_of=session_id,
    )
    job_id = enqueue_analysis(store, spec)
    store.run(IncludeSession(session_id=session_id, included=False, reason="analysed again"))
    return job_id, spec.session_id


def _with_recording(store: Store, session_id: str) -> tuple[Session, str]:
    """A session and its recording, to analyse again; JobError where that is gone."""
    session = store.sessions.get(session_id)
    if not session.path or not Path(session.path).is_file():
        raise JobError(
            f"The recording of {session.name} is no longer on this machine.",
            "Add it again on the page Analyze.",
        )
    return session, session.path


def cancel(store: Store, job_id: str) -> None:
    """Ask a job to stop: one that waits at once, one that runs within two seconds."""
    store.run(CancelJob(job_id=job_id))


def resume(store: Store, job_id: str) -> None:
    """Queue a failed or cancelled job again; it goes on from its last shard."""
    store.run(RequeueJob(job_id=job_id))


def resume_session(store: Store, session_id: str) -> str:
    """Go on with a session that was cut short, whoever began it; the job that does it.

    Also for a session of `rapt analyze`, which never had a job.
    """
    past = store.jobs.list(session_id=session_id, kind="analyze", limit=1)
    if past and past[0].status is not JobStatus.DONE:
        if past[0].status.resumable:
            resume(store, past[0].job_id)
        return past[0].job_id
    session = read_session(store.home, session_id)
    if (
        session is None
        or session.status is SessionStatus.DONE
        or is_written(store.home, session_id)
    ):
        raise JobError(
            f"Session {session_id} cannot be resumed: it is done, gone, or being analysed.",
            "Look at its state with `rapt sessions show`.",
        )
    return _enqueue_analysis(store, AnalysisSpec.of_session(session))


class Belongs(TypedDict, total=False):
    """Where a recording belongs; what is left out stays as it is."""

    study: str
    stimulus: str
    condition: str
    respondent: str


def assign(store: Store, session_id: str, **fields: Unpack[Belongs]) -> None:
    """Say where a recording belongs, whether it is analysed already or waits for its turn."""
    for job in () if store.sessions.exists(session_id) else store.jobs.active():
        if job.session_id == session_id and store.run(AssignJob(job_id=job.job_id, **fields)):
            return
    store.run(AssignSession(session_id=session_id, **fields))


def stop_work(store: Store, session_id: str) -> None:
    """Have what works on a session stop; JobError where it does not."""
    for job in store.jobs.active():
        if job.session_id == session_id:
            cancel(store, job.job_id)
    until = time.monotonic() + STOPS_WITHIN_S
    while is_written(store.home, session_id):
        if time.monotonic() > until:
            raise JobError(
                f"Session {session_id} is still being analysed.",
                "Stop that analysis (Ctrl-C where it runs), then delete the session.",
            )
        time.sleep(0.05)


def delete_session(store: Store, session_id: str) -> None:
    """Stop what works on a session, then delete it and its files."""
    stop_work(store, session_id)
    store.run(DeleteSession(session_id=session_id))


# -- for the supervisor ---------------------------------------------------------------


def mirror(store: Store, job_id: str, state: JobState) -> None:
    """Tell the store what a running job's process says."""
    fields = {
        "done": float(state.done),
        "total": None if state.total is None else float(state.total),
        "rate": state.rate,
        "eta_s": state.eta_s,
        "message": state.message,
        "pid": state.pid or None,
    }
    store.run(UpdateJob(job_id=job_id, fields=fields))


def ended(store: Store, home: Home, job: Job, state: JobState) -> None:
    """Tell the store how a job ended; its session as well, where the worker could not."""
    said = f"{state.error} {state.hint}".strip() or None
    if job.session_id:
        close_session(home, job.session_id, SessionStatus(state.status), said)
    if job.kind == "analyze" and state.status is JobStatus.DONE and job.spec.get(REMOVES):
        path, ids = str(job.spec["path"]), (str(job.session_id),)
        store.run(
            RemoveFile(
                kind="recording", path=path, rule=AFTER_ANALYSIS, ids=ids, except_job=job.job_id
            )
        )
    if job.kind == "train" and state.status is not JobStatus.DONE:
        close_run(store, training_run_of(store, job), state.status, said)
    fields: dict[str, object] = {"error": said, "message": None, "eta_s": None, "pid": None}
    if state.t and state.done:
        fields |= {"done": float(state.done), "rate": state.rate}
    store.run(UpdateJob(job_id=job.job_id, status=state.status, fields=fields))


def close_session(home: Home, session_id: str, status: SessionStatus, error: str | None) -> None:
    """Mark a session whose analysis died without a word; one that spoke is left alone."""
    try:
        session = read_session(home, session_id)
        if (
            session is None
            or session.status is not SessionStatus.RUNNING
            or is_written(home, session_id)
        ):
            return
        change_session(home, session_id, status=status, error=error)
    except Cancelled:
        return  # deleted a moment ago
    except StoreError as damaged:
        problems.note(home, session_path(home, session_id), damaged.message)


def training_run_of(store: Store, job: Job) -> str | None:
    """The run of a training job, None before it has begun.

    Jobs of version 0.1 did not keep it: theirs is the newest run since with the job's title.
    """
    if job.run_id:
        return job.run_id
    others = {other.run_id for other in store.jobs.list(kind="train", limit=10_000)}
    for run in store.training_runs.list(limit=10_000):
        if run.model == job.title and run.created >= job.created and run.run_id not in others:
            return run.run_id
    return None


def close_run(store: Store, run_id: str | None, status: JobStatus, error: str | None) -> None:
    """Mark a training whose process died without a word; one that spoke is left alone."""
    if run_id is not None and store.training_runs.get(run_id).status is JobStatus.RUNNING:
        store.run(UpdateTrainingRun(run_id=run_id, status=status, error=error))


def close_analysis_orphans(home: Home, store: Store) -> list[str]:
    """Mark sessions that no process analyses any more, such as a killed `rapt analyze`."""
    busy = {job.session_id for job in store.jobs.active()}
    closed = []
    for row in store.sessions.list(status=SessionStatus.RUNNING, limit=1000).to_dict("records"):
        session_id = str(row["session_id"])
        if row["kind"] == "live" or session_id in busy or is_written(home, session_id):
            continue
        close_session(home, session_id, SessionStatus.FAILED, ENDED_UNSEEN)
        closed.append(session_id)
    return closed
