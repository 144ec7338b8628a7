"""What the session page needs besides its numbers: the row, its job, and words for gaps."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from dashboard.shared import jobs as work
from fer_core.storage import Store
from fer_core.storage.sessions import Session
from fer_core.types import SessionStatus

#: The codes in ``why_not`` and in quality spans, as a person reads them.
REASONS: Final = {
    "no face": "no face in the picture",
    "no frames": "no picture in the file",
    "small": "the face is too small",
    "cut": "the face is cut by the edge",
    "turned": "the face is turned away",
    "dark": "the face is too dark",
    "bright": "the face is too bright",
    "blurred": "the face is blurred",
    "unusable": "the face could not be read",
}


@dataclass(frozen=True)
class SessionPage:
    session_id: str
    session: Session
    job: work.Job | None

    @property
    def name(self) -> str:
        return self.session.name

    @property
    def analysing(self) -> bool:
        return self.session.status is SessionStatus.RUNNING

    @property
    def under_way(self) -> bool:
        """Whether it is analysed, or waits for its turn."""
        return self.analysing or (self.job is not None and self.job.active)

    @property
    def cut_short(self) -> bool:
        """Whether its analysis ended early; live sessions cannot go on."""
        ended = self.session.status.resumable and not self.under_way
        return ended and self.session.kind != "live"

    @property
    def stamp(self) -> str:
        """Changes when the session does; every few seconds while it is analysed."""
        if self.analysing:
            return f"running {int(time.monotonic() / 3)}"
        return str(self.session.updated)

    @property
    def why_empty(self) -> str:
        """Why there is nothing to draw, and what to do."""
        if self.analysing:
            return "The first seconds appear here as soon as they are analysed."
        if self.session.status.resumable:
            return (
                "The analysis ended before any second was read. Resume it, or delete the session."
            )
        return (
            "No face could be read in this recording. Faces need to be at least 40 pixels wide, "
            "lit from the front and turned to the camera."
        )


def load(store: Store, session_id: str) -> SessionPage | None:
    """The session, or None where there is none."""
    if not store.sessions.exists(session_id):
        return None
    return SessionPage(session_id, store.sessions.get(session_id), work.job_of(store, session_id))


def reason(code: str) -> str:
    return REASONS.get(code, code)
