"""From ``session.json`` to the row in ``sessions``.

What a person can change on a page (name, study, condition, respondent, tags …) is taken
from the file once, when the session is first seen; afterwards only commands change it.
What the analysis knows (status, error, settings, versions) follows the file.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fer_core.errors import StoreError
from fer_core.storage.ids import new_id
from fer_core.storage.migrations import now
from fer_core.storage.timeline.seconds import refresh_seconds
from fer_core.types import SessionStatus

if TYPE_CHECKING:
    from fer_core.storage.database import Writer

FINAL = tuple(status for status in SessionStatus if status.over)
_KNOWN = {
    "session_id", "name", "kind", "path", "digest", "created", "status", "error", "settings",
    "versions", "info", "study", "stimulus", "condition", "offset_ms", "respondent", "tags",
    "summary", "model", "notes",
}  # fmt: skip


def add_session(cursor: Writer, session_id: str, value: dict[str, Any]) -> None:
    """A first row for a session; ``update_session`` fills in the rest."""
    study_id = study_of(cursor, value.get("study"))
    stimulus_id = stimulus_of(cursor, study_id, value.get("stimulus"))
    condition = value.get("condition")
    if study_id and condition:
        keep_condition(cursor, study_id, condition)
    cursor.execute(
        """
        INSERT INTO sessions (session_id, name, kind, created, status, study_id, stimulus_id,
                              condition, offset_ms, respondent, tags, notes, updated)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
            session_id,
            str(value.get("name") or session_id),
            str(value.get("kind") or "file"),
            _moment(value.get("created")),
            SessionStatus.RUNNING,
            study_id,
            stimulus_id,
            condition,
            int(value.get("offset_ms") or 0),
            value.get("respondent"),
            json.dumps(value.get("tags") or []),
            value.get("notes"),
            now(),
        ],
    )


def update_session(cursor: Writer, session_id: str, value: dict[str, Any], source_ns: int) -> None:
    """Follow what the analysis says of the session now."""
    settings, versions = value.get("settings") or {}, value.get("versions") or {}
    info = value.get("info") or {}
    _follow_live(cursor, session_id, value)
    summary = {"fps": info.get("fps"), **(value.get("summary") or {})}
    cursor.execute(
        """
        UPDATE sessions SET status = ?, error = ?, path = ?, digest = ?, model = ?, settings = ?,
            versions = ?, info = ?, extra = ?, summary = ?, width = ?, height = ?,
            source_ns = ?, updated = ?
        WHERE session_id = ?
        """,
        [
            _status(value),
            value.get("error"),
            value.get("path"),
            value.get("digest"),
            value.get("model") or versions.get("model") or settings.get("model"),
            json.dumps(settings),
            json.dumps(versions),
            json.dumps(info),
            json.dumps({k: v for k, v in value.items() if k not in _KNOWN}),
            json.dumps(summary),
            info.get("width"),
            info.get("height"),
            source_ns,
            now(),
            session_id,
        ],
    )


def _follow_live(cursor: Writer, session_id: str, value: dict[str, Any]) -> None:
    """Markers and the stimulus' start that a live session has set since it was last looked at.

    Each is taken once: what a person then changes or removes on a page stays as it is.
    """
    if value.get("kind") != "live":
        return
    known = cursor.value("SELECT extra FROM sessions WHERE session_id = ?", [session_id])
    before = json.loads(known or "{}")
    had = {mark["marker_id"] for mark in before.get("markers") or []}
    for mark in value.get("markers") or []:
        if mark["marker_id"] not in had:
            cursor.execute(
                "INSERT INTO markers (marker_id, session_id, name, from_ms, kind, note, source, "
                "created) VALUES (?, ?, ?, ?, ?, ?, 'live', ?) ON CONFLICT DO NOTHING",
                [mark["marker_id"], session_id, mark["name"], int(mark["from_ms"]),
                 mark.get("kind") or "marker", mark.get("note"), now()],
            )  # fmt: skip
    aligned = value.get("aligned_ms")
    if aligned is not None and aligned != before.get("aligned_ms"):
        cursor.execute(
            "UPDATE sessions SET offset_ms = ? WHERE session_id = ?", [int(aligned), session_id]
        )
        refresh_seconds(cursor, session_id)


def is_deleted(cursor: Writer, session_id: str) -> bool:
    """Whether a person deleted this session; a worker may not know yet."""
    found = cursor.value("SELECT 1 FROM deletions WHERE session_id = ?", [session_id])
    return found is not None


def study_of(cursor: Writer, study: str | None) -> str | None:
    """A study's id from its id or name; a new name makes a study."""
    if not study:
        return None
    found = cursor.value(
        "SELECT study_id FROM studies WHERE study_id = $s OR name = $s "
        "ORDER BY study_id = $s DESC, created LIMIT 1",
        {"s": study},
    )
    if found:
        return str(found)
    study_id = new_id("study")
    cursor.execute(
        "INSERT INTO studies (study_id, name, created) VALUES (?, ?, ?)", [study_id, study, now()]
    )
    return study_id


def stimulus_of(cursor: Writer, study_id: str | None, stimulus: str | None) -> str | None:
    """A stimulus' id from its id, or its title within the study; a new title makes one."""
    if not stimulus:
        return None
    found = cursor.value(
        "SELECT stimulus_id FROM stimuli WHERE stimulus_id = $t "
        "OR (title = $t AND study_id IS NOT DISTINCT FROM $s) "
        "ORDER BY stimulus_id = $t DESC, created LIMIT 1",
        {"t": stimulus, "s": study_id},
    )
    if found:
        return str(found)
    stimulus_id = new_id("stimulus")
    cursor.execute(
        "INSERT INTO stimuli (stimulus_id, study_id, title, created) VALUES (?, ?, ?, ?)",
        [stimulus_id, study_id, stimulus, now()],
    )
    return stimulus_id


def keep_condition(cursor: Writer, study_id: str, condition: str) -> None:
    """Make sure that a study has a condition."""
    cursor.execute(
        """
        INSERT INTO conditions
        SELECT $study, $condition,
               (SELECT coalesce(max(position), -1) + 1 FROM conditions WHERE study_id = $study)
        ON CONFLICT DO NOTHING
        """,
        {"study": study_id, "condition": condition},
    )


def _status(value: dict[str, Any]) -> SessionStatus:
    said = value.get("status") or SessionStatus.RUNNING
    if said not in list(SessionStatus):
        raise StoreError(f"session.json says that its status is {said!r}.",
                         f"It can be {', '.join(SessionStatus)}.")  # fmt: skip
    return SessionStatus(said)


def _moment(value: Any) -> datetime:
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
