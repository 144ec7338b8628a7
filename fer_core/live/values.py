"""A live session's settings, view and history: frozen values, safe to read in any thread."""

from __future__ import annotations

from dataclasses import dataclass, field

from fer_core.access.purpose import Stated
from fer_core.types import AnalysisSettings, Array


@dataclass(frozen=True, slots=True)
class LiveSpec:
    """What a live session is called and belongs to. ``source`` says where pictures come from."""

    name: str
    settings: AnalysisSettings = field(default_factory=AnalysisSettings)
    study: str | None = None
    stimulus: str | None = None
    condition: str | None = None
    respondent: str | None = None
    source: str = "camera"
    offset_ms: int = 0
    tags: tuple[str, ...] = ()
    notes: str | None = None
    purpose: Stated | None = None  # None: the study's, else not stated


@dataclass(frozen=True, slots=True)
class LiveCounts:
    """What became of a live session's pictures, and why the session ended."""

    offered: int = 0
    dropped: int = 0  # a newer picture came before their turn
    analysed: int = 0
    errors: int = 0
    last_error: str = ""
    ended: str = ""


@dataclass(frozen=True, slots=True)
class LiveFace:
    """One viewer in the newest picture. ``box`` is x, y, width, height in its pixels.

    Attention and engagement are provisional: what is a viewer's own open eye and usual gaze is
    settled when the session ends.
    """

    viewer: int
    box: tuple[float, float, float, float]
    score: float
    probabilities: tuple[float, ...]  # in the order of labels.EMOTIONS; empty: not read
    emotion: str | None
    confidence: float
    attention: float
    engagement: float
    valence: float
    usable: bool
    why_not: str
    eyes: str = ""  # closed or away, as far as is known now


@dataclass(frozen=True, slots=True)
class LiveView:
    """The newest result. Measures are smoothed over a second; NaN where nobody can be read."""

    session_id: str
    t_ms: int = 0  # of the newest analysed picture, on the session's clock
    width: int = 0  # of that picture; 0: none yet
    height: int = 0
    faces: tuple[LiveFace, ...] = ()
    people: int = 0
    attending: int = 0
    engagement: float = float("nan")
    attention: float = float("nan")
    valence: float = float("nan")
    rate: float = 0.0  # analysed pictures a second, over the last seconds
    delay_ms: float = float("nan")  # from capture to result, the median of the last seconds
    delay_p95_ms: float = float("nan")
    offered: int = 0
    analysed: int = 0
    dropped: int = 0  # a newer picture came before their turn
    errors: int = 0
    last_error: str = ""
    paused: bool = False
    ended: str = ""  # why the session is over; "" while it runs
    elapsed_ms: int = 0  # since the first picture, pauses included
    viewers: int = 0  # different people so far


@dataclass(frozen=True, slots=True)
class LiveHistory:
    """Curves at two points a second, oldest first. A drawn point never changes; NaN: unknown."""

    t_s: Array
    engagement: Array
    attention: Array
    valence: Array
    emotions: Array  # (n, 7) mean probabilities in the order of labels.EMOTIONS
    people: Array

    def __len__(self) -> int:
        return len(self.t_s)
