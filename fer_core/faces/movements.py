"""Distances in a face that its movements change: mouth, brows, lips.

Measured in space, in distances of the two eyes (brows: in widths of an eye), so that size, a lean
of the head and part of its turn drop out. What they are at rest differs from person to person:
see ``fer_core.calibration.movements`` for what is made of them.
"""

from __future__ import annotations

import numpy as np

from fer_core.faces.eyes import Eyes
from fer_core.types import Float

# points of the mesh
_EYE_LEFT, _EYE_RIGHT = (33, 133), (362, 263)
_CORNERS, _FOREHEAD, _CHIN = (61, 291), 10, 152
_UPPER_OUT, _UPPER_IN, _LOWER_IN, _LOWER_OUT = 0, 13, 14, 17
# points of the eye network: the upper edge of the brow, its outer and its inner part
_BROW, _BROW_INNER = slice(64, 71), slice(68, 70)


def distances(points: Float, eyes: Eyes) -> Float:
    """(n, 6) in the order of ``measures.DISTANCES``, of meshes (n, 468, 3) and the faces' eyes;
    NaN where the eyes are unknown."""
    left, right = points[:, _EYE_LEFT].mean(axis=1), points[:, _EYE_RIGHT].mean(axis=1)
    apart = np.linalg.norm(right - left, axis=1)
    across = (right - left) / apart[:, None]
    up = points[:, _FOREHEAD] - points[:, _CHIN]
    up = up - (up * across).sum(axis=1, keepdims=True) * across
    up /= np.linalg.norm(up, axis=1, keepdims=True)

    def between(a: int, b: int) -> Float:
        return np.asarray(np.linalg.norm(points[:, a] - points[:, b], axis=1), np.float32)

    middle = (points[:, _UPPER_IN] + points[:, _LOWER_IN]) / 2
    lift = ((points[:, _CORNERS].mean(axis=1) - middle) * up).sum(axis=1)
    mouth = np.stack(
        [
            between(*_CORNERS),
            lift,
            between(_UPPER_IN, _LOWER_IN),
            between(_UPPER_OUT, _UPPER_IN) + between(_LOWER_IN, _LOWER_OUT),
        ],
        axis=1,
    )
    heights = eyes.heights()
    brows = np.stack([heights[:, part].mean(axis=1) for part in (_BROW, _BROW_INNER)], axis=1)
    return np.concatenate([mouth / apart[:, None], brows], axis=1).astype(np.float32)
