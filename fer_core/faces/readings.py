"""What is read of each face besides its expression, raw: lids, iris, signs of movements.

Raw, because what is open, straight ahead or at rest is the viewer's own and not known while
frames run. Which frames are read follows from their times alone, so that an analysis that was
interrupted reads the same ones.
"""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np

from fer_core.faces.eyes import EyeReader
from fer_core.faces.mesh import FaceMesh
from fer_core.faces.movements import MovementReader
from fer_core.measures import IRIS, LIDS, READINGS, SIGNS
from fer_core.types import Bool, Faces, Float, Frame

#: The first frame of each sixteenth of a second has its eyes read, that of every second one its
#: mesh, too. A film of 15 frames a second loses none: whole milliseconds put two of them into one
#: fifteenth now and then.
EYES_HZ: Final = 16
#: Pixels of a box's longer side: an eye of a smaller face is under ten pixels wide.
SMALLEST: Final = 60


class Reader(Protocol):
    """What reads the faces of a frame."""

    def read(self, frame: Frame, faces: Faces, usable: Bool, before_ms: int | None) -> Float:
        """(n, 11) readings of a frame's faces in the order of ``measures.READINGS``; NaN
        where a face or the frame is not read.

        Args:
            usable: (n,) whether each face is good enough.
            before_ms: the time of the film's frame before this one; None for its first.
        """
        ...


class FaceReader:
    """Both networks and what reads movements. It belongs to one thread at a time."""

    def __init__(self) -> None:
        self._eyes, self._mesh, self._movements = EyeReader(), FaceMesh(), MovementReader()

    def read(self, frame: Frame, faces: Faces, usable: Bool, before_ms: int | None) -> Float:
        """See ``Reader``."""
        found = np.full((len(faces), len(READINGS)), np.nan, np.float32)
        slot = frame.t_ms * EYES_HZ // 1000
        last = -1 if before_ms is None else before_ms * EYES_HZ // 1000
        large = faces.boxes[:, 2:].max(axis=1, initial=0) >= SMALLEST
        rows = np.flatnonzero(usable & large & np.isfinite(faces.landmarks).all(axis=(1, 2)))
        if slot == last or not len(rows):
            return found
        chosen = faces[rows]
        eyes = self._eyes.read(frame.grey, chosen.landmarks)
        found[rows, : len(LIDS)] = eyes.apertures()
        found[rows, len(LIDS) : -len(SIGNS)] = eyes.iris_places().reshape(-1, len(IRIS))
        if slot // 2 != last // 2:
            points, _ = self._mesh.read(frame.grey, chosen)
            found[rows, -len(SIGNS) :] = self._movements.read(frame.grey, points, eyes)
        return found
