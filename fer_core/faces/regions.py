"""Gradients in the mouth's and the brows' region of a face: lips, teeth, folds, frowns.

A mesh of a face follows an open mouth and a frown only part of the way; the picture shows them.
Regions lie by the mesh, turned until the eyes are level, as wide as the face; left and right count
the same.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from fer_core.faces.crop import cut
from fer_core.types import Bytes, CropSpec, Float

#: Histograms of nine directions in cells of 8 pixels, of a square of 32.
SIZE, VALUES = 32, 324
_CROP: Final = CropSpec(size=SIZE, margin=1.0, align="eyes")
_EYES, MOUTH = ((33, 133), (362, 263)), (61, 291, 13, 14)  # points of the mesh
#: How high over the eyes a region's middle lies, and its side, in distances of the two eyes:
#: the brows, the root of the nose between them; the mouth's lies where the mouth is.
BROW, ROOT, MOUTH_SIDE = (0.32, 0.95), (0.18, 0.80), 1.5


class RegionReader:
    """Belongs to one thread at a time."""

    def __init__(self) -> None:
        self._histograms = cv2.HOGDescriptor((SIZE, SIZE), (16, 16), (8, 8), (8, 8), 9)

    def read(self, grey: Bytes, points: Float) -> tuple[Float, Float]:
        """Of one face's mesh (468, 3) in pixels: its mouth (324,) and its brows (648,)."""
        eyes = np.stack([points[list(corners)].mean(axis=0) for corners in _EYES])
        apart = float(np.linalg.norm(eyes[1] - eyes[0]))
        across = eyes[1, :2] - eyes[0, :2]
        across /= max(float(np.linalg.norm(across)), 1e-6)
        up = np.array([across[1], -across[0]], np.float32)
        centres = np.stack(
            [
                points[list(MOUTH), :2].mean(axis=0),
                eyes[0, :2] + BROW[0] * apart * up,
                eyes[1, :2] + BROW[0] * apart * up,
                eyes[:, :2].mean(axis=0) + ROOT[0] * apart * up,
            ]
        )
        shares = np.array([[MOUTH_SIDE], [BROW[1]], [BROW[1]], [ROOT[1]]], np.float32)
        sides = np.float32(apart) * shares
        boxes = np.concatenate([centres - sides / 2, sides, sides], axis=1)
        level = np.zeros((4, 5, 2), np.float32)
        level[:, 1] = across
        mouth, left, right, root = cut(grey, boxes, level, _CROP)
        brows = self._both(left, right), self._both(root, root)
        return self._both(mouth, mouth), np.concatenate(brows)

    def _both(self, left: Bytes, right: Bytes) -> Float:
        """Of a left region and the mirrored right one: their mean."""
        mirrored = np.ascontiguousarray(right[:, ::-1])
        one, other = (
            np.asarray(self._histograms.compute(part), np.float32).reshape(-1)
            for part in (left, mirrored)
        )
        return (one + other) / np.float32(2)
