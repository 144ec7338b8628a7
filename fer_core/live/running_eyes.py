"""Who has the eyes closed or away at this moment: a provisional estimate of a live session.

A viewer's own open eye and usual gaze are known when all of her readings are. Until then they
are taken from the last half minute, by the same rules (``fer_core.calibration``), and attention
and engagement follow. What is stored is worked out anew when the session ends.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

import numpy as np

from fer_core.calibration.gaze import read_gaze
from fer_core.calibration.lids import read_lids
from fer_core.calibration.lowered import read_lowered
from fer_core.calibration.movements import read_smile
from fer_core.measures import IRIS, LIDS, SIGNS
from fer_core.types import Float, FrameResult, Measures

#: Readings that count, in milliseconds: enough blinks to know a viewer's shut eye.
WINDOW_MS: Final = 30_000
#: So many readings, five seconds, before a look aside can be told from the usual one.
USUAL: Final = 80
#: A viewer whose eyes were not read for so long is judged by the head alone.
STALE_MS: Final = 500


class _Reading(NamedTuple):
    t_ms: int
    values: Float  # (11,) in the order of measures.READINGS
    pose: Float  # (3,) yaw, pitch, roll


@dataclass(slots=True)
class _Viewer:
    readings: deque[_Reading] = field(default_factory=deque)
    closed: float = 0.0  # 1 or 0, NaN where it cannot be told
    away: bool = False
    t_ms: int = 0  # of the newest reading


class RunningEyes:
    """One live session's viewers. It belongs to one thread."""

    def __init__(self) -> None:
        self._viewers: dict[int, _Viewer] = {}

    def take(self, result: FrameResult) -> FrameResult:
        """The frame with attention and engagement as far as they are known now.

        ``eyes_closed`` and ``eyes_away`` are among its measures: 0 or 1, NaN where the eyes
        could not be read lately.
        """
        n = len(result)
        closed, away = np.full(n, np.nan, np.float32), np.full(n, np.nan, np.float32)
        for row, number in enumerate(result.viewer.tolist()):
            if result.readings is not None and np.isfinite(result.readings[row, : len(LIDS)]).any():
                self._add(number, _Reading(result.t_ms, result.readings[row], result.pose[row]))
            viewer = self._viewers.get(number)
            if viewer is not None and result.t_ms - viewer.t_ms <= STALE_MS:
                closed[row], away[row] = viewer.closed, viewer.away
        self._forget(result.t_ms)
        hidden = (closed == 1) | (away == 1)
        values = dict(result.measures.values)
        for key in ("attention", "engagement"):
            values[key] = np.where(hidden, 0, values[key]).astype(np.float32)
        values |= {"eyes_closed": closed, "eyes_away": away}
        return replace(result, measures=Measures(values))

    def _add(self, number: int, reading: _Reading) -> None:
        viewer = self._viewers.setdefault(number, _Viewer())
        viewer.readings.append(reading)
        while viewer.readings[0].t_ms < reading.t_ms - WINDOW_MS:
            viewer.readings.popleft()
        viewer.t_ms = reading.t_ms
        t_ms = np.array([one.t_ms for one in viewer.readings], np.int64)
        values = np.array([one.values for one in viewer.readings], np.float64)
        pose = np.array([one.pose for one in viewer.readings], np.float64)
        lids = read_lids(t_ms, values[:, : len(LIDS)], pose[:, 0])
        smile = read_smile(values[:, -len(SIGNS) :], pose[:, 0], own=lids.own)
        smile = _carried(smile)  # the mouth is read every second time
        lowered = read_lowered(t_ms, lids.shut, lids.open, smile, pose[:, 1])
        viewer.closed = float(lowered.closed[-1])
        iris = values[:, len(LIDS) : len(LIDS) + len(IRIS)]
        gaze = read_gaze(iris, pose[:, 0], pose[:, 1], lids.open)
        looks_aside = len(t_ms) >= USUAL and bool(gaze.away[-1])
        viewer.away = looks_aside or bool(lowered.down[-1])

    def _forget(self, t_ms: int) -> None:
        gone = [number for number, one in self._viewers.items() if t_ms - one.t_ms > WINDOW_MS]
        for number in gone:
            del self._viewers[number]


def _carried(values: np.ndarray) -> np.ndarray:
    """The values, and where one is unknown the last that was known."""
    known = np.where(np.isfinite(values), np.arange(len(values)), -1)
    last = np.maximum.accumulate(known)
    return np.where(last >= 0, values[np.maximum(last, 0)], np.nan)
