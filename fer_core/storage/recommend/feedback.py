"""Feedback: what was recommended to whom, and what they did with it.

A list belongs to a session or to an anonymous visitor, never to a name. No picture is kept; of
the face only the three numbers that the list was made from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from fer_core.errors import StoreError
from fer_core.storage.codec import TableRow
from fer_core.storage.commands import Change, command
from fer_core.storage.ids import check_id, new_id
from fer_core.storage.migrations import now
from fer_core.storage.reading import Queries
from fer_core.storage.sessions.rows import Session


class Action(StrEnum):
    """What happened to an item of a list."""

    SHOWN = "shown"
    OPENED = "opened"
    LIKED = "liked"
    DISLIKED = "disliked"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Feedback(TableRow):
    """One thing that happened to one item of a list. valence is -1 to 1; energy and tension,
    0 to 1, are those of the look that the list was made for."""

    TABLE: ClassVar[str] = "feedback"
    KEY: ClassVar[str] = "feedback_id"

    feedback_id: str
    list_id: str
    item_id: str
    action: Action
    session_id: str | None
    visitor: str | None
    policy: str
    valence: float
    energy: float
    tension: float
    created: datetime


class FeedbackGiven(Queries):
    """``store.feedback``."""

    def list(
        self, *, session_id: str | None = None, visitor: str | None = None, limit: int = 10_000
    ) -> list[Feedback]:
        """The newest of everybody, or of one session or visitor; oldest first."""
        return self._all(
            Feedback,
            """
            SELECT * FROM (
                SELECT * FROM feedback
                WHERE ($session_id IS NULL OR session_id = $session_id)
                  AND ($visitor IS NULL OR visitor = $visitor)
                ORDER BY feedback_id DESC LIMIT $limit)
            ORDER BY feedback_id
            """,
            session_id=session_id,
            visitor=visitor,
            limit=limit,
        )


@command
class ShowItems:
    """Keep what a list showed; returns the list's id. Give a session or a visitor."""

    item_ids: tuple[str, ...]
    policy: str
    valence: float
    energy: float
    tension: float
    session_id: str | None = None
    visitor: str | None = None

    def apply(self, change: Change) -> str:
        if (self.session_id is None) == (self.visitor is None):
            raise StoreError("A list belongs to a session or to a visitor: give one of the two.")
        if self.session_id is not None:
            change.get(Session, self.session_id)
        if self.visitor is not None:
            check_id(self.visitor)
        list_id = new_id("item_list")
        for item_id in self.item_ids:
            change.insert(
                "feedback", feedback_id=new_id("feedback"), list_id=list_id, item_id=item_id,
                action=Action.SHOWN, session_id=self.session_id, visitor=self.visitor,
                policy=self.policy, valence=self.valence, energy=self.energy,
                tension=self.tension, created=now(),
            )  # fmt: skip
        return list_id


@command
class GiveFeedback:
    """Keep what somebody did with an item of a list; the last one of an item counts."""

    list_id: str
    item_id: str
    action: Action

    def apply(self, change: Change) -> None:
        found = change.cursor.value(
            "SELECT feedback_id FROM feedback WHERE list_id = ? AND item_id = ? AND action = ?",
            [self.list_id, self.item_id, Action.SHOWN],
        )
        if found is None:
            raise StoreError(
                f"{self.item_id!r} was not shown in this list.", "The feedback may be deleted."
            )
        shown = change.get(Feedback, found)
        change.insert(
            "feedback", feedback_id=new_id("feedback"), list_id=self.list_id,
            item_id=self.item_id, action=self.action, session_id=shown.session_id,
            visitor=shown.visitor, policy=shown.policy, valence=shown.valence,
            energy=shown.energy, tension=shown.tension, created=now(),
        )  # fmt: skip


@command
class TakeBackFeedback:
    """Delete what somebody did with an item of a list; that it was shown stays."""

    list_id: str
    item_id: str

    def apply(self, change: Change) -> None:
        change.cursor.execute(
            "DELETE FROM feedback WHERE list_id = ? AND item_id = ? AND action <> ?",
            [self.list_id, self.item_id, Action.SHOWN],
        )


@command
class DeleteFeedback:
    """Delete all that a session's or a visitor's lists left; what was learned from it goes too."""

    session_id: str | None = None
    visitor: str | None = None

    def apply(self, change: Change) -> None:
        if (self.session_id is None) == (self.visitor is None):
            raise StoreError("Say whose feedback: a session's or a visitor's.")
        change.cursor.execute(
            "DELETE FROM feedback WHERE session_id = $s OR visitor = $v",
            {"s": self.session_id, "v": self.visitor},
        )
