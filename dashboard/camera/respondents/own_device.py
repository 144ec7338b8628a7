"""Numbers of one respondent whose face is read on their own device: signed, once each, bounded.

Batches are numbered from 0 and taken in order. What was taken is on the disk before it is
acknowledged, and taken once: a batch that comes again is acknowledged again and changes nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
import time
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np

from dashboard.camera.respondents.film_clock import FilmClock, SessionClock, Shown
from dashboard.camera.respondents.refusals import RespondentRefused
from fer_core.files import parse_json
from fer_core.live.numbers import DeviceFaces, ImplausibleNumbers, NumbersSession, device_faces
from fer_core.storage.course import MOST_RATINGS

#: What a batch may hold: five seconds of pictures and of the film's reports, and room.
MOST_FRAMES: Final = 400
MOST_REPORTS: Final = 200
LONGEST_DATA: Final = 400_000
#: A device's clock may run ahead of ours by so much, over a whole visit.
AHEAD_MS: Final = 10_000.0
#: No camera gives more pictures a second, on average over a visit.
MOST_HZ: Final = 62.0
SMALLEST_SIDE, LARGEST_SIDE = 16, 8192
#: A slider says 0 to 100, keys -1 to 1.
LOWEST_RATING, HIGHEST_RATING = -1, 100

WRONG: Final = RespondentRefused(
    "These numbers cannot be right.", "Reload the page to begin again.", 422
)
REPEATS: Final = "The device sent the same numbers again and again: this may be no live camera."


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch as it was sent: frames with the browser's time in ms, and what the film showed."""

    width: int
    height: int
    times: tuple[float, ...]  # a frame each
    faces: DeviceFaces
    film: tuple[Shown, ...]
    told: tuple[tuple[float, float], ...]  # of a slider or keys: the film's ms, the value


def read_batch(text: str) -> Batch:
    """A batch from its JSON; RespondentRefused where its numbers cannot be right."""
    try:
        value = parse_json(text)
        width, height = (int(one) for one in value["size"])
        frames, film, told = list(value["frames"]), list(value["film"]), value.get("told", [])
        if min(width, height) < SMALLEST_SIDE or max(width, height) > LARGEST_SIDE:
            raise ImplausibleNumbers("No camera has such pictures.")
        if len(frames) > MOST_FRAMES or max(len(film), len(told)) > MOST_REPORTS:
            raise ImplausibleNumbers("This is too much for a batch.")
        shown = tuple(Shown(_time(at), _time(t), playing is True) for at, t, playing in film)
        ratings = tuple((_time(t), _rating(v)) for t, v in told)
        times = tuple(_time(at) for at, _ in frames)
        faces = device_faces([face for _, face in frames], width, height)
    except (ImplausibleNumbers, ArithmeticError, ValueError, TypeError, LookupError,
            AttributeError) as error:  # fmt: skip
        raise WRONG from error
    if any(later <= earlier for earlier, later in pairwise(times)):
        raise WRONG
    return Batch(width, height, times, faces, shown, ratings)


def _time(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ImplausibleNumbers("A time is none.")
    return float(value)


def _rating(value: Any) -> float:
    told = _time(value)
    if not LOWEST_RATING <= told <= HIGHEST_RATING:
        raise ImplausibleNumbers("No slider says this.")
    return told


@dataclass
class OwnDevice:
    """What one recording's device has sent. One call at a time."""

    film: FilmClock
    session: NumbersSession
    length_ms: float | None  # the film's
    secret: str
    next: int = 0  # the number of the batch that is wanted; a course's films go on counting
    told: list[tuple[float, float]] = field(default_factory=list)  # film's ms, value
    marked: bool = False
    _first_ms: float | None = None
    _last_ms: float = -math.inf
    _frames: int = 0
    _aligned: bool = False
    _began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.clock = SessionClock(self.film)

    def take(self, n: int, text: str, signature: str) -> int:
        """Take a batch; the number of the one that is wanted next."""
        wanted = sign(self.secret, n, text)
        if not hmac.compare_digest(wanted.encode(), signature.encode()):
            raise RespondentRefused("This was not signed by its visit.", "Reload the page.", 403)
        if n != self.next:
            return self.next  # taken before; or the one before it is still to come
        batch = read_batch(text)
        self._plausible(batch)
        self._keep(batch)
        self.next += 1
        return self.next

    def _plausible(self, batch: Batch) -> None:
        """More time than has passed, more pictures than a camera gives, a film past its end."""
        passed = 1000 * (time.monotonic() - self._began) + AHEAD_MS
        moments = [one.film_ms for one in batch.film] + [t for t, _ in batch.told]
        if any(not 0 <= t <= (self.length_ms or math.inf) + AHEAD_MS for t in moments):
            raise WRONG
        if not batch.times:
            return
        begins, ends = batch.times[0], batch.times[-1]
        first = begins if self._first_ms is None else self._first_ms
        most = (passed / 1000) * MOST_HZ
        if begins <= self._last_ms or ends - first > passed:
            raise WRONG
        if self._frames + len(batch.times) > most:
            raise WRONG

    def _keep(self, batch: Batch) -> None:
        for shown in batch.film:
            self.film.reported(shown)
        ticks = [self.clock.tick(at) for at in batch.times]
        placed = [t_ms for t_ms in ticks if t_ms is not None]
        known = np.array([t_ms is not None for t_ms in ticks], np.bool_)
        if self.clock.offset_ms is not None and not self._aligned:
            self._aligned = True
            self.session.align(self.clock.offset_ms)  # first: a new session is written with it
        self.session.add(placed, batch.faces.only(known), batch.width, batch.height)
        self.told += batch.told[: MOST_RATINGS - len(self.told)]
        if batch.times:
            self._first_ms = batch.times[0] if self._first_ms is None else self._first_ms
            self._last_ms = batch.times[-1]
            self._frames += len(batch.times)
        if self.session.repeats and not self.marked:
            self.marked = True
            self.session.note(REPEATS, placed[-1] if placed else 0)


def new_secret() -> str:
    """What a visit's batches are signed with: told once, to the page that began it."""
    return secrets.token_hex(32)


def sign(secret: str, n: int, text: str) -> str:
    """The signature of batch ``n``, in hexadecimal digits."""
    return hmac.new(secret.encode(), f"{n}.{text}".encode(), hashlib.sha256).hexdigest()
