"""What the store knows of one session, and of all of them at a glance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from fer_core.files import JsonObject
from fer_core.storage.codec import Row, TableRow
from fer_core.types import InfoJson, SessionStatus, SettingsJson

#: The model of sessions that were made up, not analysed.
SIMULATED_BY: Final = "simulated"


@dataclass(frozen=True, slots=True)
class Session(TableRow):
    """One session. Times of day are UTC without a zone; None: not known (yet)."""

    TABLE: ClassVar[str] = "sessions"
    KEY: ClassVar[str] = "session_id"

    session_id: str
    name: str
    kind: str  # file, live or demo
    path: str | None
    digest: str | None  # of the file
    created: datetime
    status: SessionStatus
    error: str | None
    study_id: str | None
    stimulus_id: str | None
    condition: str | None
    offset_ms: int  # where in the recording the stimulus begins
    respondent: str | None
    tags: tuple[str, ...]
    notes: str | None
    model: str | None
    settings: SettingsJson
    versions: dict[str, str]  # of model, measures, program
    info: InfoJson
    summary: JsonObject  # what the analysis reported
    extra: JsonObject  # what else session.json holds
    duration_s: float | None
    frames: int | None
    frames_lost: int | None
    lost_note: str | None
    faces: int | None
    viewers: int | None
    quality: float | None  # share of the time with a usable face, 0 to 1
    fps: float | None
    width: int | None  # pixels
    height: int | None
    engagement: float | None  # 0 to 100, mean over the audience's seconds
    attention: float | None  # 0 to 1
    valence: float | None  # -1 to 1
    included: bool | None  # by hand; None: the study's rule decides
    included_reason: str | None
    source_ns: int  # when the session.json that this follows was written
    updated: datetime
    study: str | None = None  # the study's name
    stimulus: str | None = None  # the stimulus' title


@dataclass(frozen=True, slots=True)
class Overview(Row):
    """The store at a glance."""

    sessions: int
    done: int
    running: int
    viewers: int
    hours: float  # of recordings
    engagement: float | None  # 0 to 100, by length
    frames: int
    faces: int
