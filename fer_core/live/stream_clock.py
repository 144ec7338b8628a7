"""The session's clock: the stream's own times, made to start at 0 and never to run back."""

from __future__ import annotations

from typing import Final

#: A step back of less than this, right behind the last picture, is a picture out of order;
#: everything else that steps back is a stream that began anew.
OUT_OF_ORDER_MS: Final = 1000
RIGHT_BEHIND_MS: Final = 300
#: A step forward of more than this must have taken about that long in the room as well.
LEAP_MS: Final = 10_000


class StreamClock:
    """Turns a stream's times to the session's. One thread at a time."""

    def __init__(self) -> None:
        self._shift: int | None = None
        self._last_ms = -1
        self._last_at = 0.0

    @property
    def begun(self) -> bool:
        """Whether a first picture has set the session's time 0."""
        return self._shift is not None

    def tick(self, t_ms: int, at: float) -> int | None:
        """The session's time of a picture that came ``at`` (monotonic seconds); None: a
        picture out of order, to be left out."""
        if self._shift is None:
            self._shift, self._last_ms, self._last_at = -t_ms, 0, at
            return 0
        now = t_ms + self._shift
        step, waited = now - self._last_ms, (at - self._last_at) * 1000
        if -OUT_OF_ORDER_MS < step <= 0 and waited < RIGHT_BEHIND_MS:
            return None
        if step <= 0 or step > LEAP_MS + 2 * waited:
            # the camera was plugged in again, or its clock was set
            now = self._last_ms + max(1, round(waited))
            self._shift = now - t_ms
        self._last_ms, self._last_at = now, at
        return now

    def now(self, at: float) -> int:
        """The session's time at a moment in the room; 0 before the first picture."""
        if self._shift is None:
            return 0
        return self._last_ms + max(0, round((at - self._last_at) * 1000))
