"""``session.json``: what a session is and how its recording or analysis stands.

The one process that analyses or records a session writes it, beside the session's shards,
and holds the session's ``writer.lock`` meanwhile: two writers can never mix their shards.
The store reads it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from fer_core.errors import Cancelled, JobError, RaptError, StoreError
from fer_core.files import JsonObject, is_locked, lock, read_json, write_json
from fer_core.home import Home
from fer_core.types import AnalysisSettings, InfoJson, SessionStatus

FILE: Final = "session.json"
#: Held by whoever writes the session's shards; it lies in the session's folder.
LOCK: Final = "writer.lock"
#: Another process that only looks whether the lock is held holds it for less than this.
OUTLASTS_A_LOOK_S: Final = 0.2

_SETTINGS = {f.name for f in fields(AnalysisSettings)}


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """What a session came to, added up by whoever wrote it. JSON: the fields, in this order."""

    duration_s: float = 0.0
    frames: int = 0
    frames_lost: int = 0
    faces: int = 0  # rows with a visible face
    viewers: int = 0
    quality: float | None = None  # share of the time with a usable face, 0 to 1
    fps: float | None = None  # frames a second: of the analysis, or of a live session's camera
    lost_note: str | None = None  # what is missing and why
    #: Of a live session: pictures offered, dropped, analysed and failed, and why it ended.
    offered: int | None = None
    dropped: int | None = None
    analysed: int | None = None
    errors: int | None = None
    last_error: str | None = None
    ended: str | None = None

    def to_json(self) -> JsonObject:
        """The fields that are known; ``quality`` is null where there was no frame."""
        found = asdict(self)
        return {k: v for k, v in found.items() if v is not None or k == "quality"}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> SessionSummary:
        return cls(**{f.name: value[f.name] for f in fields(cls) if f.name in value})


@dataclass(frozen=True, slots=True)
class SessionFile:
    """The content of ``session.json``."""

    session_id: str
    name: str
    kind: str = "file"  # or "live"
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat("T", "milliseconds"))
    status: SessionStatus = SessionStatus.RUNNING
    error: str | None = None
    path: str | None = None  # the recording's file, or a camera's address
    digest: str | None = None  # SHA-256 of the recording
    study: str | None = None  # an id or a name
    stimulus: str | None = None
    condition: str | None = None
    respondent: str | None = None
    offset_ms: int = 0  # where the stimulus begins, on the session's clock
    tags: tuple[str, ...] = ()
    notes: str | None = None
    model: str | None = None  # where ``versions`` does not name it
    settings: AnalysisSettings | None = None  # None: nothing was analysed, as in a simulation
    versions: Mapping[str, str] = field(default_factory=dict)
    info: InfoJson = field(default_factory=InfoJson)
    summary: SessionSummary | None = None
    again_of: str | None = None  # the session whose recording is analysed again
    purpose: Mapping[str, Any] | None = None  # of a live session, the fields of a ``Stated``
    #: Of a live session, set by a person while it ran.
    markers: tuple[Mapping[str, Any], ...] = ()
    pauses: tuple[tuple[int, int | None], ...] = ()  # from and to, in ms of the session's clock
    aligned_ms: int | None = None  # where a person said that the stimulus began
    #: What another version of Rapt wrote and this one does not know: kept as it is.
    others: Mapping[str, object] = field(default_factory=dict)

    def to_json(self) -> JsonObject:
        """What the file holds; what is not known is left out."""
        found = {f.name: getattr(self, f.name) for f in fields(self)}
        found |= {
            "settings": {} if self.settings is None else asdict(self.settings),
            "summary": None if self.summary is None else self.summary.to_json(),
        }
        found |= found.pop("others")
        always = _ALWAYS | ({"pauses"} if self.kind == "live" else set())
        return {k: v for k, v in found.items() if k in always or v not in (None, ())}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> SessionFile:
        """A file of this or another version of Rapt; what this one does not know is kept."""
        names = {f.name for f in fields(cls)}
        known = {name: value[name] for name in names if value.get(name) is not None}
        known |= {
            "session_id": str(value["session_id"]),
            "name": str(value.get("name") or value["session_id"]),
            "created": str(value.get("created") or ""),
            "status": SessionStatus(value.get("status") or SessionStatus.RUNNING),
            "settings": settings_of(value["settings"]) if value.get("settings") else None,
            "tags": tuple(value.get("tags") or ()),
            "markers": tuple(value.get("markers") or ()),
            "pauses": tuple((begin, end) for begin, end in value.get("pauses") or ()),
            "others": {name: value[name] for name in value.keys() - names},
        }
        if value.get("summary"):
            known["summary"] = SessionSummary.from_json(value["summary"])
        return cls(**known)


_ALWAYS = {
    "session_id", "name", "kind", "created", "status", "error", "path", "digest", "study",
    "stimulus", "condition", "respondent", "tags", "settings", "versions", "info",
}  # fmt: skip


def settings_of(value: Mapping[str, Any]) -> AnalysisSettings:
    """Settings as a session or a job holds them; what this version does not know is left."""
    return AnalysisSettings(**{key: value[key] for key in _SETTINGS if key in value})


def session_path(home: Home, session_id: str) -> Path:
    return home.session(session_id) / FILE


def read_session(home: Home, session_id: str) -> SessionFile | None:
    """What the session's file says; None where there is no session.

    StoreError where the file is damaged.
    """
    path = session_path(home, session_id)
    try:
        value = read_json(path)
        if value is None:
            return None
        return SessionFile.from_json({**value, "session_id": session_id})
    except (ValueError, TypeError, AttributeError, KeyError, ArithmeticError, RaptError) as error:
        raise StoreError(f"{path} does not hold a session.", "Look at it, or delete it.") from error


def session_ids(home: Home) -> list[str]:
    """The sessions that have a file, whether or not the store knows them."""
    return sorted(path.parent.name for path in (home.root / "sessions").glob(f"*/{FILE}"))


def write_session(home: Home, session: SessionFile) -> None:
    """Replace the session's file in one step."""
    write_json(session_path(home, session.session_id), session.to_json())


def change_session(home: Home, session_id: str, **changes: Any) -> SessionFile:
    """Rewrite a session's file with these changes. Cancelled where it was deleted meanwhile."""
    session = read_session(home, session_id)
    if session is None:
        raise Cancelled("The session was deleted.")
    session = replace(session, **changes)
    write_session(home, session)
    return session


@contextmanager
def writing(home: Home, session_id: str) -> Iterator[None]:
    """Hold the session's lock. JobError while another process analyses it."""
    folder = home.session(session_id)
    folder.mkdir(parents=True, exist_ok=True)
    held = None
    try:
        held = lock(folder / LOCK, wait_s=OUTLASTS_A_LOOK_S)
        if held is None:
            raise JobError(
                f"Session {session_id} is being analysed by another process.",
                "Wait for it, or cancel it there first.",
            )
        yield
    finally:
        if not session_path(home, session_id).exists():
            # refused before it began, or deleted: nothing of it stays
            shutil.rmtree(folder, ignore_errors=True)
        if held is not None:
            held.release()


def is_written(home: Home, session_id: str) -> bool:
    """Whether some process analyses the session now."""
    return is_locked(home.session(session_id) / LOCK)
