"""From points in a crop that was rotated level to points in the picture."""

from __future__ import annotations

import numpy as np

from fer_core.types import Float


def to_picture(points: Float, centre: Float, side: Float, angle: Float, size: int) -> Float:
    """Points (n, k, 2) in pixels of square crops to pixels of the picture.

    Args:
        points: in each crop, as a network gives them.
        centre: (n, 2) the squares' centres in the picture.
        side: (n,) their sides in pixels of the picture.
        angle: (n,) radians by which each was turned; clockwise is positive.
        size: pixels of a crop's side.
    """
    from_centre = (points - np.float32(size / 2)) * (side / size)[:, None, None]
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    x, y = from_centre[..., 0], from_centre[..., 1]
    turned = np.stack([x * cos - y * sin, x * sin + y * cos], axis=-1)
    return np.asarray(turned + centre[:, None, :], np.float32)
