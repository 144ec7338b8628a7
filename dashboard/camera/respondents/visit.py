"""One respondent who is here now: their link, their place in the study, their recording."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.camera.respondents.film_clock import FilmClock, SessionClock
from dashboard.camera.respondents.own_device import OwnDevice
from fer_core.course.course import StepKind, Unit
from fer_core.live import Engines, LiveSession
from fer_core.live.numbers import NumbersSession
from fer_core.storage.links import Link
from fer_core.storage.respondents import Place
from fer_core.types import AnalysisSettings

if TYPE_CHECKING:
    from dashboard.camera.connection.peer import Peer


@dataclass
class Visit:
    """One respondent. ``step`` goes check, film, over; with a course, check and film in turn."""

    key: str
    link: Link
    place: Place
    film_path: Path
    engines: Engines | None  # None: no picture of theirs has come here
    step: str = "check"
    address: str = ""  # whom it came from
    placed: bool = False  # it takes one of the link's places, and one on this server
    peer: Peer | None = None
    live: LiveSession | NumbersSession | None = None
    secret: str = ""  # what the numbers of their own device are signed with
    own_reads: bool = False  # it was chosen that their own device does
    own: OwnDevice | None = None  # their face is read on their own device
    batches: int = 0  # how many the recordings before this one took from it
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
    #: Of a course: its screens in this respondent's order, the one that is next, its language.
    screens: list[Unit] = field(default_factory=list)
    at: int = 0
    language: str = "en"
    paths: dict[str, Path] = field(default_factory=dict)  # the files of its stimuli
    told: list[tuple[float, float]] = field(default_factory=list)  # film's ms, value

    @property
    def screen(self) -> Unit | None:
        """The screen of the course that is next; None without a course and after its end."""
        return self.screens[self.at] if self.at < len(self.screens) else None

    @property
    def film_now(self) -> Path:
        """The film's file that may be seen now."""
        film = self.screen.film if self.screen else None
        return self.paths[film.stimulus_id] if film else self.film_path

    @property
    def films_to_come(self) -> bool:
        """Whether a camera is needed at this screen of the course, or later."""
        return any(one.kind is StepKind.FILMS for one in self.screens[self.at :])

    def next_recording(self) -> None:
        """Forget the film that was shown: the next one has a clock and a session of its own."""
        if self.own is not None:
            self.batches = self.own.next
            self.own = None
        self.live, self.clock, self.film = None, None, FilmClock()
        self.aligned, self.told = False, []

    async def hang_up(self) -> None:
        """Close the camera's connection, if there is one."""
        peer, self.peer = self.peer, None
        if peer is not None:
            await peer.close()

    async def close(self) -> None:
        """Nothing more is asked of this visit: from now on it is over."""
        self.step, self.heard = "over", time.monotonic()
        await self.hang_up()

    @property
    def settings(self) -> AnalysisSettings:
        return AnalysisSettings(keep_faces=self.link.keep_faces)
