"""All that a viewer's raw readings say, once every one of them is there: a value a frame.

Readings come sixteen times a second, the mesh half as often; the frames between them get what
lies between, where the readings are close enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.calibration.gaze import read_gaze
from fer_core.calibration.lids import read_lids
from fer_core.calibration.lowered import read_lowered
from fer_core.calibration.movements import MOVEMENTS, eyes_narrowed, read_movements, read_smile
from fer_core.measures import CALIBRATED, FLAGS, IRIS, LIDS, READINGS, SIGNS
from fer_core.types import Array, Bool

#: What is worked out, a column each, in the timeline's order.
COLUMNS: Final = (*CALIBRATED, "eyes_away")
#: Of these, what is true or false.
TRUE_OR_FALSE: Final = (*FLAGS, "eyes_away")
#: A frame lies between two readings that are no further apart, in milliseconds.
BETWEEN_MS: Final = 300


@dataclass(frozen=True, slots=True)
class Calibrated:
    """One viewer's columns, and which frames attend.

    columns: by name (n,) float64, 0 or 1 for those of TRUE_OR_FALSE; NaN where unknown.
    attends: (n,) 0 where the eyes are closed or away, otherwise 1; 1 where nothing is known.
    """

    columns: dict[str, Array]
    attends: Array


def calibrate(t_ms: NDArray[np.integer], readings: Array, pose: Array) -> Calibrated:
    """The columns of one viewer.

    Args:
        t_ms: (n,) the moments of her frames, rising.
        readings: (n, 11) in the order of ``measures.READINGS``; NaN where not read.
        pose: (n, 3) yaw, pitch and roll in degrees.
    """
    t = np.asarray(t_ms, np.int64)
    values = np.asarray(readings, np.float64).reshape(len(t), len(READINGS))
    angles = np.asarray(pose, np.float64).reshape(len(t), 3)
    apertures, iris = values[:, : len(LIDS)], values[:, len(LIDS) : len(LIDS) + len(IRIS)]
    lids = read_lids(t, apertures, angles[:, 0])
    open_lids = _between(t, lids.open)
    gaze = read_gaze(iris, angles[:, 0], angles[:, 1], lids.open)
    known = np.isfinite(open_lids)
    timed = known & (lids.blinks is not None)
    moved = read_movements(values[:, -len(SIGNS) :], angles[:, 0])
    moved = {name: _between(t, moved[name]) for name in MOVEMENTS}
    # who was never seen with open eyes may be laughing in all of the film
    smile = _between(t, read_smile(values[:, -len(SIGNS) :], angles[:, 0], own=lids.own))
    lowered = read_lowered(t, lids.shut, open_lids, smile, angles[:, 1])
    columns = {
        "eyes_open": open_lids,
        "blink": np.where(timed, lids.blink, np.nan),
        "eyes_closed": np.where(timed, lowered.closed, np.nan),
        "gaze_x": _between(t, gaze.x),
        "gaze_y": _between(t, gaze.y),
        "eyes_narrowed": eyes_narrowed(open_lids, lids.blink, lowered.closed != 0),
        **moved,
    }
    # a frame between two readings is away as the one before it is
    away = _held(t, np.where(np.isfinite(gaze.x), gaze.away, np.nan))
    away = np.where(lowered.down, 1.0, away)
    columns["eyes_away"] = away
    hidden = (columns["eyes_closed"] == 1) | (away == 1)
    attends = np.where(hidden, 0.0, 1.0)
    return Calibrated({name: columns[name] for name in COLUMNS}, attends)


def _between(t: NDArray[np.int64], values: Array) -> Array:
    """The values, and between two that are close in time a straight line."""
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return np.full(len(values), np.nan)
    filled = np.interp(t, t[known], values[known], left=np.nan, right=np.nan)
    return np.where(_spanned(t, known), filled, np.nan)


def _held(t: NDArray[np.int64], values: Array) -> Array:
    """The values, and between two that are close in time the earlier one."""
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return np.full(len(values), np.nan)
    before = np.clip(np.searchsorted(known, np.arange(len(values)), "right") - 1, 0, None)
    return np.where(_spanned(t, known), values[known[before]], np.nan)


def _spanned(t: NDArray[np.int64], known: NDArray[np.intp]) -> Bool:
    """Which rows are known, or lie between two known ones that are close in time."""
    rows = np.arange(len(t))
    after = np.searchsorted(known, rows, "left")
    before = np.searchsorted(known, rows, "right") - 1
    inside = (after < len(known)) & (before >= 0)
    first, last = known[np.clip(before, 0, None)], known[np.clip(after, None, len(known) - 1)]
    return np.asarray(inside & (t[last] - t[first] <= BETWEEN_MS), np.bool_)
