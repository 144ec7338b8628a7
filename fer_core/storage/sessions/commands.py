"""Commands on sessions: rename, assign to a study, include, delete, forget faces."""

from __future__ import annotations

from functools import partial

from fer_core.errors import StoreError
from fer_core.storage.commands import Change, command, given
from fer_core.storage.migrations import now
from fer_core.storage.removal import erasure
from fer_core.storage.sessions.registration import keep_condition, stimulus_of, study_of
from fer_core.storage.sessions.rows import Session
from fer_core.storage.tables import with_session
from fer_core.storage.timeline.kept_faces import forget
from fer_core.storage.timeline.seconds import refresh_seconds


@command
class RenameSession:
    session_id: str
    name: str

    def apply(self, change: Change) -> None:
        if not self.name.strip():
            raise StoreError("A session needs a name.", "Type at least one letter.")
        change.update(Session, self.session_id, name=self.name.strip())


@command
class AssignSession:
    """Set what is given and leave the rest; an empty text takes a value away.

    ``study`` and ``stimulus`` may be ids or names; a new name makes a new one. A session that
    moves to another study keeps its condition, and leaves the old study's stimulus.
    """

    session_id: str
    study: str | None = None
    stimulus: str | None = None
    condition: str | None = None
    offset_ms: int | None = None
    respondent: str | None = None
    tags: tuple[str, ...] | None = None
    notes: str | None = None

    def apply(self, change: Change) -> None:
        before = change.get(Session, self.session_id)
        texts = given(condition=self.condition, respondent=self.respondent, notes=self.notes)
        columns = {name: text or None for name, text in texts.items()}
        columns |= given(offset_ms=self.offset_ms, tags=self.tags)
        study_id = before.study_id
        if self.study is not None:
            study_id = columns["study_id"] = study_of(change.cursor, self.study)
        moved = study_id != before.study_id
        if self.stimulus is not None:
            columns["stimulus_id"] = stimulus_of(change.cursor, study_id, self.stimulus)
        elif moved and _of_another_study(change, before.stimulus_id, study_id):
            columns["stimulus_id"] = None
        condition = before.condition if moved and self.condition is None else self.condition
        if study_id and condition:
            keep_condition(change.cursor, study_id, condition)
        change.update(Session, self.session_id, **columns)
        if self.offset_ms is not None and self.offset_ms != before.offset_ms:
            refresh_seconds(change.cursor, self.session_id)


def _of_another_study(change: Change, stimulus_id: str | None, study_id: str | None) -> bool:
    owner = change.cursor.value("SELECT study_id FROM stimuli WHERE stimulus_id = ?", [stimulus_id])
    return owner not in (None, study_id)


@command
class IncludeSession:
    """Take a session into its study by hand, or out; None goes back to the rule."""

    session_id: str
    included: bool | None
    reason: str | None = None

    def apply(self, change: Change) -> None:
        if self.included is not None and not (self.reason or "").strip():
            change.get(Session, self.session_id)
            raise StoreError("A reason is needed.", "Say why this session is taken in or left out.")
        reason = None if self.included is None else self.reason
        change.update(Session, self.session_id, included=self.included, included_reason=reason)


@command
class DeleteSession:
    """Remove a session: rows, jobs and files, and its upload unless something else uses it."""

    session_id: str

    def apply(self, change: Change) -> None:
        session = change.get(Session, self.session_id)
        shared = change.cursor.value(
            "SELECT (SELECT count(*) FROM sessions WHERE path = $path AND session_id <> $id) + "
            "(SELECT count(*) FROM stimuli WHERE path = $path)",
            {"path": session.path, "id": self.session_id},
        )
        upload = session.path if session.path and not shared else None
        erasure.ask(change.home)
        for table in with_session():
            change.cursor.execute(
                f"DELETE FROM {table.name} WHERE {table.of_session}", {"session": self.session_id}
            )
        # the place stays taken; who took it is forgotten
        change.cursor.execute(
            "UPDATE responses SET respondent = 'R' || lpad(number::VARCHAR, 3, '0'), "
            "session_id = NULL, panel_id = NULL WHERE session_id = ?",
            [self.session_id],
        )
        change.cursor.execute("DELETE FROM deletions WHERE session_id = ?", [self.session_id])
        change.insert(
            "deletions", session_id=self.session_id, upload=upload, files_gone=False, deleted=now()
        )
        change.after.append(partial(erasure.remove_files, change.home, self.session_id, upload))


@command
class ForgetFaces:
    """Remove the faces that were kept for review; every number stays."""

    session_id: str

    def apply(self, change: Change) -> None:
        change.get(Session, self.session_id)
        change.after.append(partial(forget, change.home, self.session_id))
