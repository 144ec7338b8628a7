"""Commands that remove people for good: of whole sessions, of one viewer, of a study, of responses.

They change the store and the session's own files. ``fer_core.keeping.forget`` is the way in: it
keeps the list of what was forgotten and cleans the backups.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from fer_core.errors import StoreError
from fer_core.home import Home
from fer_core.storage.commands import Change, command
from fer_core.storage.ids import check_id
from fer_core.storage.migrations import now
from fer_core.storage.removal import erasure
from fer_core.storage.sessions.commands import DeleteSession
from fer_core.storage.sessions.rows import Session
from fer_core.storage.studies import DeleteStudy, Study
from fer_core.storage.tables import BY_NAME
from fer_core.storage.timeline.archive import take_back
from fer_core.storage.timeline.kept_faces import remove_viewer
from fer_core.storage.timeline.seconds import refresh_summary
from fer_core.storage.timeline.session_file import change_session, read_session
from fer_core.storage.timeline.shards import remove_shards, shard_files
from fer_core.storage.timeline.viewers import fold_edits
from fer_core.types import SessionStatus

Pieces = tuple[tuple[int, int, int], ...]


@command
class ForgetSessions:
    """Remove sessions, all or none of them; those that are gone already do not matter."""

    session_ids: tuple[str, ...]

    def apply(self, change: Change) -> int:
        there = [one for one in self.session_ids if _exists(change, Session.TABLE, one)]
        for session_id in there:
            DeleteSession(session_id=session_id).apply(change)
        return len(there)


@command
class ForgetResponses:
    """Remove who took a link's place; the place stays taken, under its number."""

    response_ids: tuple[str, ...]

    def apply(self, change: Change) -> None:
        erasure.ask(change.home)
        chosen = "list_contains($ids::VARCHAR[], response_id)"
        ids = {"ids": list(self.response_ids)}
        change.cursor.execute(f"DELETE FROM answers WHERE {chosen}", ids)
        change.cursor.execute(
            "UPDATE responses SET respondent = 'R' || lpad(number::VARCHAR, 3, '0'), "
            "session_id = NULL, alignment = '{}', panel_id = NULL, visit = NULL "
            f"WHERE {chosen}",
            ids,
        )


@command
class ForgetStudy:
    """Remove a study with its sessions, its respondents and its films."""

    study_id: str

    def apply(self, change: Change) -> int:
        change.get(Study, self.study_id)
        found = change.cursor.execute(
            "SELECT session_id FROM sessions WHERE study_id = ?", [self.study_id]
        )
        sessions = tuple(str(session_id) for (session_id,) in found.fetchall())
        ForgetSessions(session_ids=sessions).apply(change)
        films = change.cursor.execute(
            "SELECT stimulus_id, path FROM stimuli WHERE study_id = $s AND path NOT NULL "
            "AND path NOT IN (SELECT path FROM stimuli WHERE study_id IS DISTINCT FROM $s "
            "AND path NOT NULL UNION SELECT path FROM sessions WHERE path NOT NULL)",
            {"s": self.study_id},
        )
        for stimulus_id, path in films.fetchall():
            remove_upload_later(change, str(stimulus_id), str(path))
        change.cursor.execute(  # films that can be recommended bear their titles
            "DELETE FROM items WHERE stimulus_id IN "
            "(SELECT stimulus_id FROM stimuli WHERE study_id = ?)",
            [self.study_id],
        )
        DeleteStudy(study_id=self.study_id).apply(change)
        return len(sessions)


@command
class ForgetViewer:
    """Remove one person from a session: rows, name, labels, faces, and the recording itself.

    ``pieces`` say who it is, as tracked: number, from and to in milliseconds. The numbers of the
    others stay; what counts all viewers is counted anew.
    """

    session_id: str
    pieces: tuple[tuple[int, int, int], ...]

    def apply(self, change: Change) -> None:
        session = change.get(Session, self.session_id)
        if session.status is not SessionStatus.DONE:
            raise StoreError(
                f"{session.name} is not analysed to its end.",
                "Wait for it, or forget the whole session.",
            )
        erasure.ask(change.home)
        take_back(change.cursor, self.session_id)
        before = _numbers(change, self.session_id)
        for viewer, start, end in self.pieces:
            change.cursor.execute(
                "DELETE FROM timeline WHERE session_id = ? AND viewer = ? AND t_ms >= ? "
                "AND t_ms < ?",
                [self.session_id, viewer, start, end],
            )
        gone = sorted(before - _numbers(change, self.session_id))
        bound = {"session": self.session_id, "gone": gone}
        for sql in (
            "DELETE FROM labels WHERE session_id = $session AND frame NOT NULL AND NOT EXISTS "
            "(SELECT 1 FROM timeline t WHERE t.session_id = $session AND t.frame = labels.frame "
            "AND t.viewer = labels.viewer)",
            "UPDATE frames SET faces = (SELECT count(*) FROM timeline t WHERE t.session_id = "
            "$session AND t.frame = frames.frame AND t.score NOT NULL) "
            "WHERE session_id = $session",
        ):
            change.cursor.execute(sql, {"session": self.session_id})
        change.cursor.execute(
            "DELETE FROM viewer_edits WHERE session_id = $session AND "
            "(list_contains($gone::INTEGER[], viewer) OR "
            "list_contains($gone::INTEGER[], into_viewer))",
            bound,
        )
        told = {
            k: v for k, v in session.summary.items() if k not in ("faces", "viewers", "quality")
        }
        change.update(Session, self.session_id, summary=told)
        shown = BY_NAME["shares"].of_session  # reports that the person's numbers are in
        change.cursor.execute(f"DELETE FROM shares WHERE {shown}", {"session": self.session_id})
        fold_edits(change.cursor, self.session_id)
        refresh_summary(change.cursor, self.session_id)
        of_it = _forget_recording(change, session)
        counted = change.get(Session, self.session_id)
        change.after.append(partial(_without_recording, change.home, of_it, counted))
        change.after.append(partial(clean_viewer, change.home, self.session_id, self.pieces))


def _forget_recording(change: Change, session: Session) -> tuple[str, ...]:
    """Take a session's recording from every analysis of it; the sessions."""
    if not session.path:
        return (session.session_id,)
    found = change.cursor.execute("SELECT session_id FROM sessions WHERE path = ?", [session.path])
    of_it = tuple(str(session_id) for (session_id,) in found.fetchall())
    change.cursor.execute("UPDATE sessions SET path = NULL WHERE path = ?", [session.path])
    remove_upload_later(change, f"{session.session_id}-recording", session.path)
    return of_it


def remove_upload_later(change: Change, key: str, path: str) -> None:
    """Have an upload removed once this is kept, also where a crash comes in between."""
    erasure.ask(change.home)
    change.cursor.execute("DELETE FROM deletions WHERE session_id = ?", [check_id(key)])
    change.insert("deletions", session_id=key, upload=path, files_gone=False, deleted=now())
    change.after.append(partial(erasure.remove_files, change.home, key, path))


def clean_viewer(home: Home, session_id: str, pieces: Pieces) -> None:
    """Remove a person from a done session's own files; safe to repeat."""
    folder = home.shards(session_id)
    if shard_files(folder):
        remove_shards(folder)  # the store has what is in them
    remove_viewer(home, session_id, pieces)


def _without_recording(home: Home, session_ids: tuple[str, ...], counted: Session) -> None:
    """Let the session files name no recording, and the viewer's session count who is left."""
    for session_id in session_ids:
        session = read_session(home, session_id)
        if session is None:
            continue
        changes: dict[str, object] = {"path": None}
        if session_id == counted.session_id and session.summary is not None:
            changes["summary"] = replace(
                session.summary,
                faces=counted.faces or 0,
                viewers=counted.viewers or 0,
                quality=counted.quality,
            )
        change_session(home, session_id, **changes)


def _numbers(change: Change, session_id: str) -> set[int]:
    """Every number under which somebody of a session is tracked or shown."""
    found = change.cursor.execute(
        """
        SELECT DISTINCT viewer FROM timeline WHERE session_id = $id AND viewer >= 0
        UNION SELECT DISTINCT coalesce(v.shown, t.viewer) FROM timeline t
        LEFT JOIN viewers v ON v.session_id = $id AND v.viewer = t.viewer
            AND t.t_ms >= v.from_ms AND t.t_ms < v.to_ms
        WHERE t.session_id = $id AND t.viewer >= 0
        """,
        {"id": session_id},
    )
    return {int(number) for (number,) in found.fetchall()}


def _exists(change: Change, table: str, session_id: str) -> bool:
    sql = f"SELECT 1 FROM {table} WHERE session_id = ?"
    return change.cursor.value(sql, [session_id]) is not None
