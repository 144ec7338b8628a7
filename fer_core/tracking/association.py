"""Data association: log odds that a found face is a known viewer rather than someone new.

Two kinds of evidence are added: where the face is, and its appearance. Being logarithms of
odds, they need no weights: a place known to a few pixels outweighs a vague likeness, and
after two seconds out of sight it is the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fer_core.tracking.motion import Motion, box_state
from fer_core.types import Array

#: Someone new may appear anywhere within so many face sizes, and at any of e^3 sizes.
_AREA = np.pi * 12.0**2
_SIZES = 3.0
#: Two in five sit still: seconds later they are within a third of a face of where they were.
_SEAT = 0.33


@dataclass(frozen=True, slots=True)
class AppearanceModel:
    """How similar two appearances of one person are, and of two persons (cosine similarity).

    Measured on the ``appearance`` of ``fer_core.faces``; another one needs other numbers.
    """

    same: float = 0.96
    same_spread: float = 0.04
    # Half hidden, turned or cut by the picture's edge: one view in seven.
    poor: float = 0.80
    poor_spread: float = 0.12
    poor_share: float = 0.15
    other: float = 0.30
    other_spread: float = 0.26
    most: float = 4.0  # no likeness is worth more: sisters exist
    # One view in twenty is so unlucky (a profile, a hand, a shadow) that a person is as
    # unlike herself as strangers are: while a face is followed no unlikeness can say more.
    # With each miss it may say more, for someone else may have taken the place.
    least: float = -3.0
    least_each_miss: float = -1.0
    least_of_all: float = -7.0


def position_log_odds(tracks: list[Motion], unseen_ms: list[int], boxes: Array) -> Array:
    """Log odds (tracks, boxes) that a box (x, y, w, h in pixels) is the track's face.

    ``tracks`` are the expected positions at the boxes' time; ``unseen_ms`` is how long each
    track has not been seen.
    """
    if not tracks or not len(boxes):
        return np.zeros((len(tracks), len(boxes)))
    found = box_state(boxes)
    places = np.array([motion.place for motion in tracks])
    size = np.exp((places[:, 2:3] + places[:, 3:4]) / 2)
    gone = np.array(unseen_ms, np.float64)[:, None] / 1000
    # The filter's own doubt grows with t^3; people in their seats do not.
    spread = np.array([motion.pp[:2] for motion in tracks]) / size**2 + 0.0025
    off = ((found[None, :, :2] - places[:, None, :2]) / size[:, None]) ** 2
    near = _bell(off, np.minimum(spread, (0.25 + gone) ** 2))
    still = _bell(off, np.minimum(spread, _SEAT**2))
    # One in fifty moves as nobody foresaw.
    wide = np.repeat((0.35 + 2 * gone) ** 2, 2, axis=1)
    where = 0.58 * near + 0.4 * still + 0.02 * _bell(off, wide)
    growth = (found[None, :, 2] + found[None, :, 3] - (places[:, 2] + places[:, 3])[:, None]) / 2
    slack = 0.15**2 + np.minimum((0.6 * gone) ** 2, 0.5)
    sized = np.exp(-0.5 * growth**2 / slack) / np.sqrt(2 * np.pi * slack)
    odds = np.log(np.maximum(where * sized * (_AREA * _SIZES), 1e-12))
    # Nobody jumps across the picture between two frames; after a while out of sight a
    # viewer may come back anywhere.
    return np.asarray(np.maximum(odds, -6.0 + 5.0 * np.minimum(1.0, gone / 0.6)))


def _bell(off: Array, variance: Array) -> Array:
    """Density at squared distances ``off`` (tracks, boxes, 2); variances (tracks, 2)."""
    height = 2 * np.pi * np.sqrt(variance[:, :1] * variance[:, 1:])
    return np.asarray(np.exp(-0.5 * (off / variance[:, None]).sum(axis=2)) / height)


def appearance_log_odds(
    known: list[Array | None], missed: list[int], seen: Array | None, model: AppearanceModel
) -> Array:
    """Log odds (tracks, boxes) that a face with this appearance is the track's viewer.

    ``known`` are the tracks' appearances (d,), ``seen`` (boxes, d) the faces', all of unit
    length; 0 where one side has none. ``missed`` counts each track's detections without it.
    """
    if seen is None or not len(seen):
        return np.zeros((len(known), 0 if seen is None else len(seen)))
    odds = np.zeros((len(known), len(seen)))
    rows = _with_appearance(known, seen)
    if not rows:
        return odds
    cosine = cosines(known, seen)[rows]
    # Beyond the usual likeness there is nothing odd about being even more alike, nor below
    # strangers' usual one about being even less alike.
    good = _tail(np.minimum(cosine - model.same, 0), model.same_spread)
    poor = _tail(np.minimum(cosine - model.poor, 0), model.poor_spread)
    other = _tail(np.maximum(cosine - model.other, 0), model.other_spread)
    share = model.poor_share
    score = np.log(np.maximum((1 - share) * good + share * poor, 1e-12) / other)
    vain = np.array([missed[row] for row in rows], np.float64)[:, None]
    least = np.maximum(model.least + model.least_each_miss * vain, model.least_of_all)
    odds[rows] = np.clip(np.nan_to_num(score), least, model.most)
    return odds


def cosines(known: list[Array | None], seen: Array) -> Array:
    """Likeness (tracks, boxes) of appearances, both of unit length; -1 where one is not known."""
    found = np.full((len(known), len(seen)), -1.0)
    if rows := _with_appearance(known, seen):
        found[rows] = np.array([known[row] for row in rows]) @ seen.T
    return found


def _with_appearance(known: list[Array | None], seen: Array) -> list[int]:
    return [r for r, one in enumerate(known) if one is not None and len(one) == seen.shape[1]]


def lead(values: Array) -> Array:
    """By how much each value (tracks, boxes) is above the best other track's."""
    if len(values) < 2:
        return np.full_like(values, np.inf)
    ranked = np.sort(values, axis=0)
    best, second = ranked[-1], ranked[-2]
    return np.asarray(values - np.where(values == best, second, best))


def _tail(off: Array, spread: float) -> Array:
    return np.asarray(np.exp(-0.5 * (off / spread) ** 2) / spread)


def overlap(a: Array, b: Array) -> Array:
    """Intersection over union of every box of ``a`` with every one of ``b`` (x, y, w, h)."""
    return _shares(a, b)[0]


def cover(a: Array, b: Array) -> Array:
    """Intersection over the smaller of the two boxes: 1 when one lies in the other."""
    return _shares(a, b)[1]


def _shares(a: Array, b: Array) -> tuple[Array, Array]:
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, :2] + a[:, None, 2:], b[None, :, :2] + b[None, :, 2:])
    common = np.clip(high - low, 0, None).prod(axis=2)
    size_a, size_b = a[:, 2:].prod(axis=1)[:, None], b[:, 2:].prod(axis=1)[None]
    union = np.maximum(size_a + size_b - common, 1e-9)
    return common / union, common / np.maximum(np.minimum(size_a, size_b), 1e-9)
