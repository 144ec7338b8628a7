"""Face crops from whole pictures, by the same detector and crop as for films."""

from __future__ import annotations

from typing import Final, Protocol

import cv2
import numpy as np

from fer_core.faces.crop import cut
from fer_core.types import Bytes, CropSpec, Faces, Frame

#: A photograph is brought to this longer side first: a phone's has more than any face needs.
LONG_SIDE: Final = 1600


class Finder(Protocol):
    """What is needed of a detector."""

    def detect(self, frame: Frame) -> Faces:
        """The faces of a picture."""


def bordered(picture: Bytes, border: float) -> Bytes:
    """The picture (h, w, 3) with grey around it, a share of its longer side on every side."""
    width = round(border * max(picture.shape[:2]))
    if not width:
        return picture
    around = (127, 127, 127)
    return np.asarray(
        cv2.copyMakeBorder(picture, width, width, width, width, cv2.BORDER_CONSTANT, value=around),
        np.uint8,
    )


def largest_face(finder: Finder, picture: Bytes, border: float = 0.25) -> tuple[Frame, Faces]:
    """The bordered picture (colours as RGB) and its largest face, or no face.

    Pictures that were cropped to the face need the border: a detector sees no face that
    fills all there is.
    """
    rgb = bordered(picture, border)
    frame = Frame(0, 0, rgb, np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8))
    faces = finder.detect(frame)
    if not len(faces):
        return frame, faces
    best = int(np.argmax(faces.boxes[:, 2] * faces.boxes[:, 3]))
    return frame, faces[[best]]


def crop_of(finder: Finder, picture: Bytes, spec: CropSpec, border: float = 0.25) -> Bytes | None:
    """The largest face as a model wants it, or None where none was found."""
    frame, faces = largest_face(finder, picture, border)
    return cut(frame.grey, faces.boxes, faces.landmarks, spec)[0] if len(faces) else None
