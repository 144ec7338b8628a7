"""Links for respondents: what they show, what is agreed to, how long they hold."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from fer_core.course.course import Course
from fer_core.errors import StoreError
from fer_core.storage.codec import Row, TableRow, to_json
from fer_core.storage.commands import Change, command
from fer_core.storage.ids import new_id
from fer_core.storage.migrations import now
from fer_core.storage.studies import Stimulus, Study

MOST_TEXT: Final = 20_000


@dataclass(frozen=True, slots=True)
class Arm(Row):
    """One of the films that a link shows, and the condition that its viewers belong to."""

    stimulus_id: str
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Link(TableRow):
    """One link; times of day are UTC without a zone."""

    TABLE: ClassVar[str] = "links"
    KEY: ClassVar[str] = "link_id"

    link_id: str
    token: str  # the secret in the respondent's address
    study_id: str
    title: str
    consent: str
    arms: tuple[Arm, ...]
    keep_faces: bool
    most_uses: int | None
    ends: datetime | None
    revoked: datetime | None
    created: datetime
    consent_version: int = 1  # one more with every other text
    course: Course | None = None  # as it was when the link was made; None: one film alone
    taken: tuple[int, ...] = ()  # respondents that count, an arm each

    @property
    def uses(self) -> int:
        """How many respondents count."""
        return sum(self.taken)

    @property
    def closed(self) -> str:
        """``revoked``, ``expired`` or ``used up``; "" while the link holds."""
        if self.revoked is not None:
            return "revoked"
        if self.ends is not None and self.ends <= now():
            return "expired"
        if self.most_uses is not None and self.uses >= self.most_uses:
            return "used up"
        return ""


@command
class AddLink:
    """Make a link with one or more arms; returns its id. ``ends`` is ISO text, in UTC."""

    study_id: str
    title: str
    consent: str
    arms: tuple[Arm, ...]
    keep_faces: bool = False
    most_uses: int | None = None
    ends: str | None = None
    course: Course | None = None

    def apply(self, change: Change) -> str:
        change.get(Study, self.study_id)
        if not self.arms:
            raise StoreError("A link needs a film to show.", "Choose a stimulus.")
        for arm in self.arms:
            if change.get(Stimulus, arm.stimulus_id).study_id != self.study_id:
                raise StoreError(
                    "This stimulus belongs to another study.", "Choose one of this study."
                )
        link_id = new_id("link")
        change.insert(
            "links", link_id=link_id, token=secrets.token_hex(24), study_id=self.study_id,
            **_texts(self.title, self.consent), arms=self.arms, keep_faces=self.keep_faces,
            most_uses=_uses(self.most_uses), ends=_moment(self.ends), created=now(),
            course=None if self.course is None else to_json(self.course),
        )  # fmt: skip
        return link_id


@command
class UpdateLink:
    """Change what the next respondents read and how long the link holds."""

    link_id: str
    title: str
    consent: str
    most_uses: int | None = None
    ends: str | None = None

    def apply(self, change: Change) -> None:
        before, texts = change.get(Link, self.link_id), _texts(self.title, self.consent)
        change.update(
            Link,
            self.link_id,
            **texts,
            consent_version=before.consent_version + (texts["consent"] != before.consent),
            most_uses=_uses(self.most_uses),
            ends=_moment(self.ends),
        )


@command
class RevokeLink:
    """Close a link for whoever comes now, or open it again; recordings stay."""

    link_id: str
    revoked: bool = True

    def apply(self, change: Change) -> None:
        change.update(Link, self.link_id, revoked=now() if self.revoked else None)


def _texts(title: str, consent: str) -> dict[str, str]:
    title, consent = title.strip(), consent.strip()
    if not title or not consent:
        raise StoreError("A link needs a title and a text of consent.", "Both are shown first.")
    if len(title) > 200 or len(consent) > MOST_TEXT:
        raise StoreError("The title or the text of consent is too long.", "Shorten it.")
    return {"title": title, "consent": consent}


def _uses(most: int | None) -> int | None:
    if most is not None and most < 1:
        raise StoreError(f"A link cannot hold for {most} respondents.", "Give 1 or more, or none.")
    return most


def _moment(text: str | None) -> datetime | None:
    """A time in UTC from ISO text."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError as error:
        raise StoreError(f"{text!r} is not a date.", "Write 2027-01-31.") from error
