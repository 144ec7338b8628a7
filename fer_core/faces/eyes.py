"""Lids and iris of each eye, from a network that looks at one eye at a time.

Every face has two rows, as seen in the picture: the eye on its left, the eye on its right.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from fer_core.faces.crop import cut
from fer_core.faces.packaged import open_network
from fer_core.faces.turned import to_picture
from fer_core.types import Bytes, CropSpec, Float

SIZE: Final = 64
#: An eye's width in distances of the two eyes, and the square that the network sees in widths.
#: It was made for 2.3; at 2.7 shut eyes stand out most (decision 170).
WIDTH: Final = 0.44
SQUARE: Final = 2.7
#: Of the network's 71 points: the corners, the lower lid and the upper between them.
OUTER, INNER = 0, 8
LOWER: Final = slice(1, 8)
UPPER: Final = slice(9, 16)
LIDS, IRIS = 71, 5
_CROP: Final = CropSpec(size=SIZE, margin=SQUARE, align="eyes")


@dataclass(frozen=True)
class Eyes:
    """The eyes of n faces in pixels of the picture; on the second axis the left, the right."""

    lids: Float  # (n, 2, 71, 2) lids, the skin around, brows
    iris: Float  # (n, 2, 5, 2) its centre first

    def __len__(self) -> int:
        return len(self.lids)

    @property
    def corners(self) -> Float:
        """(n, 2, 2, 2) of each eye the corner on the picture's left, then that on its right."""
        left = self.lids[:, 0][:, [OUTER, INNER]]
        right = self.lids[:, 1][:, [INNER, OUTER]]
        return np.stack([left, right], axis=1)

    def apertures(self) -> Float:
        """(n, 2) how far each eye is open: lids apart, in widths of the eye."""
        _, _, down, width = self._axes
        lower, upper = (self.lids[:, :, lid].mean(axis=2) for lid in (LOWER, UPPER))
        return np.asarray(((lower - upper) * down).sum(axis=-1) / width, np.float32)

    def iris_places(self) -> Float:
        """(n, 2, 2) the iris's centre from the middle of the corners, in widths of the eye:
        to the picture's right, and down."""
        middle, across, down, width = self._axes
        offset = self.iris[:, :, 0] - middle
        along = (offset * across).sum(axis=-1) / width**2
        return np.asarray(np.stack([along, (offset * down).sum(axis=-1) / width], -1), np.float32)

    def heights(self, points: list[int]) -> Float:
        """(n, k) how far each of these points stands above the middle of its eye, in widths of
        it: the mean of both eyes."""
        middle, _, down, width = self._axes
        offset = self.lids[:, :, points] - middle[:, :, None]
        above = -(offset * down[:, :, None]).sum(axis=-1) / width[..., None]
        return np.asarray(above.mean(axis=1), np.float32)

    @cached_property
    def _axes(self) -> tuple[Float, Float, Float, Float]:
        """Of each eye: the middle of its corners, from its left corner to its right and a unit
        step down (n, 2, 2 each), and its width (n, 2)."""
        corners = self.corners
        across = corners[:, :, 1] - corners[:, :, 0]
        width = np.maximum(np.hypot(across[..., 0], across[..., 1]), np.float32(1e-3))
        down = np.stack([-across[..., 1], across[..., 0]], axis=-1) / width[..., None]
        return corners.mean(axis=2), across, down, width


class EyeReader:
    """The network with its interpreter. It belongs to one thread at a time."""

    def __init__(self) -> None:
        self._run = open_network("iris_landmark")

    def read(self, grey: Bytes, landmarks: Float) -> Eyes:
        """The eyes of each face, found by its landmarks (n, 5, 2); NaN where it has none."""
        centre = np.asarray(landmarks[:, :2], np.float32)
        across = np.repeat(centre[:, 1] - centre[:, 0], 2, axis=0)
        centre = centre.reshape(-1, 2)
        width = np.float32(WIDTH) * np.hypot(across[:, 0], across[:, 1])
        boxes = np.concatenate([centre - width[:, None] / 2, np.stack([width, width], 1)], axis=1)
        level = np.stack([np.zeros_like(across), across], axis=1)
        crops = cut(grey, boxes, level, _CROP)
        points = np.full((len(centre), LIDS + IRIS, 2), np.nan, np.float32)
        known = np.isfinite(centre).all(axis=1)
        for row in np.flatnonzero(known).tolist():
            mirrored = row % 2 == 1  # the network knows one side only
            found = self._run(crops[row, :, ::-1] if mirrored else crops[row])
            points[row] = np.concatenate(found).reshape(-1, 3)[:, :2]
        points[1::2, :, 0] = SIZE - points[1::2, :, 0]
        angle = np.arctan2(across[:, 1], across[:, 0])
        placed = to_picture(points, centre, width * np.float32(SQUARE), angle, SIZE)
        placed = placed.reshape(-1, 2, LIDS + IRIS, 2)
        return Eyes(placed[:, :, :LIDS], placed[:, :, LIDS:])
