"""The detectors by name, behind one protocol.

A detector owns interpreters and buffers that must not be used by two threads at once:
make one for each thread, or hand one from thread to thread with a lock.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from fer_core.errors import FaceError
from fer_core.registry import Registry
from fer_core.types import Faces, Float, Frame


class Detector(Protocol):
    """Finds the faces of a picture. Boxes come in original pixels and may cross its edge."""

    name: str

    def working_side(self, width: int, height: int) -> int | None:
        """The long side to which decoding should scale a picture of this size; None: as it is."""
        ...

    def detect(self, frame: Frame) -> Faces:
        """All faces of the picture, the best score first."""
        ...

    def refine(self, frame: Frame, boxes: Float) -> Faces | None:
        """Look again where faces are expected, a row for each box; score 0 where there is
        none now. None from a detector that can only look everywhere."""
        ...


#: Makes a detector from the cache folder and the smallest face.
Factory = Callable[[Path, int], Detector]
_DETECTORS: Final[Registry[Factory]] = Registry("detector", error=FaceError)
register_detector = _DETECTORS.register
list_detectors = _DETECTORS.names


def make_detector(name: str, *, cache: Path, min_face: int = 40) -> Detector:
    """A detector that finds faces whose longer side is ``min_face`` original pixels or more."""
    make = _DETECTORS.find(name)
    if min_face < SMALLEST_FACE:
        raise FaceError(
            f"Faces of {min_face} pixels are too small to find.",
            f"The smallest face must be {SMALLEST_FACE} pixels or more.",
        )
    return make(Path(cache), int(min_face))


#: The first network's window; a smaller face would have to be enlarged to be seen at all.
SMALLEST_FACE = 12
