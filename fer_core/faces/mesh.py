"""A mesh of 468 points over a face: where the mouth, the cheeks and the brows are.

Its lids hardly move when an eye shuts: for lids and iris there is ``eyes``.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from fer_core.faces.crop import cut
from fer_core.faces.packaged import open_network
from fer_core.faces.turned import to_picture
from fer_core.types import Bytes, CropSpec, Faces, Float

POINTS: Final = 468
SIZE: Final = 192
#: The network was made for squares of 1.5 times its own mesh; on 148 photographs those were
#: 1.30 times the box's longer side (four in five 1.21 to 1.38), 0.04 of it lower.
CROP: Final = CropSpec(size=SIZE, margin=1.3, align="eyes", dy=0.04)


class FaceMesh:
    """The network with its interpreter. It belongs to one thread at a time."""

    def __init__(self) -> None:
        self._run = open_network("face_landmark")

    def read(self, grey: Bytes, faces: Faces) -> tuple[Float, Float]:
        """The mesh of each face, and how sure the network is that there is one.

        Returns:
            points: (n, 468, 3) in pixels of the picture; the third is depth, nearer is less.
            sure: (n,) 0 to 1.
        """
        crops = cut(grey, faces.boxes, faces.landmarks, CROP)
        points = np.empty((len(faces), POINTS, 3), np.float32)
        sure = np.empty(len(faces), np.float32)
        for row, crop in enumerate(crops):
            flat, logit = self._run(crop)
            points[row] = flat.reshape(POINTS, 3)
            sure[row] = 1 / (1 + np.exp(-logit[0]))
        centre = faces.boxes[:, :2] + faces.boxes[:, 2:] / np.float32(2)
        longer = faces.boxes[:, 2:].max(axis=1)
        centre[:, 1] += np.float32(CROP.dy) * longer
        side = longer * np.float32(CROP.margin)
        eyes = faces.landmarks[:, 1] - faces.landmarks[:, 0]
        angle = np.nan_to_num(np.arctan2(eyes[:, 1], eyes[:, 0]))
        points[..., :2] = to_picture(points[..., :2], centre, side, angle, SIZE)
        points[..., 2] *= (side / SIZE)[:, None]
        return points, sure
