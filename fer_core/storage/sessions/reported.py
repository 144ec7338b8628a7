"""``session.json`` as the store takes it: read, checked, typed fields and JSON columns.

``session_file`` writes and reads the same file for analyses, with today's settings filled in.
The store keeps settings, versions, info and summary as they were written, so that a session of
another version of Rapt loses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from fer_core.access.purpose import Stated
from fer_core.errors import StoreError
from fer_core.files import read_json
from fer_core.storage.codec import Misfit, from_json
from fer_core.storage.migrations import now
from fer_core.types import SessionStatus

_KNOWN: Final = {
    "session_id", "name", "kind", "path", "digest", "created", "status", "error", "settings",
    "versions", "info", "study", "stimulus", "condition", "offset_ms", "respondent", "tags",
    "summary", "model", "notes",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LiveMarker:
    """A marker or note that was set while a live session ran."""

    marker_id: str
    name: str
    from_ms: int
    kind: str
    note: str | None


@dataclass(frozen=True, slots=True)
class ReportedSession:
    """One ``session.json``. ``tags`` to ``extra`` are JSON texts."""

    status: SessionStatus
    error: str | None
    name: str | None
    kind: str
    created: datetime  # UTC without a zone
    path: str | None
    digest: str | None
    width: int | None  # pixels
    height: int | None
    study: str | None  # an id or a name
    stimulus: str | None
    condition: str | None
    respondent: str | None
    offset_ms: int
    notes: str | None
    model: str | None
    tags: str
    settings: str
    versions: str
    info: str
    summary: str
    extra: str  # what the store has no column for
    markers: tuple[LiveMarker, ...]  # of a live session
    aligned_ms: int | None  # where a person said during it that the stimulus began
    purpose: Stated | None  # of a live session; it is in ``extra`` as well

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ReportedSession:
        settings, versions = value.get("settings") or {}, value.get("versions") or {}
        info = value.get("info") or {}
        live = value.get("kind") == "live"
        aligned = value.get("aligned_ms") if live else None
        return cls(
            name=_text(value.get("name") or None),
            kind=str(value.get("kind") or "file"),
            path=_text(value.get("path")),
            digest=_text(value.get("digest")),
            created=_moment(value.get("created")),
            status=_status(value.get("status") or SessionStatus.RUNNING),
            error=_text(value.get("error")),
            study=_text(value.get("study")),
            stimulus=_text(value.get("stimulus")),
            condition=_text(value.get("condition")),
            offset_ms=int(value.get("offset_ms") or 0),
            respondent=_text(value.get("respondent")),
            tags=json.dumps(value.get("tags") or []),
            notes=_text(value.get("notes")),
            model=_text(value.get("model") or versions.get("model") or settings.get("model")),
            settings=json.dumps(settings),
            versions=json.dumps(versions),
            info=json.dumps(info),
            summary=json.dumps({"fps": info.get("fps"), **(value.get("summary") or {})}),
            extra=json.dumps({k: v for k, v in value.items() if k not in _KNOWN}),
            width=info.get("width"),
            height=info.get("height"),
            markers=tuple(map(_marker, value.get("markers") or ())) if live else (),
            aligned_ms=None if aligned is None else int(aligned),
            purpose=purpose_of(value),
        )


def purpose_of(value: Mapping[str, Any]) -> Stated | None:
    """The purpose that a session's file, or what the store keeps of it, states.

    None where it states none, or one that this version does not know.
    """
    try:
        found: Stated | None = from_json(value.get("purpose"), Stated | None)
    except Misfit:
        return None
    return found


def read_reported(path: Path) -> ReportedSession | None:
    """What the file says; None where there is none, StoreError where it is damaged."""
    try:
        value = read_json(path)
        return None if value is None else ReportedSession.from_json(value)
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error}") from error
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as error:
        raise StoreError(f"{path} does not hold a session: {error}") from error


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _marker(value: Mapping[str, Any]) -> LiveMarker:
    return LiveMarker(
        str(value["marker_id"]),
        str(value["name"]),
        int(value["from_ms"]),
        str(value.get("kind") or "marker"),
        _text(value.get("note")),
    )


def _status(said: object) -> SessionStatus:
    if said not in list(SessionStatus):
        raise StoreError(f"session.json says that its status is {said!r}.",
                         f"It can be {', '.join(SessionStatus)}.")  # fmt: skip
    return SessionStatus(str(said))


def _moment(value: object) -> datetime:
    """A time of day as the store keeps it, from ISO text or seconds since 1970."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC).replace(tzinfo=None)
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return now()
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    return now()
