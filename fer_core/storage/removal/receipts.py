"""Receipts: what was removed by a rule or a person, when, how much; ids alone, never a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from fer_core.storage.codec import TableRow
from fer_core.storage.commands import Change, command
from fer_core.storage.ids import new_id
from fer_core.storage.migrations import now
from fer_core.storage.reading import Queries
from fer_core.storage.removal.erasure import remove_upload
from fer_core.storage.timeline.kept_faces import chunk_files, forget


@dataclass(frozen=True, slots=True)
class Receipt(TableRow):
    """One removal."""

    TABLE: ClassVar[str] = "receipts"
    KEY: ClassVar[str] = "receipt_id"

    receipt_id: str
    kind: str  # recording, film, faces, session, viewer, respondent or study
    rule: str  # the setting that asked for it, or "forgotten for good"
    ids: tuple[str, ...]
    files: int
    bytes: int
    removed: datetime


class Receipts(Queries):
    """``store.receipts``."""

    def list(self, limit: int = 1000) -> list[Receipt]:
        """The newest first."""
        return self._all(
            Receipt,
            "SELECT * FROM receipts ORDER BY removed DESC, receipt_id DESC LIMIT $limit",
            limit=limit,
        )


@command
class AddReceipt:
    """Keep that something was removed; returns the receipt's id."""

    kind: str
    rule: str
    ids: tuple[str, ...]
    files: int = 0
    bytes: int = 0

    def apply(self, change: Change) -> str:
        receipt_id = new_id("receipt")
        change.insert(
            "receipts", receipt_id=receipt_id, kind=self.kind, rule=self.rule, ids=self.ids,
            files=self.files, bytes=self.bytes, removed=now(),
        )  # fmt: skip
        return receipt_id


@command
class RemoveFile:
    """Remove a recording or a film that came through a page, with a receipt; its numbers stay.

    False where it is not there, lies elsewhere, or a job that is not over needs it.
    """

    kind: str  # recording or film
    path: str
    rule: str
    ids: tuple[str, ...]  # of the sessions or stimuli that name it
    except_job: str | None = None  # the job that has just ended

    def apply(self, change: Change) -> bool:
        path, uploads = Path(self.path), change.home.uploads.resolve()
        if not (path.is_file() and path.resolve().is_relative_to(uploads)):
            return False
        needed = change.cursor.value(
            "SELECT 1 FROM jobs WHERE status IN ('queued', 'running') "
            "AND job_id IS DISTINCT FROM ? AND json_extract_string(spec, '$.path') = ?",
            [self.except_job, self.path],
        )
        shown = self.kind == "recording" and change.cursor.value(
            "SELECT 1 FROM stimuli WHERE path = ?", [self.path]
        )
        if needed or shown:
            return False
        size = path.stat().st_size
        AddReceipt(kind=self.kind, rule=self.rule, ids=self.ids, files=1, bytes=size).apply(change)
        change.after.append(lambda: remove_upload(change.home, path))
        return True


@command
class RemoveFaces:
    """Remove a session's faces kept for review, with a receipt; every number stays."""

    session_id: str
    rule: str

    def apply(self, change: Change) -> bool:
        files = list(chunk_files(change.home, self.session_id).values())
        if not files:
            return False
        size = sum(path.stat().st_size for path in files)
        AddReceipt(
            kind="faces", rule=self.rule, ids=(self.session_id,), files=len(files), bytes=size
        ).apply(change)
        change.after.append(lambda: forget(change.home, self.session_id))
        return True
