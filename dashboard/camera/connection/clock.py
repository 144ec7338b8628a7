"""Which moment of the film a camera's picture belongs to.

Three clocks meet. A picture carries the camera's time (RTP). The browser's sender reports
say which moment of the browser's clock a camera time was. The page reports which moment of
the film was shown at which moment of the browser's clock. So no picture's way over the net,
and no difference between two machines' clocks, moves a curve against its film.

Firefox hides the clock of its reports behind an origin of its own, and a browser may send
none: then answered pings tell, to half the way there and back.
"""

from __future__ import annotations

import statistics
from collections import deque
from dataclasses import dataclass, replace
from typing import Final

#: RTP counts video in 1/90 ms.
RTP_PER_MS: Final = 90
#: Beyond half the way there and back, what a reading of two clocks may be wrong by.
SLACK_MS: Final = 30.0
#: What a picture usually takes from the camera until it is decoded here, where no report tells.
USUAL_DELAY_MS: Final = 90.0
#: A film that has not been reported for so long is not known to be playing.
UNHEARD_MS: Final = 1500.0
_NTP_TO_UNIX_S: Final = 2_208_988_800


def since(rtp: int, origin: int) -> int:
    """RTP time from an origin, over the counter's wrap."""
    return ((rtp - origin + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)


def ntp_ms(ntp: int) -> float:
    """A report's 64 bits as milliseconds since 1970."""
    return ((ntp >> 32) - _NTP_TO_UNIX_S) * 1000 + (ntp & 0xFFFFFFFF) * 1000 / (1 << 32)


class BrowserClock:
    """The browser's clock read from here, by pings that it answers."""

    def __init__(self) -> None:
        self._best: deque[tuple[float, float]] = deque(maxlen=60)  # way there and back, shift

    def answered(self, sent_ms: float, browser_ms: float, back_ms: float) -> None:
        """A ping sent and answered at times of ours, and the browser's time in between."""
        if back_ms >= sent_ms:
            self._best.append((back_ms - sent_ms, browser_ms - (sent_ms + back_ms) / 2))

    @property
    def known(self) -> bool:
        return bool(self._best)

    @property
    def way_ms(self) -> float:
        """There and back, at its best."""
        return min(self._best)[0]

    def at(self, ours_ms: float) -> float:
        """What the browser's clock showed at a moment of ours."""
        return ours_ms + min(self._best)[1]


class CameraClock:
    """From a picture's RTP time to the browser's clock."""

    def __init__(self, browser: BrowserClock) -> None:
        self._browser = browser
        self._origin: int | None = None
        self._reports: deque[tuple[float, float]] = deque(maxlen=16)  # NTP - RTP; heard - NTP
        self._arrivals: deque[float] = deque(maxlen=300)

    def reported(self, rtp: int, ntp: int, heard_ms: float) -> None:
        """A sender report: this RTP time was that moment of the browser's NTP clock."""
        if self._origin is None:
            self._origin = rtp
        sent = ntp_ms(ntp)
        self._reports.append((sent - since(rtp, self._origin) / RTP_PER_MS, heard_ms - sent))

    @property
    def method(self) -> str:
        """How pictures are placed: ``reports``, ``shifted reports``, ``arrival``; "" not yet."""
        if self._reports and self._browser.known:
            return "shifted reports" if self._shift() else "reports"
        return "arrival" if self._browser.known else ""

    def place(self, rtp: int, heard_ms: float) -> float | None:
        """When a picture was taken, on the browser's clock; None while that is not known."""
        if not self._browser.known:
            return None
        if self._origin is None:
            self._origin = rtp
        ran = since(rtp, self._origin) / RTP_PER_MS
        self._arrivals.append(self._browser.at(heard_ms) - ran)
        if self._reports:
            return ran + statistics.median(one for one, _ in self._reports) + self._shift()
        return ran + min(self._arrivals) - USUAL_DELAY_MS

    def _shift(self) -> float:
        """From the reports' clock to the page's: none, unless they plainly differ."""
        way = self._browser.way_ms
        late = min(late for _, late in self._reports)
        shift = self._browser.at(late) - way / 2
        return 0.0 if abs(shift) <= way / 2 + SLACK_MS else shift


@dataclass(frozen=True, slots=True)
class Shown:
    """The page's word: this moment of the film, at this moment of the browser's clock."""

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
            # a pause comes before the next picture was to be on the screen
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
            # a picture from between the film's first moment and the first report of it
            if after is None or not after.playing or self.began_ms is None:
                return None
            film = after.film_ms - (after.at_ms - browser_ms)
            return film if film >= 0 else None
        passed = browser_ms - before.at_ms
        if not before.playing or passed > UNHEARD_MS:
            return None
        film = before.film_ms + passed
        # never past what was reported next: it waited for data in between
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
