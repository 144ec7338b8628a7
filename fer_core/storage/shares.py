"""Reports that were shared by a link: the page as it was then, until the link ends.

The page lies in the row: whatever deletes the row has removed everything that was shared.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from fer_core.access.share_links import LONGEST_DAYS
from fer_core.errors import StoreError
from fer_core.storage.codec import TableRow
from fer_core.storage.commands import Change, command
from fer_core.storage.ids import new_id
from fer_core.storage.migrations import now
from fer_core.storage.reading import Queries
from fer_core.storage.removal import erasure
from fer_core.storage.studies import Study

#: Shared reports that a study may have at a time.
MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Share(TableRow):
    """A shared report without its page. Times are UTC without a zone."""

    TABLE: ClassVar[str] = "shares"
    KEY: ClassVar[str] = "share_id"

    share_id: str
    study_id: str
    sessions: tuple[str, ...]  # whose numbers it shows
    minimum: int  # the smallest group whose numbers it shows
    created: datetime
    ends: datetime


class Shares(Queries):
    """``store.shares``."""

    def list(self, study_id: str | None = None) -> list[Share]:
        """Those that have not ended, of one study or of all, the newest first."""
        return self._all(
            Share,
            "SELECT * EXCLUDE (html) FROM shares WHERE ends > $now AND "
            "($study IS NULL OR study_id = $study) ORDER BY created DESC, share_id DESC",
            study=study_id,
            now=now(),
        )

    def html(self, share_id: str) -> str | None:
        """The page; None where it is no longer shared."""
        asked = "SELECT html FROM shares WHERE share_id = $id AND ends > $now"
        found = self._value(asked, id=share_id, now=now())
        return None if found is None else str(found)

    def ended(self) -> bool:
        """Whether pages are still here whose links have ended."""
        return bool(self._value("SELECT count(*) FROM shares WHERE ends <= $now", now=now()))


@command
class AddShare:
    """Keep a page for whoever has its link, for some days; returns its id."""

    study_id: str
    sessions: tuple[str, ...]
    minimum: int
    html: str
    days: int

    def apply(self, change: Change) -> str:
        change.get(Study, self.study_id)
        if not 1 <= self.days <= LONGEST_DAYS:
            raise StoreError(
                f"A link cannot hold for {self.days} days.", f"Give 1 to {LONGEST_DAYS}."
            )
        began = now()
        there = "SELECT count(*) FROM shares WHERE study_id = ? AND ends > ?"
        if int(change.cursor.value(there, [self.study_id, began]) or 0) >= MOST:
            raise StoreError(f"{MOST} reports of this study are shared.", "End one of them first.")
        share_id = new_id("share")
        change.insert(
            "shares", share_id=share_id, study_id=self.study_id, sessions=self.sessions,
            minimum=self.minimum, html=self.html, created=began,
            ends=began + timedelta(days=self.days),
        )  # fmt: skip
        return share_id


@command
class RevokeShare:
    """Share a report no more: its page is removed."""

    share_id: str

    def apply(self, change: Change) -> None:
        change.get(Share, self.share_id)
        erasure.ask(change.home)
        change.delete(Share, self.share_id)


@command
class RemoveEndedShares:
    """Remove the pages whose links have ended."""

    def apply(self, change: Change) -> None:
        erasure.ask(change.home)
        change.cursor.execute("DELETE FROM shares WHERE ends <= ?", [now()])
