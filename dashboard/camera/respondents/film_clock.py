"""Which moment of the film a camera's picture belongs to.

The page reports which moment of the film was shown at which moment of the browser's clock;
``connection/clock.py`` says when on that clock a picture was taken. Together they place a
picture on its film, whatever its way over the network took.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Final

#: A film that has not been reported for so long is not known to be playing.
UNHEARD_MS: Final = 1500.0


@dataclass(frozen=True, slots=True)
class Shown:
    """A report of the page: which moment of the film it showed, when on the browser's clock."""

    at_ms: float
    film_ms: float
    playing: bool


class FilmClock:
    """From the browser's clock to the film's. Reports come in order."""

    def __init__(self) -> None:
        self._shown: deque[Shown] = deque(maxlen=64)
        self.began_ms: float | None = None  # where the film's 0 lay when it first played

    def reported(self, shown: Shown) -> None:
        if self._shown and shown.at_ms < self._shown[-1].at_ms:
            # a pause is reported before the frame that was due next on the screen
            shown = replace(shown, at_ms=self._shown[-1].at_ms)
        if shown.playing and self.began_ms is None:
            self.began_ms = shown.at_ms - shown.film_ms
        self._shown.append(shown)

    @property
    def playing(self) -> bool:
        return bool(self._shown) and self._shown[-1].playing

    def at(self, browser_ms: float) -> float | None:
        """The film's time that was on the screen; None where it did not play or is not known."""
        before = after = None
        for shown in reversed(self._shown):
            if shown.at_ms <= browser_ms:
                before = shown
                break
            after = shown
        if before is None:
            # the picture was taken after the film began and before its first report
            if after is None or not after.playing or self.began_ms is None:
                return None
            film = after.film_ms - (after.at_ms - browser_ms)
            return film if film >= 0 else None
        passed = browser_ms - before.at_ms
        if not before.playing or passed > UNHEARD_MS:
            return None
        film = before.film_ms + passed
        # never past the next report: the film waited for data in between
        return film if after is None else min(film, after.film_ms)


class SessionClock:
    """The session's time: it runs before the film, then with the film alone.

    A film that waits or is paused does not run, nor does the session: every second of the
    session is a second of the film, moved by ``offset_ms``.
    """

    def __init__(self, film: FilmClock) -> None:
        self._film = film
        self._zero: float | None = None
        self._last = -1
        self.offset_ms: int | None = None

    def tick(self, browser_ms: float) -> int | None:
        """The session's time of a picture; None: it belongs to no moment of it."""
        if self._zero is None:
            self._zero = browser_ms
        if self.offset_ms is None and self._film.began_ms is not None:
            self.offset_ms = max(0, round(self._film.began_ms - self._zero))
        if self.offset_ms is None or browser_ms < self._zero + self.offset_ms:
            now = round(browser_ms - self._zero)
        else:
            film = self._film.at(browser_ms)
            if film is None:
                return None
            now = self.offset_ms + round(film)
        if now <= self._last:
            return None
        self._last = now
        return now
