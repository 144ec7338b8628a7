"""One respondent who is here now: their link, their place in the study, their recording."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path

from dashboard.camera.connection.peer import Peer
from dashboard.camera.respondents.film_clock import FilmClock, SessionClock
from fer_core.live import Engines, LiveSession
from fer_core.storage.respondents import Link, Place
from fer_core.types import AnalysisSettings


@dataclass
class Visit:
    """One respondent. ``step`` goes check, film, over."""

    key: str
    link: Link
    place: Place
    film_path: Path
    engines: Engines
    step: str = "check"
    address: str = ""  # whom it came from
    placed: bool = False  # it takes one of the link's places, and one on this server
    peer: Peer | None = None
    live: LiveSession | None = None
    film: FilmClock = field(default_factory=FilmClock)
    clock: SessionClock | None = None
    aligned: bool = False
    method: str = ""
    round_trip_ms: float = 0.0
    begun: float = field(default_factory=time.monotonic)
    heard: float = field(default_factory=time.monotonic)
    checked: float = 0.0
    checking: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)  # start and end, one at a time

    @property
    def settings(self) -> AnalysisSettings:
        return AnalysisSettings(keep_faces=self.link.keep_faces)
