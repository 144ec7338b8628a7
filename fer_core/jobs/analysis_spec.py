"""``session.json``: what a session is and how its analysis stands, for whoever looks.

It is written by the one process that analyses the session, which holds the session's
``writer.lock`` meanwhile: two analyses can never mix their shards.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from fer_core.errors import Cancelled, JobError, SettingsError
from fer_core.files import is_locked, lock, read_json, write_json
from fer_core.home import Home
from fer_core.storage.ids import new_id
from fer_core.types import AnalysisSettings

#: Held by whoever writes the session's shards; it lies in the session's folder.
LOCK: Final = "writer.lock"
#: Another process that only looks whether the lock is held holds it for less than this.
OUTLASTS_A_LOOK_S: Final = 0.2

_SETTINGS = {f.name for f in fields(AnalysisSettings)}


@dataclass(frozen=True, slots=True)
class AnalysisSpec:
    """One file to analyse, and what its session should be called and belong to."""

    path: str
    session_id: str
    settings: AnalysisSettings
    name: str = ""
    kind: str = "file"
    study: str | None = None
    stimulus: str | None = None
    condition: str | None = None
    respondent: str | None = None
    digest: str | None = None
    again_of: str | None = None  # the session whose recording is analysed again

    @classmethod
    def new(
        cls, path: str | Path, settings: AnalysisSettings | None = None, **more: Any
    ) -> AnalysisSpec:
        """A spec with a fresh session id; the file's own name is the session's."""
        file = Path(path).expanduser().resolve()
        more["name"] = more.get("name") or file.stem
        return cls(str(file), new_id("session"), settings or AnalysisSettings(), **more)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> AnalysisSpec:
        known = {f.name for f in fields(cls)} - {"settings"}
        return cls(
            settings=settings_of(value.get("settings") or {}),
            **{key: value[key] for key in known if key in value},
        )


def settings_of(value: Mapping[str, Any]) -> AnalysisSettings:
    """Settings as a session or a job holds them; what this version does not know is left."""
    return AnalysisSettings(**{key: value[key] for key in _SETTINGS if key in value})


def check_settings(settings: AnalysisSettings) -> None:
    """Refuse, before any work, a value that no analysis can use."""
    if settings.fps is not None and not settings.fps > 0:
        raise SettingsError(
            f"{settings.fps:g} frames per second cannot be analysed.",
            "Give a number above 0, or leave it out for every frame.",
        )
    if settings.min_face < 12:
        raise SettingsError(
            f"Faces of {settings.min_face} pixels are too small to read.",
            "Give 12 or more; 40 is the default.",
        )


def session_path(home: Home, session_id: str) -> Path:
    return home.session(session_id) / "session.json"


def read_session(home: Home, session_id: str) -> dict[str, Any] | None:
    value = read_json(session_path(home, session_id))
    return value if isinstance(value, dict) else None


def begin_session(
    home: Home,
    spec: AnalysisSpec,
    digest: str,
    info: dict[str, Any],
    versions: dict[str, str],
) -> None:
    """The session as it stands at the start of a run, new or resumed, marked running."""
    session = read_session(home, spec.session_id) or {
        "session_id": spec.session_id,
        "name": spec.name or Path(spec.path).stem,
        "kind": spec.kind,
        "created": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "study": spec.study,
        "stimulus": spec.stimulus,
        "condition": spec.condition,
        "respondent": spec.respondent,
        "tags": [],
    }
    if spec.again_of:
        session["again_of"] = spec.again_of
    session |= {
        "path": spec.path,
        "digest": digest,
        "settings": asdict(spec.settings),
        "info": info,
        "versions": versions,
        "status": "running",
        "error": None,
    }
    write_json(session_path(home, spec.session_id), session)


def change_session(home: Home, session_id: str, **changes: Any) -> dict[str, Any]:
    """Rewrite a session's file with these changes. Cancelled where it was deleted meanwhile."""
    session = read_session(home, session_id)
    if session is None:
        raise Cancelled("The session was deleted.")
    session |= changes
    write_json(session_path(home, session_id), session)
    return session


def sessions_of(home: Home, digest: str, settings: AnalysisSettings) -> list[dict[str, Any]]:
    """Sessions of this very film with these very settings, the newest first."""
    wanted = asdict(settings)
    found = []
    for path in (home.root / "sessions").glob("*/session.json"):
        session = read_json(path)
        if (
            isinstance(session, dict)
            and session.get("digest") == digest
            and asdict(settings_of(session.get("settings") or {})) == wanted
        ):
            found.append(session)
    return sorted(found, key=lambda session: str(session.get("created")), reverse=True)


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
