"""Presentation times in whole milliseconds, and which frames a lower rate keeps."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction

from fer_core.errors import SettingsError

#: A step back of up to this is jitter: the frame is moved just behind the one before it.
#: A longer one is a clock that started again, and later frames continue from here.
_JITTER_MS = 500
#: A step forward beyond this (and beyond the declared duration) is a damaged timestamp.
_LEAP_MS = 3_600_000


class Clock:
    """Times from the file's first frame, strictly increasing whatever the file says.

    A frame without a timestamp follows the one before it by one step of the nominal rate.
    """

    def __init__(self, fps: float, duration_ms: int = 0) -> None:
        self._step = max(1, round(1000 / fps)) if fps > 0 and math.isfinite(fps) else 40
        self._leap = max(_LEAP_MS, duration_ms)
        self._first: Fraction | None = None
        self._shift = 0
        self._last = -1
        self.repaired = 0

    def tick(self, pts: int | None, time_base: Fraction | None) -> int:
        """The next frame's time."""
        t = self._told(pts, time_base)
        if t is None:
            self.repaired += self._last >= 0
            t = self._last + self._step if self._last >= 0 else 0
        elif self._last >= 0 and t <= self._last:
            self.repaired += 1
            if self._last - t > _JITTER_MS:
                self._shift += self._last + self._step - t
                t = self._last + self._step
            else:
                t = self._last + 1
        elif self._last >= 0 and t - self._last > self._leap:
            self.repaired += 1
            self._shift += self._last + self._step - t
            t = self._last + self._step
        self._last = t
        return t

    def _told(self, pts: int | None, time_base: Fraction | None) -> int | None:
        if pts is None or not time_base:
            return None
        if self._first is None:
            self._first = pts * time_base
            if self._last >= 0:  # frames before this one had no time: they keep their steps
                self._first -= Fraction(self._last + self._step, 1000)
        # Exact, rounded to the nearest, half of one up; in whole numbers, as this is done every
        # frame and fractions are slow.
        (first, of), (unit, base) = self._first.as_integer_ratio(), time_base.as_integer_ratio()
        since, whole = 1000 * (pts * unit * of - first * base), base * of
        return (2 * since + whole) // (2 * whole) + self._shift


class Sampler:
    """Keeps the first frame at or after each due time k / fps.

    The choice depends on the frames' times alone, so it is the same wherever an
    analysis starts again. Times are rounded (to 1 ms here, and down to 1 ms by some
    containers): a frame up to 1 ms early still counts as due, or every third frame of
    a film at 30 a second would be lost at ``fps=30``.
    """

    def __init__(self, fps: float | None) -> None:
        if fps is not None and not (math.isfinite(fps) and fps > 0):
            raise SettingsError(
                f"{fps} frames a second cannot be sampled.", "Give a rate above 0, such as 10."
            )
        self._fps = None if fps is None else Fraction(fps).limit_denominator(100_000)
        self._due = 0

    def wants(self, t_ms: int) -> bool:
        """Whether the frame at this time is to be analysed. Ask once a frame, in order."""
        if self._fps is None:
            return True
        reached = math.floor((t_ms + 1) * self._fps / 1000)
        if t_ms > 0 and reached < self._due:
            return False
        self._due = reached + 1
        return True


class Steps:
    """The distances between frames: tells a hole in an even film from a film that varies.

    Needed where a container declares no number of frames. A phone that skips one frame is
    no loss of the file's; half a second without any, in a film that is otherwise even, is.
    """

    def __init__(self) -> None:
        self._steps: Counter[int] = Counter()

    def add(self, step_ms: int) -> None:
        """Count the distance of a frame from the one before."""
        # Above a minute the exact length says nothing more, and the table stays small.
        self._steps[min(step_ms, 60_000)] += 1

    def missing(self) -> int:
        """Frames that holes must have held; 0 where the film is not even enough to say."""
        total = sum(self._steps.values())
        if total < 20:
            return 0
        usual = self._steps.most_common(1)[0][0]
        slack = max(2.0, 0.1 * usual)
        even = sum(n for step, n in self._steps.items() if abs(step - usual) <= slack)
        if even < 0.9 * total:
            return 0
        mean = sum(s * n for s, n in self._steps.items() if abs(s - usual) <= slack) / even
        hole = max(500.0, 8 * mean)
        return sum(n * (round(s / mean) - 1) for s, n in self._steps.items() if s >= hole)
