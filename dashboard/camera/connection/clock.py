"""When a camera's picture was taken, on the browser's clock.

A picture carries the camera's time (RTP), and the browser's sender reports say which moment of
the browser's clock a camera time was. So neither a picture's way over the network nor the
difference between two machines' clocks counts.

Firefox hides the clock of its reports behind an origin of its own, and a browser may send
none: then answered pings tell, to half their round trip.
"""

from __future__ import annotations

import statistics
from collections import deque
from typing import Final

#: RTP counts video in 1/90 ms.
RTP_PER_MS: Final = 90
#: What a reading of two clocks may be wrong by, beyond half the round trip.
SLACK_MS: Final = 30.0
#: The usual time from the camera until a picture is decoded here; used where no report comes.
USUAL_DELAY_MS: Final = 90.0
_NTP_TO_UNIX_S: Final = 2_208_988_800


def since(rtp: int, origin: int) -> int:
    """RTP time since an origin, in 1/90 ms; the 32-bit counter may have wrapped in between."""
    return ((rtp - origin + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)


def ntp_ms(ntp: int) -> float:
    """An NTP timestamp of 64 bits, as milliseconds since 1970."""
    return ((ntp >> 32) - _NTP_TO_UNIX_S) * 1000 + (ntp & 0xFFFFFFFF) * 1000 / (1 << 32)


class BrowserClock:
    """Reads the browser's clock from here, by pings that it answers with its time."""

    def __init__(self) -> None:
        self._best: deque[tuple[float, float]] = deque(maxlen=60)  # round trip, shift

    def answered(self, sent_ms: float, browser_ms: float, back_ms: float) -> None:
        """A ping sent and answered at times of ours, and the browser's time in between."""
        if back_ms >= sent_ms:
            self._best.append((back_ms - sent_ms, browser_ms - (sent_ms + back_ms) / 2))

    @property
    def known(self) -> bool:
        return bool(self._best)

    @property
    def round_trip_ms(self) -> float:
        """The shortest round trip, in milliseconds."""
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
        round_trip = self._browser.round_trip_ms
        late = min(late for _, late in self._reports)
        shift = self._browser.at(late) - round_trip / 2
        return 0.0 if abs(shift) <= round_trip / 2 + SLACK_MS else shift
