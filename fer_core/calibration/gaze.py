"""Where a viewer looks, against where she usually looks: degrees, no place on a screen.

Where the iris stands in the eye gives the eye's turn in the head; with the head's own turn that
is the direction of the look as the camera sees it. The camera's place, the screen's size and the
shape of the eyes shift all of it by the same amount, which the viewer's usual gaze takes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from fer_core.types import Array, Bool

#: How far the iris moves, in widths of an eye, by the sine of the eye's turn: the best of a grid
#: on the portraits with painted eyes that the benchmark does not report. A ball of 12 mm in an
#: opening of 30 mm would move it by 0.35; the network holds it nearer to the middle, and more so
#: up and down.
ASIDE, UP = 0.245, 0.17
#: Degrees from the usual gaze from which the eyes are away, at least and at most; between them it
#: is so many times as far as this viewer's gaze usually strays.
NEAREST, FARTHEST, STRAYS = 12.0, 25.0, 3.0
#: Openness of the lids from which the iris can be seen.
SEEN: Final = 0.35
#: So many readings make a usual gaze.
ENOUGH: Final = 15


@dataclass(frozen=True, slots=True)
class Gaze:
    """One viewer's gaze at n moments.

    x, y: (n,) degrees from the usual gaze, to the picture's right and up; NaN where not
        read, and where nothing is known to be usual.
    away: (n,) whether the eyes are on something else than usual.
    own: whether there were enough readings for a usual gaze of her own.
    """

    x: Array
    y: Array
    away: Bool
    own: bool


def read_gaze(iris: Array, yaw: Array, pitch: Array, openness: Array) -> Gaze:
    """The gaze of one viewer.

    Args:
        iris: (n, 4) places of the iris from the middle of each eye in widths of it: left eye to
            the picture's right and down, right eye likewise.
        yaw, pitch: (n,) the head's turn in degrees, to the picture's right and up.
        openness: (n,) 0 shut to 1 open; NaN where not read.
    """
    seen = np.isfinite(iris).all(axis=1) & (np.nan_to_num(openness) >= SEEN)
    places = np.where(seen[:, None], np.asarray(iris, np.float64), np.nan)
    x = _degrees(places[:, [0, 2]].mean(axis=1) / ASIDE) + yaw
    y = _degrees(-places[:, [1, 3]].mean(axis=1) / UP) + pitch
    known = np.isfinite(x) & np.isfinite(y)
    own = int(known.sum()) >= ENOUGH
    if own:
        x, y = x - np.median(x[known]), y - np.median(y[known])
    else:
        x, y = np.full(len(x), np.nan), np.full(len(y), np.nan)
    away = np.zeros(len(x), np.bool_)
    if own:
        for angle in (x, y):
            strays = 1.4826 * float(np.median(np.abs(angle[known])))
            limit = np.clip(STRAYS * strays, NEAREST, FARTHEST)
            away |= np.abs(np.nan_to_num(angle)) > limit
    return Gaze(x, y, away, own)


def _degrees(sine: Array) -> Array:
    return np.asarray(np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))), np.float64)
