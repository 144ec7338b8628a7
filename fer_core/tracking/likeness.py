"""How much more likely a found face is a known viewer than someone new, in natural logs.

Two kinds of evidence are added: where the face is, and how it looks. Being logarithms of
odds, they need no weights: a place known to a few pixels outweighs a vague likeness, and
after two seconds out of sight it is the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_core.tracking.motion import Motion, measured

Array = NDArray[np.float64]

#: Someone new may appear anywhere within so many face sizes, and at any of e^3 sizes.
_AREA = np.pi * 12.0**2
_SIZES = 3.0


@dataclass(frozen=True, slots=True)
class Looks:
    """How alike two looks of one person are, and of two persons (cosines).

    Measured on the ``appearance`` of ``fer_core.faces``; another one needs other numbers.
    """

    same: float = 0.90
    same_spread: float = 0.08
    other: float = 0.45
    other_spread: float = 0.22
    most: float = 3.5  # no likeness is worth more: sisters exist
    least: float = -6.0


def place_odds(tracks: list[Motion], unseen_ms: list[int], boxes: Array) -> Array:
    """(tracks, boxes). ``tracks`` are where they are expected at the boxes' time."""
    odds = np.full((len(tracks), len(boxes)), -np.inf)
    if not len(boxes):
        return odds
    found = np.array([measured(box) for box in boxes])
    for row, (motion, unseen) in enumerate(zip(tracks, unseen_ms, strict=True)):
        gone = unseen / 1000
        # The filter's own doubt grows with t^3; people in their seats do not.
        widest = (0.25 + gone) ** 2
        size = motion.size
        doubt = np.minimum(motion.pp[:2] / size**2 + 0.0025, widest)
        off = (found[:, :2] - motion.place[:2]) / size
        near = np.exp(-0.5 * (off**2 / doubt).sum(axis=1)) / (2 * np.pi * np.sqrt(doubt.prod()))
        # One in fifty moves as nobody foresaw.
        wide = (0.35 + 2 * gone) ** 2
        far = np.exp(-0.5 * (off**2).sum(axis=1) / wide) / (2 * np.pi * wide)
        growth = found[:, 2:].mean(axis=1) - motion.place[2:].mean()
        slack = 0.15**2 + min((0.6 * gone) ** 2, 0.5)
        sized = np.exp(-0.5 * growth**2 / slack) / np.sqrt(2 * np.pi * slack)
        density = (0.98 * near + 0.02 * far) * sized
        odds[row] = np.log(np.maximum(density * _AREA * _SIZES, 1e-12))
        # Nobody jumps across the picture between two frames; after a while out of sight a
        # viewer may come back anywhere.
        odds[row] = np.maximum(odds[row], -6.0 + 5.0 * min(1.0, gone / 0.6))
    return odds


def look_odds(known: list[Array | None], seen: Array | None, looks: Looks) -> Array:
    """(tracks, boxes); 0 where one side has no look."""
    if seen is None or not len(seen):
        return np.zeros((len(known), 0 if seen is None else len(seen)))
    odds = np.zeros((len(known), len(seen)))
    for row, look in enumerate(known):
        if look is None or look.shape[0] != seen.shape[1]:
            continue
        cosine = np.clip(seen @ look, -1, 1)
        # Beyond the usual likeness there is nothing odd about being even more alike.
        alike = np.minimum((cosine - looks.same) / looks.same_spread, 0)
        apart = np.maximum((cosine - looks.other) / looks.other_spread, 0)
        score = 0.5 * (apart**2 - alike**2) + np.log(looks.other_spread / looks.same_spread)
        score = np.where(np.isfinite(score), score, 0.0)
        odds[row] = np.clip(score, looks.least, looks.most)
    return odds


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
