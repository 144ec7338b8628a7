"""What the live page shows of its session, in the form that travels as JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fer_core.live import LiveHistory


@dataclass(frozen=True, slots=True)
class Mark:
    """A marker or a note; ``t`` in milliseconds of the session."""

    t: int
    name: str
    note: bool


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A drawn point of the curves; it never changes. None: nobody can be read."""

    t: int
    engagement: float | None
    attention: float | None  # percent
    valence: float | None
    p: list[float] | None  # the mean expression, in the order of labels.EMOTIONS


@dataclass(frozen=True, slots=True)
class Done:
    """A session that is written."""

    session: str
    name: str
    length: int  # ms
    viewers: int
    frames: int
    markers: int


@dataclass(frozen=True, slots=True)
class RunView:
    """This moment's numbers, and the curve's points since the last one. None: not known."""

    state: str  # running, paused or ended
    t: int  # ms since the first picture
    frames: int
    people: int
    attending: int
    viewers: int
    engagement: float | None
    attention: float | None
    valence: float | None
    fps: float | None
    delay: float | None  # ms
    dropped: int
    errors: int
    size: tuple[int, int]
    markers: tuple[Mark, ...]
    curve: tuple[CurvePoint, ...]
    said: str  # the sentence over the numbers
    words: str
    hint: str
    done: Done | None = None


def curve_of(history: LiveHistory, since_ms: int) -> tuple[CurvePoint, ...]:
    """The points after a time."""
    times = np.rint(1000 * history.t_s).astype(int)
    return tuple(
        CurvePoint(
            int(times[i]),
            known(history.engagement[i]),
            known(100 * history.attention[i]),
            known(history.valence[i], 2),
            None
            if np.isnan(history.emotions[i]).any()
            else [round(float(p), 3) for p in history.emotions[i]],
        )
        for i in np.flatnonzero(times > since_ms)
    )


def middle(values: Sequence[int]) -> int:
    """The upper median; 0 of nothing."""
    return sorted(values)[len(values) // 2] if values else 0


def known(value: float, digits: int = 1) -> float | None:
    """JSON knows no NaN."""
    return None if math.isnan(value) else round(float(value), digits)
