"""How far a viewer's eyes are open, when they blink, and when they stay shut.

What is open and what is shut is the viewer's own: narrow eyes, glasses and the camera's
height change a lid's reading more than a half-closed eye does. Both are found over all of the
viewer's readings at once, so the answer does not depend on how an analysis was cut into pieces.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.types import Array, Bool

#: Apertures in widths of an eye. Open eyes read 0.15 to 0.26, real shut ones -0.04 to 0.11.
POPULATION_OPEN: Final = 0.20
NARROWEST_OPEN: Final = 0.14
#: The share of readings below which a viewer's open eye stands.
OPEN_AT: Final = 75
#: Shut eyes as a share of open ones where the viewer was not seen to blink, and the most that
#: counts as shut where she was.
USUAL_SHUT: Final = 0.3
SHALLOWEST_SHUT: Final = 0.76
#: A blink's dip begins and ends at this share of the open eye.
DIP: Final = 0.85
#: A dip counts as the viewer's own shut eye from so many times the noise of her open one.
CLEAR: Final = 5.0
#: Readings are averaged with their neighbours where their noise is this share of the way from
#: open to shut: small faces, glasses, little light.
NOISY: Final = 0.08
#: Openness below which the lids are down, above which they are up again, and below which a
#: long spell counts as shut eyes.
DOWN, UP, SHUT = 0.5, 0.7, 0.4
#: From here on in milliseconds it is no blink but shut eyes.
LONG_MS: Final = 400
#: Readings further apart cannot show a blink.
APART_MS: Final = 110
#: Cosine of the yaw beyond which the farther eye is not asked.
ASIDE: Final = np.cos(np.radians(25))


@dataclass(frozen=True, slots=True)
class Lids:
    """One viewer's lids at n moments.

    open: (n,) 0 shut to 1 the viewer's own open eye; NaN where the eyes were not read.
    blink: (n,) the moments of a blink.
    shut: (n,) the moments of lids that stay down for 0.4 s or more.
    own: whether open is what this viewer showed, not what people usually show.
    blinks: for each blink the first and the last moment, milliseconds; None where the readings
        are too far apart to see any.
    """

    open: Array
    blink: Bool
    shut: Bool
    own: bool
    blinks: tuple[tuple[int, int], ...] | None


def read_lids(t_ms: NDArray[np.integer], apertures: Array, yaw: Array) -> Lids:
    """The lids of one viewer.

    Args:
        t_ms: (n,) the moments of her frames, rising.
        apertures: (n, 2) lids apart in widths of the eye, the left and the right as seen in the
            picture; NaN where not read.
        yaw: (n,) the head's turn in degrees; NaN counts as frontal.
    """
    levels = _both(np.asarray(apertures, np.float64), np.asarray(yaw, np.float64))
    known = np.isfinite(levels)
    n = len(levels)
    nothing = np.zeros(n, np.bool_)
    if not known.any():
        return Lids(np.full(n, np.nan), nothing, nothing, False, None)
    at = np.asarray(t_ms, np.int64)[known]
    steady = levels[known]
    opened, shut, own, noise = _anchors(at, steady)
    if noise > NOISY * (opened - shut):
        steady = _averaged(steady)
        opened, shut, own, _ = _anchors(at, steady)
    openness = np.clip((steady - shut) / (opened - shut), 0.0, 1.0)
    everywhere = np.full(n, np.nan)
    everywhere[known] = openness
    if len(at) < 2 or float(np.median(np.diff(at))) > APART_MS:
        return Lids(everywhere, nothing, nothing, own, None)
    blinks, spells = _spells(at, openness)
    t = np.asarray(t_ms, np.int64)
    return Lids(everywhere, _inside(t, blinks), _inside(t, spells), own, tuple(blinks))


def _both(apertures: Array, yaw: Array) -> Array:
    """One reading from two eyes: seen from the front, of a turned face the nearer eye only."""
    cosine = np.cos(np.radians(np.nan_to_num(yaw)))
    levels = apertures * np.maximum(cosine, 0.2)[:, None]
    turned = cosine < ASIDE
    # a face turned to the picture's right shows its left eye best, as seen there
    nearer = np.where(np.nan_to_num(yaw) > 0, levels[:, 0], levels[:, 1])
    return np.where(turned, nearer, levels.mean(axis=1))


def _averaged(levels: Array) -> Array:
    padded = np.pad(levels, 1, mode="edge")
    return np.asarray((padded[:-2] + 2 * levels + padded[2:]) / 4)


def _anchors(at: NDArray[np.int64], levels: Array) -> tuple[float, float, bool, float]:
    """The viewer's own open and shut reading, whether she was seen with open eyes, and the
    noise of her open ones."""
    opened = float(np.percentile(levels, OPEN_AT))
    upper = levels[levels > 0.85 * opened]
    # the difference of two readings is root two times as noisy as one
    noise = 1.05 * float(np.median(np.abs(np.diff(upper)))) if len(upper) > 2 else 0.0
    if opened < NARROWEST_OPEN:
        return POPULATION_OPEN, USUAL_SHUT * POPULATION_OPEN, False, noise
    least = max(CLEAR * noise, (1 - SHALLOWEST_SHUT) * opened)
    deepest = [low for low in _dips(at, levels, DIP * opened) if opened - low > least]
    shut = max(float(np.median(deepest)), 0.1 * opened) if deepest else USUAL_SHUT * opened
    return opened, shut, True, noise


def _dips(at: NDArray[np.int64], levels: Array, edge: float) -> list[float]:
    """The lowest reading of each short dip under an edge. Long ones are no blinks: a laugh, a
    look down, or sleep, whose level says nothing of shut eyes; nor need one be that is not over."""
    below = np.concatenate([[False], levels < edge, [False]])
    begins, ends = np.flatnonzero(below[1:] & ~below[:-1]), np.flatnonzero(below[:-1] & ~below[1:])
    return [
        float(levels[begin:end].min())
        for begin, end in zip(begins, ends)
        if end < len(levels) and at[end - 1] - at[begin] < LONG_MS
    ]


def _spells(
    at: NDArray[np.int64], openness: Array
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Spells of lowered lids, from half way down to half way up: blinks, and those that last."""
    blinks: list[tuple[int, int]] = []
    long: list[tuple[int, int]] = []
    row = 0
    while row < len(at):
        if openness[row] >= DOWN:
            row += 1
            continue
        last = row
        while last + 1 < len(at) and (
            openness[last + 1] < UP and at[last + 1] - at[last] <= LONG_MS
        ):
            last += 1
        begin, end = _crossing(at, openness, row, -1), _crossing(at, openness, last, 1)
        if end - begin < LONG_MS:
            blinks.append((begin, end))
        elif float(np.median(openness[row : last + 1])) < SHUT:
            long.append((begin, end))
        row = last + 1
    return blinks, long


def _crossing(at: NDArray[np.int64], openness: Array, row: int, step: int) -> int:
    """When the lids passed half way, between a lowered reading and its raised neighbour."""
    other = row + step
    if not 0 <= other < len(at) or abs(int(at[other] - at[row])) > LONG_MS:
        return int(at[row])
    share = (DOWN - openness[row]) / max(float(openness[other] - openness[row]), 1e-6)
    return round(float(at[row] + np.clip(share, 0.0, 1.0) * (at[other] - at[row])))


def _inside(t_ms: NDArray[np.int64], spans: list[tuple[int, int]]) -> Bool:
    flags = np.zeros(len(t_ms), np.bool_)
    for begin, end in spans:
        flags |= (t_ms >= begin) & (t_ms <= end)
    return flags
