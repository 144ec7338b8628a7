"""Commands and queries on archived timelines: which are old, move them out, take them back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fer_core.errors import StoreError
from fer_core.files import sha256_of_file
from fer_core.home import Home
from fer_core.storage.codec import Row, rows
from fer_core.storage.commands import Change, command
from fer_core.storage.reading import Queries, Query
from fer_core.storage.removal import erasure
from fer_core.storage.sessions.rows import Session
from fer_core.storage.timeline import archive
from fer_core.types import SessionStatus


@dataclass(frozen=True, slots=True)
class Archived(Row):
    """A session whose timeline lies in a file, which is named from the home."""

    session_id: str
    file: str
    rows: int
    bytes: int
    digest: str  # SHA-256 of the file
    moved: datetime


class Archive(Queries):
    """``store.archive``."""

    def all(self) -> list[Archived]:
        """Those that were moved first come first."""
        every = Query("SELECT * FROM archived ORDER BY moved, session_id")
        return rows(Archived, self._source.select(every))

    def old(self, before: datetime, study_id: str | None = None) -> list[str]:
        """Ids of sessions in the table that are done and were neither made nor changed since."""
        found = self._frame(
            "SELECT session_id FROM sessions WHERE status = 'done' "
            "AND greatest(created, updated) < $before::TIMESTAMP "
            "AND ($study IS NULL OR study_id = $study) "
            "AND session_id NOT IN (SELECT session_id FROM archived) ORDER BY created, session_id",
            before=before, study=study_id,
        )  # fmt: skip
        return list(found["session_id"])

    def damaged(self, home: Home) -> list[str]:
        """Files that are gone, or not as they were written."""
        wrong = []
        for one in self.all():
            path = home.root / one.file
            if not path.is_file() or sha256_of_file(path) != one.digest:
                wrong.append(one.file)
        return wrong


@command
class ArchiveTimeline:
    """Move a done session's timeline into a file; how many rows."""

    session_id: str

    def apply(self, change: Change) -> int:
        session = change.get(Session, self.session_id)
        if session.status is not SessionStatus.DONE:
            raise StoreError(
                f"{session.name} is not analysed to its end.", "Only what is done is archived."
            )
        erasure.ask(change.home)  # the store's file shrinks when it is written anew
        name = archive.file_of(session.session_id, session.study_id, session.created)
        return archive.put(change.cursor, change.home, session.session_id, name)


@command
class UnarchiveTimeline:
    """Take a session's timeline back into the store; how many rows."""

    session_id: str

    def apply(self, change: Change) -> int:
        change.get(Session, self.session_id)
        return archive.take_back(change.cursor, self.session_id)
