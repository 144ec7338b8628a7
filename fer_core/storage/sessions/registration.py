"""From ``session.json`` to the row in ``sessions``.

What a person can change on a page (name, study, condition, respondent, tags …) is taken
from the file once, when the session is first seen; afterwards only commands change it.
What the analysis knows (status, error, settings, versions) follows the file.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from fer_core.storage.codec import to_json
from fer_core.storage.ids import new_id
from fer_core.storage.migrations import now
from fer_core.storage.sessions.reported import ReportedSession
from fer_core.types import SessionStatus

if TYPE_CHECKING:
    from fer_core.storage.database import Writer


def add_session(cursor: Writer, session_id: str, given: ReportedSession) -> None:
    """A first row for a session; ``update_session`` fills in the rest."""
    given = _as_said_since(cursor, session_id, given)
    study_id = study_of(cursor, given.study)
    stimulus_id = stimulus_of(cursor, study_id, given.stimulus)
    if study_id and given.condition:
        keep_condition(cursor, study_id, given.condition)
    if study_id and given.purpose:
        cursor.execute(  # whoever began the session was asked for its study's
            "UPDATE studies SET purpose = ? WHERE study_id = ? AND purpose IS NULL",
            [to_json(given.purpose), study_id],
        )
    cursor.execute(
        """
        INSERT INTO sessions (session_id, name, kind, created, status, study_id, stimulus_id,
                              condition, offset_ms, respondent, tags, notes, updated)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
            session_id, given.name or session_id, given.kind, given.created, SessionStatus.RUNNING,
            study_id, stimulus_id, given.condition, given.offset_ms, given.respondent, given.tags,
            given.notes, now(),
        ],
    )  # fmt: skip


def _as_said_since(cursor: Writer, session_id: str, given: ReportedSession) -> ReportedSession:
    """The session where a person put it after its worker was told: its job knows."""
    spec = cursor.value(
        "SELECT spec FROM jobs WHERE session_id = ? AND kind = 'analyze' "
        "ORDER BY created DESC LIMIT 1",
        [session_id],
    )
    said = json.loads(spec or "{}")
    return replace(
        given,
        study=said.get("study") or given.study,
        stimulus=said.get("stimulus") or given.stimulus,
        condition=said.get("condition") or given.condition,
        respondent=said.get("respondent") or given.respondent,
    )


def update_session(cursor: Writer, session_id: str, given: ReportedSession, source_ns: int) -> bool:
    """Follow what the analysis says of the session now; whether all its seconds moved by it."""
    moved = _follow_live(cursor, session_id, given)
    cursor.execute(
        """
        UPDATE sessions SET status = ?, error = ?, path = ?, digest = ?, model = ?, settings = ?,
            versions = ?, info = ?, extra = ?, summary = ?, width = ?, height = ?,
            source_ns = ?, updated = ?
        WHERE session_id = ?
        """,
        [
            given.status, given.error, given.path, given.digest, given.model, given.settings,
            given.versions, given.info, given.extra, given.summary, given.width, given.height,
            source_ns, now(), session_id,
        ],
    )  # fmt: skip
    return moved


def _follow_live(cursor: Writer, session_id: str, given: ReportedSession) -> bool:
    """Markers and the stimulus' start that a live session has set since it was last looked at;
    whether that start moved.

    Each is taken once: what a person then changes or removes on a page stays as it is.
    """
    if given.kind != "live":
        return False
    known = cursor.value("SELECT extra FROM sessions WHERE session_id = ?", [session_id])
    before = json.loads(known or "{}")
    had = {mark["marker_id"] for mark in before.get("markers") or []}
    for mark in given.markers:
        if mark.marker_id not in had:
            cursor.execute(
                "INSERT INTO markers (marker_id, session_id, name, from_ms, kind, note, source, "
                "created) VALUES (?, ?, ?, ?, ?, ?, 'live', ?) ON CONFLICT DO NOTHING",
                [mark.marker_id, session_id, mark.name, mark.from_ms, mark.kind, mark.note, now()],
            )
    if given.aligned_ms is None or given.aligned_ms == before.get("aligned_ms"):
        return False
    cursor.execute(
        "UPDATE sessions SET offset_ms = ? WHERE session_id = ?", [given.aligned_ms, session_id]
    )
    return True


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
