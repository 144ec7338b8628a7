"""The shape of one curve: its first and last seconds, its peak, its peaks about a marker.

A curve is an array with one value a second; NaN is a second of which nothing is known.
Without any known second in reach, the answer is NaN or None.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_core.types import Array

Seconds = NDArray[np.int64]

HOOK_S = 8
END_S = 5
SMOOTH_S = 3
#: A peak stands out from both sides by at least this share of the curve's range.
PROMINENCE = 0.1


def mean_known(values: Array) -> float:
    """The mean of what is known; NaN of nothing."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def known_mean(values: Array, axis: int) -> Array:
    """The means along an axis of what is known; NaN where nothing is."""
    known = (~np.isnan(values)).sum(axis=axis)
    with np.errstate(invalid="ignore", divide="ignore"):
        means: Array = np.where(known > 0, np.nansum(values, axis=axis) / known, np.nan)
    return means


def smooth(values: Array, width: int = SMOOTH_S) -> Array:
    """Centred mean over ``width`` seconds; an unknown second stays unknown."""
    values = np.asarray(values, np.float64)
    if width <= 1 or not len(values):
        return values.copy()
    known = ~np.isnan(values)
    window = np.ones(width)
    around = width // 2
    # "full" and a cut: "same" would return the window's length for a curve shorter than it.
    cut = slice(around, around + len(values))
    total = np.convolve(np.where(known, values, 0.0), window)[cut]
    count = np.convolve(known.astype(np.float64), window)[cut]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known, total / count, np.nan)


def in_hook(seconds: Seconds) -> NDArray[np.bool_]:
    """Which are the first 8 seconds; seconds before 0 are pre-roll and no part of them."""
    return np.asarray((seconds >= 0) & (seconds < HOOK_S))


def in_end(seconds: Seconds) -> NDArray[np.bool_]:
    """Which are the last 5 seconds."""
    return np.asarray(seconds > seconds.max(initial=-1) - END_S)


@dataclass(frozen=True, slots=True)
class Peak:
    """A second that is higher than those about it, and its value in the curve."""

    second: int
    value: float


def peak(values: Array, seconds: Seconds | None = None) -> Peak | None:
    """The highest second of the curve, as it is drawn; the first of equals."""
    if not len(values) or np.isnan(values).all():
        return None
    best = int(np.nanargmax(values))
    return Peak(int(_when(values, seconds)[best]), float(values[best]))


def extremes(
    values: Array, seconds: Seconds | None = None, *, most: int = 3, apart: int = SMOOTH_S
) -> tuple[list[Peak], list[Peak]]:
    """The highest and the lowest seconds of the curve as it is drawn, the most extreme first.

    Args:
        values: (seconds,) the curve; NaN: not known.
        most: how many of each.
        apart: seconds that two of a kind lie from each other, so that they are moments and not
            one stretch.

    Returns:
        Highest, all above the curve's mean, and lowest, all below it; fewer than ``most`` of a
        short curve, none of a level one.
    """
    mean, when = mean_known(values), _when(values, seconds)
    above = _foremost(np.where(values > mean, values, np.nan), most, apart)
    below = _foremost(np.where(values < mean, -values, np.nan), most, apart)
    high, low = ([Peak(int(when[at]), float(values[at])) for at in one] for one in (above, below))
    return high, low


def _foremost(values: Array, most: int, apart: int) -> list[int]:
    """The places of the highest values, each ``apart`` from those before it."""
    left, found = values.copy(), list[int]()
    while len(found) < most and not np.isnan(left).all():
        at = int(np.nanargmax(left))
        found.append(at)
        left[max(0, at - apart + 1) : at + apart] = np.nan
    return found


def peaks(values: Array, seconds: Seconds | None = None) -> list[Peak]:
    """All peaks that stand out, in the order of time; the highest second is one of them.

    The smoothed curve says which stand out, so that one odd second is none; each lies where
    the curve itself is highest about it. A rise at either end counts: the film starts or stops
    there, the response does not.
    """
    from scipy.signal import find_peaks

    smoothed = smooth(values)
    known = np.flatnonzero(~np.isnan(smoothed))
    if not len(known):
        return []
    line = smoothed[known]
    spread = float(line.max() - line.min())
    if spread == 0:
        return []
    padded = np.concatenate([[line.min()], line, [line.min()]])
    places, _ = find_peaks(padded, prominence=PROMINENCE * spread)
    filled = np.where(np.isnan(values), -np.inf, values)
    around = SMOOTH_S // 2
    found = {int(np.argmax(filled))}
    for at in known[places - 1]:
        start = max(0, int(at) - around)
        found.add(start + int(np.argmax(filled[start : at + around + 1])))
    when = _when(values, seconds)
    return [Peak(int(when[at]), float(values[at])) for at in sorted(found)]


@dataclass(frozen=True, slots=True)
class Distance:
    """Seconds from a marker to the nearest peak before it, and at or after it."""

    before_s: int | None
    after_s: int | None


def peak_to_marker(values: Array, marker_ms: int, seconds: Seconds | None = None) -> Distance:
    """How near peaks are to a marker, in whole seconds, as fine as the curve itself."""
    marker = marker_ms // 1000
    places = [one.second for one in peaks(values, seconds)]
    before = [marker - place for place in places if place < marker]
    after = [place - marker for place in places if place >= marker]
    return Distance(min(before, default=None), min(after, default=None))


def _when(values: Array, seconds: Seconds | None) -> Seconds:
    return np.arange(len(values)) if seconds is None else np.asarray(seconds, np.int64)
