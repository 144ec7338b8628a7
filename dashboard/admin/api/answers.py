"""What the HTTP interface answers: the numbers of the pages, as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import anyio
import pandas as pd
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import StreamingResponse

from dashboard.admin.api.operations import document
from dashboard.shared.web.requests import RequestRefused
from dashboard.shared.web.upload.uploads import UploadError, upload_service
from dashboard.state import AppState
from fer_core.access.api_tokens import ApiTokens
from fer_core.access.audit import Deed
from fer_core.access.permissions import Identity
from fer_core.files import JsonObject
from fer_core.jobs import queue
from fer_core.measures import SECOND_COLUMNS, definition_of
from fer_core.storage import Store
from fer_core.storage.jobs import Job
from fer_core.types import SessionStatus

_SESSION: Final = (
    "session_id", "name", "kind", "status", "created", "study_id", "study", "stimulus", "condition",
    "respondent", "duration_s", "frames", "frames_lost", "viewers", "quality", "engagement",
    "attention", "valence", "model",
)  # fmt: skip
#: How often a running session is looked at, and how long a stream lasts at the most.
POLL_S: Final = 1.0
LONGEST_STREAM_S: Final = 3600.0
MOST_STREAMS: Final = 20
_streams = 0
Asked = Mapping[str, Any]
Answer = Callable[[Request, AppState, Asked], Awaitable[Any]]


def rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table's rows; what is not known is None."""
    return [
        {str(key): None if _unknown(value) else value for key, value in row.items()}
        for row in table.to_dict("records")
    ]


def _unknown(value: Any) -> bool:
    return (
        value is None or value is pd.NaT or (isinstance(value, float) and not math.isfinite(value))
    )


def _page(
    name: str, found: Sequence[Mapping[str, object]], total: int, asked: Asked
) -> dict[str, object]:
    end = asked["offset"] + len(found)
    return {name: found, "total": total, "next_offset": end if found and end < total else None}


def _in_thread(work: Callable[[AppState, Asked], Any]) -> Answer:
    """An answer that reads the store, off the event loop, for whoever asks."""

    async def answer(_request: Request, state: AppState, asked: Asked) -> Any:
        return await to_thread.run_sync(work, state, asked)

    return answer


async def _openapi(_request: Request, _state: AppState, _asked: Asked) -> Any:
    return document()


def _studies(state: AppState, asked: Asked) -> Any:
    every = state.store.studies.list()
    shown = every[asked["offset"] : asked["offset"] + asked["limit"]]
    found = [
        {"study_id": one.study_id, "name": one.name, "question": one.question, "kind": one.kind,
         "simulated": one.simulated, "created": one.created, "sessions": one.sessions,
         "viewers": one.viewers}
        for one in shown
    ]  # fmt: skip
    return _page("studies", found, len(every), asked)


def _loaded(store: Store, study_id: str) -> Any:
    from fer_core.studies.membership import load_study

    return load_study(store, study_id)


def _study(state: AppState, asked: Asked) -> Any:
    found = _loaded(state.store, asked["study_id"])
    state.audit.note(_who(), Deed.SAW, "study", found.study_id)
    return {
        "study_id": found.study_id, "name": found.name, "question": found.question,
        "kind": found.kind, "simulated": found.simulated, "conditions": list(found.conditions),
        "stimuli": [{"stimulus_id": one.stimulus_id, "title": one.title,
                     "length_ms": one.length_ms} for one in found.stimuli],
        "sessions": len(found.sessions), "counted": len(found.counted),
    }  # fmt: skip


def _curve(state: AppState, asked: Asked) -> Any:
    from fer_core.errors import DataError
    from fer_core.studies.audiences import audiences, films, within
    from fer_core.studies.response import respond
    from fer_core.studies.seconds import study_seconds

    study = _loaded(state.store, asked["study_id"])
    if study.counted.empty:
        raise DataError("No session of this study counts yet.", "Wait for its analyses.")
    there = {one.name: one for one in audiences(study)}
    called = asked["of"] or films(study)[0].name
    if called not in there:
        raise RequestRefused(f"There is no audience {called[:80]!r}.",
                             f"Choose {', '.join(there)}.", 404)  # fmt: skip
    one, measure = there[called], asked["measure"]
    table = study_seconds(state.store, study.counted, (measure,), corrected=asked["corrected"],
                          eyes=study.eyes)  # fmt: skip
    response = respond(within(table, one), one, measure, minimum=asked["minimum"])
    about = definition_of(measure, eyes=study.eyes)
    state.audit.note(_who(), Deed.SAW, "study", study.study_id)
    return {
        "study_id": study.study_id, "measure": measure, "unit": about.unit, "version": about.label,
        "audience": one.name, "viewers": response.viewers, "simulated": study.simulated,
        "seconds": rows(response.curve[["second", "mean", "low", "high", "n"]]),
    }  # fmt: skip


def _comparison(state: AppState, asked: Asked) -> Any:
    from fer_core.errors import DataError
    from fer_core.studies.groups import compare_groups, find_groups, hide_few

    if asked["a"] == asked["b"]:
        raise DataError("A group cannot be compared with itself.", "Name two that differ.")
    study = _loaded(state.store, asked["study_id"])
    groups = find_groups(study, [asked["a"], asked["b"]])
    pairs = compare_groups(state.store, study, groups, corrected=asked["corrected"])
    found = hide_few(next(iter(pairs.values())), asked["minimum"])
    state.audit.note(_who(), Deed.SAW, "study", study.study_id)
    return _finite(
        {**found.as_dict(), "study_id": study.study_id, "simulated": study.simulated,
         "sentence": str(found.sentence)}
    )  # fmt: skip


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if _unknown(value) else value


def _sessions(state: AppState, asked: Asked) -> Any:
    which: dict[str, Any] = {}
    if asked["study"] is not None:
        which["study_id"] = state.store.studies.get(asked["study"]).study_id
    table = state.store.sessions.list(limit=asked["limit"], offset=asked["offset"], **which)
    total = state.store.sessions.count(**which)
    shown = rows(table[[one for one in _SESSION if one in table]])
    return _page("sessions", shown, total, asked)


def _session(state: AppState, asked: Asked) -> Any:
    one = state.store.sessions.get(asked["session_id"])
    state.audit.note(_who(), Deed.SAW, "session", one.session_id)
    return _finite({name: getattr(one, name, None) for name in _SESSION}) | {"error": one.error}


def _seconds(state: AppState, asked: Asked) -> Any:
    state.store.sync()  # a job may be over a moment before its last seconds are in the store
    session_id = state.store.sessions.get(asked["session_id"]).session_id
    table = state.store.timeline.seconds(session_id, columns=SECOND_COLUMNS)
    state.audit.note(_who(), Deed.EXPORTED, "session", session_id, "api")
    part = table.iloc[asked["offset"] : asked["offset"] + asked["limit"]]
    return _page("seconds", rows(part), len(table), asked)


def _told(one: Job) -> dict[str, object]:
    return {
        "job_id": one.job_id, "kind": one.kind, "status": one.status, "title": one.title,
        "session_id": one.session_id, "progress": one.progress, "eta_s": one.eta_s,
        "error": one.error, "created": one.created, "finished": one.finished,
    }  # fmt: skip


def _jobs(state: AppState, asked: Asked) -> Any:
    every = state.store.jobs.list(limit=10_000)
    every.sort(key=lambda one: one.created, reverse=True)
    shown = every[asked["offset"] : asked["offset"] + asked["limit"]]
    return _page("jobs", [_finite(_told(one)) for one in shown], len(every), asked)


def _job(state: AppState, asked: Asked) -> Any:
    return _finite(_told(state.store.jobs.get(asked["job_id"])))


def _who() -> Identity:
    from dashboard.shared.web.access.identity import current

    return current()


def still_let_in(state: AppState, who: Identity) -> bool:
    """Whether the token of a program that is being answered still holds."""
    return any(
        one.identity.user_id == who.user_id and not one.expired
        for one in ApiTokens(state.home).list()
    )


async def _events(_request: Request, state: AppState, asked: Asked) -> Any:
    """Seconds as they become known. The stream ends with the session, its token, or an hour."""
    store = state.store  # of whoever asks, also when the stream runs on
    session = await to_thread.run_sync(store.sessions.get, asked["session_id"])
    if _streams >= MOST_STREAMS:
        raise RequestRefused("Too many streams are open.", "Close some of them.", 503)

    who = _who()

    async def stream() -> AsyncIterator[str]:
        global _streams
        _streams += 1
        sent: set[tuple[int, int]] = set()
        until = anyio.current_time() + LONGEST_STREAM_S
        try:
            while True:
                now = await to_thread.run_sync(store.sessions.get, session.session_id)
                over = now.status is not SessionStatus.RUNNING
                table = await to_thread.run_sync(store.timeline.seconds, session.session_id)
                # the last second may still grow while the session runs
                last = int(table["second"].max()) if len(table) else 0
                for row in rows(table if over else table[table["second"] < last]):
                    key = (int(row["viewer"]), int(row["second"]))
                    if key not in sent:
                        sent.add(key)
                        yield f"event: second\ndata: {json.dumps(row, default=str)}\n\n"
                if over or anyio.current_time() > until or not still_let_in(state, who):
                    yield f"event: end\ndata: {json.dumps({'status': now.status})}\n\n"
                    return
                yield ": waiting\n\n"
                await anyio.sleep(POLL_S)
        finally:
            _streams -= 1

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream(), media_type="text/event-stream", headers=headers)


async def _analyze(request: Request, state: AppState, asked: Asked) -> Any:
    try:
        return await _taken_in(request, state, asked)
    except UploadError as error:
        if error.status not in (400, 422):
            raise
        raise RequestRefused(error.message, "Send a recording as the body.", 409) from error


async def _taken_in(request: Request, state: AppState, asked: Asked) -> Any:
    """The recording arrives past memory, as uploads on pages do, and is queued."""
    length = request.headers.get("content-length", "")
    if not (length.isascii() and length.isdigit() and len(length) <= 18):
        raise RequestRefused("The body's length is missing.", "Send Content-Length.", 411)
    uploads = upload_service(state)
    options = {key: asked[key] for key in ("study", "stimulus", "condition", "model", "fps")
               if asked[key] not in (None, 0)}  # fmt: skip
    if "study" in options:
        await to_thread.run_sync(state.store.check_study, options["study"])
    arriving, _ = await to_thread.run_sync(uploads.begin, asked["name"], int(length), 0, options)
    # what an earlier request that broke off left of it: this one sends all from the beginning
    await to_thread.run_sync(uploads.drop, arriving.id)
    arriving, _ = await to_thread.run_sync(uploads.begin, asked["name"], int(length), 0, options)
    piece = await to_thread.run_sync(uploads.open, arriving.id, 0)
    try:
        async for block in request.stream():
            if block:
                await to_thread.run_sync(piece.write, block)
    finally:
        await to_thread.run_sync(piece.close)

    def take() -> Mapping[str, object]:
        arrived = uploads.finish(arriving.id)
        if arrived is None:
            raise RequestRefused("The recording did not come whole.", "Send it again.", 409)
        return uploads.deliver(state, arrived)

    taken = await to_thread.run_sync(take)
    return await to_thread.run_sync(_started, state, str(taken["session_id"]), taken)


def _started(state: AppState, session_id: str, taken: Mapping[str, object]) -> JsonObject:
    found = state.store.jobs.list(session_id=session_id, kind="analyze", limit=1)
    return {"session_id": session_id, "job_id": found[0].job_id if found else None,
            "duplicate": bool(taken.get("duplicate"))}  # fmt: skip


def _again(state: AppState, asked: Asked) -> Any:
    session_id = state.store.sessions.get(asked["session_id"]).session_id
    job_id, made = queue.analyse_again(state.store, session_id, asked["model"])
    return {"session_id": made, "job_id": job_id, "duplicate": False}


ANSWERS: Final[dict[str, Answer]] = {
    "openapi": _openapi, "studies": _in_thread(_studies), "study": _in_thread(_study),
    "curve": _in_thread(_curve), "comparison": _in_thread(_comparison),
    "sessions": _in_thread(_sessions), "session": _in_thread(_session),
    "seconds": _in_thread(_seconds), "events": _events, "jobs": _in_thread(_jobs),
    "job": _in_thread(_job), "analyze": _analyze, "analyze_again": _in_thread(_again),
}  # fmt: skip
