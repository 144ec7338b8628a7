"""Labels: what people said of single faces, of a data set or of a session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from fer_core.errors import StoreError
from fer_core.labels import EMOTIONS
from fer_core.storage.codec import TableRow
from fer_core.storage.commands import Change, command
from fer_core.storage.ids import check_id, new_id
from fer_core.storage.migrations import now
from fer_core.storage.reading import Queries


class Verdict(StrEnum):
    """A label's kind: it names an emotion, or says why none can be named."""

    EMOTION = "emotion"
    SKIP = "skip"
    NOT_A_FACE = "not_a_face"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class Label(TableRow):
    """One person's judgement of one face."""

    TABLE: ClassVar[str] = "labels"
    KEY: ClassVar[str] = "label_id"

    label_id: str
    item: str  # the face's name within its source
    source: str  # a data set, or "session"
    session_id: str | None
    frame: int | None
    viewer: int | None
    emotion: str | None
    verdict: Verdict
    labeller: str
    held_out: bool  # never to be trained on
    undone: bool
    created: datetime

    @property
    def said(self) -> str:
        """The emotion, or the verdict where there is none."""
        return self.emotion if self.emotion is not None else self.verdict


class Labels(Queries):
    """``store.labels``."""

    def list(
        self, *, source: str | None = None, session_id: str | None = None, limit: int = 100_000
    ) -> list[Label]:
        """Labels that stand, oldest first."""
        return self._all(
            Label,
            """
            SELECT * FROM labels
            WHERE NOT undone AND ($source IS NULL OR source = $source)
              AND ($session_id IS NULL OR session_id = $session_id)
            ORDER BY created, label_id LIMIT $limit
            """,
            source=source,
            session_id=session_id,
            limit=limit,
        )


@command
class AddLabel:
    """Keep one person's judgement of one face; returns its id, for ``UndoLabel``.

    Whoever gives the id may ask again where no answer came: it is kept once.
    """

    item: str
    source: str
    verdict: Verdict
    emotion: str | None = None
    labeller: str = "me"
    session_id: str | None = None
    frame: int | None = None
    viewer: int | None = None
    held_out: bool = False
    label_id: str | None = None

    def apply(self, change: Change) -> str:
        if (self.verdict is Verdict.EMOTION) != (self.emotion in EMOTIONS):
            raise StoreError(
                f"A label cannot be {self.verdict!s} with the emotion {self.emotion!r}.",
                f"Emotions are {', '.join(EMOTIONS)}.",
            )
        label_id = new_id("label") if self.label_id is None else check_id(self.label_id)
        if change.cursor.value("SELECT 1 FROM labels WHERE label_id = ?", [label_id]):
            return label_id
        change.insert(
            "labels", label_id=label_id, item=self.item, source=self.source,
            session_id=self.session_id, frame=self.frame, viewer=self.viewer,
            emotion=self.emotion, verdict=self.verdict, labeller=self.labeller,
            held_out=self.held_out, created=now(),
        )  # fmt: skip
        return label_id


@command
class UndoLabel:
    label_id: str

    def apply(self, change: Change) -> None:
        change.update(Label, self.label_id, undone=True)
