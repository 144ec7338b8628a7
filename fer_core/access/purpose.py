"""What faces are measured for: the purposes that can be stated, and what European law says of them.

Article 5(1)(f) of the AI Act, Regulation (EU) 2024/1689, forbids to infer emotions of people at
work and in education, except for medical or safety reasons. Such a purpose is declined here, unless
one of the two is named and the reason is written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from fer_core.errors import RaptError

NOT_STATED: Final = "not stated"
MOST_REASON: Final = 2000


class Purpose(StrEnum):
    """What somebody measures an audience for."""

    MEDIA = "media"
    PRODUCT = "product"
    EVENT = "event"
    MEDICAL = "medical"
    SAFETY = "safety"
    RESEARCH = "research"
    WORK = "work"

    @property
    def label(self) -> str:
        """As pages and papers call it."""
        return LABELS[self]


LABELS: Final = {
    Purpose.MEDIA: "Advertising or media research",
    Purpose.PRODUCT: "Product or game test",
    Purpose.EVENT: "Event or audience at a venue",
    Purpose.MEDICAL: "Medical",
    Purpose.SAFETY: "Safety",
    Purpose.RESEARCH: "Research or something else",
    Purpose.WORK: "Workplace or education",
}
#: The reasons for which Article 5(1)(f) allows what it else forbids.
EXCEPTIONS: Final = (Purpose.MEDICAL, Purpose.SAFETY)
FORBIDDEN: Final = (
    "Rapt is not used to infer emotions of people at work or in education: the AI Act, "
    "Article 5(1)(f), forbids it, in force since 2 February 2025. It excepts medical and safety "
    "reasons."
)


class Declined(RaptError):
    """A purpose that the law forbids, without one of its exceptions."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A purpose as somebody stated it. ``exception`` and ``reason`` belong to ``Purpose.WORK``."""

    purpose: Purpose
    exception: Purpose | None = None
    reason: str = ""
    at: str = ""  # UTC, ISO

    @property
    def label(self) -> str:
        """In one line, with the exception where there is one."""
        if self.exception is None:
            return self.purpose.label
        return f"{self.purpose.label}, for {self.exception.value} reasons"


def state(purpose: str, exception: str | None = None, reason: str = "") -> Stated:
    """A purpose stated now. Declined where the law forbids it; RaptError for an unknown one."""
    chosen, reason = _purpose(purpose), " ".join(reason.split())
    if chosen is not Purpose.WORK:
        exception, reason = None, ""
    elif exception not in EXCEPTIONS or not reason:
        raise Declined(
            FORBIDDEN, "If one of the two is yours, name it and write the reason down; it is kept."
        )
    if len(reason) > MOST_REASON:
        raise RaptError("The reason is too long.", f"Use at most {MOST_REASON} letters.")
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return Stated(chosen, Purpose(exception) if exception else None, reason, at)


def label_of(stated: Stated | None) -> str:
    """The purpose in one line; of an older study or session, that it is not stated."""
    return NOT_STATED if stated is None else stated.label


def _purpose(value: str) -> Purpose:
    if value not in list(Purpose):
        raise RaptError(f"There is no purpose {value!r}.", f"Choose {', '.join(Purpose)}.")
    return Purpose(value)
