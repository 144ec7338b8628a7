"""OpenCV's own Haar cascade, for comparison with the classic systems. No landmarks."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from fer_core.errors import FaceError
from fer_core.faces.registry import register_detector
from fer_core.types import Faces, Float, Frame

CASCADE = "haarcascade_frontalface_default.xml"
#: A face of the smallest size has this many working pixels; the cascade's window is 24.
WORKING_FACE = 30
#: The settings that most programs use.
STEP = 1.1
NEIGHBOURS = 5


class HaarDetector:
    """The cascade of Viola and Jones (2001). Its score is 1 minus 1 / votes."""

    name = "haar"

    def __init__(self, min_face: int) -> None:
        if not hasattr(cv2, "CascadeClassifier"):
            raise FaceError(
                f"OpenCV {cv2.__version__} has no Haar cascades any more.",
                "Install opencv-python-headless below 5.",
            )
        path = Path(cv2.__path__[0]) / "data" / CASCADE
        self.min_face = min_face
        self._cascade = cv2.CascadeClassifier(str(path))
        if self._cascade.empty():
            raise FaceError(
                f"OpenCV's file {path} is missing or damaged.",
                "Install opencv-python-headless again.",
            )

    def working_side(self, width: int, height: int) -> int | None:
        """See ``Detector``."""
        if self.min_face <= WORKING_FACE:
            return None
        return max(1, round(max(width, height) * WORKING_FACE / self.min_face))

    def detect(self, frame: Frame) -> Faces:
        """See ``Detector``; landmarks are NaN."""
        grey = cv2.equalizeHist(cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY))
        smallest = max(1, round(self.min_face / frame.scale))
        boxes, votes = self._cascade.detectMultiScale2(
            grey, scaleFactor=STEP, minNeighbors=NEIGHBOURS, minSize=(smallest, smallest)
        )
        if not len(boxes):
            return Faces.empty()
        scores = (1 - 1 / np.asarray(votes, np.float32).reshape(-1)).astype(np.float32)
        order = np.argsort(-scores, kind="stable")
        unknown = np.full((len(boxes), 5, 2), np.nan, np.float32)
        faces = Faces(np.asarray(boxes, np.float32)[order], scores[order], unknown)
        return faces.scaled(frame.scale)

    def refine(self, frame: Frame, boxes: Float) -> None:
        """See ``Detector``: it can only look everywhere."""
        return


@register_detector("haar")
def _make(cache: Path, min_face: int) -> HaarDetector:
    return HaarDetector(min_face)
