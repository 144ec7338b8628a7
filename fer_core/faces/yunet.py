"""YuNet (Wu et al. 2023) through OpenCV, when its file has been fetched. Nothing needs it.

The file comes from OpenCV's model zoo and must have the checksum and size that the zoo's
own repository records for it (its Git LFS entry), wherever it was downloaded from.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path

import cv2
import numpy as np

from fer_core.errors import FaceError
from fer_core.faces.registry import register_detector
from fer_core.files import sha256_of, sha256_of_file, write_bytes
from fer_core.home import Home
from fer_core.types import Faces, Float, Frame

FILE = "face_detection_yunet_2023mar.onnx"
URL = f"https://github.com/opencv/opencv_zoo/raw/main/models/face_detection_yunet/{FILE}"
SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
SIZE = 232_589
TIMEOUT_S = 30

#: A face of the smallest size has this many working pixels; below about ten it sees nothing.
WORKING_FACE = 24
SCORE = 0.7
OVERLAP = 0.3


def pull_yunet(home: Home) -> Path:
    """Fetch the file into the home's models, unless it is there and whole."""
    path = home.models / FILE
    if _whole(path):
        return path
    try:
        with urllib.request.urlopen(URL, timeout=TIMEOUT_S) as answer:
            content = answer.read(SIZE + 1)
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise FaceError(
            f"YuNet could not be fetched: {getattr(error, 'reason', error)}.",
            f"Without internet, copy {FILE} from OpenCV's model zoo to {home.models}; "
            "Rapt works without it.",
        ) from error
    if sha256_of(content) != SHA256:
        raise FaceError(
            f"What came from {URL} is not the file we know (its checksum differs).",
            "Nothing was kept. Try again later, or without a proxy.",
        )
    write_bytes(path, content)
    return path


def _whole(path: Path) -> bool:
    return path.is_file() and sha256_of_file(path) == SHA256


class YunetDetector:
    """One YuNet. It belongs to one thread at a time."""

    name = "yunet"

    def __init__(self, path: Path, min_face: int) -> None:
        self.min_face = min_face
        try:
            self._net = cv2.FaceDetectorYN.create(str(path), "", (320, 320), SCORE, OVERLAP, 5000)
        except cv2.error as error:
            raise FaceError(
                f"OpenCV cannot open {path}: {error}.", "Run: rapt models pull yunet"
            ) from error

    def working_side(self, width: int, height: int) -> int | None:
        """See ``Detector``."""
        if self.min_face <= WORKING_FACE:
            return None
        return max(1, round(max(width, height) * WORKING_FACE / self.min_face))

    def detect(self, frame: Frame) -> Faces:
        """See ``Detector``."""
        self._net.setInputSize((frame.rgb.shape[1], frame.rgb.shape[0]))
        _, rows = self._net.detect(cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2BGR))
        if rows is None:
            return Faces.empty()
        found = np.asarray(rows, np.float32)
        found = found[found[:, 2:4].max(axis=1) * frame.scale >= self.min_face]
        found = found[np.argsort(-found[:, 14], kind="stable")]
        # Its order is the person's right eye first, which is the picture's left: ours.
        faces = Faces(found[:, :4], found[:, 14], found[:, 4:14].reshape(-1, 5, 2))
        return faces.scaled(frame.scale)

    def refine(self, frame: Frame, boxes: Float) -> None:
        """See ``Detector``: it can only look everywhere."""
        return


@register_detector("yunet")
def _make(cache: Path, min_face: int) -> YunetDetector:
    for folder in (cache.parent / "models", cache):
        if (folder / FILE).is_file():
            if not _whole(folder / FILE):
                raise FaceError(
                    f"{folder / FILE} is damaged: its checksum differs.",
                    "Delete it, then run: rapt models pull yunet",
                )
            return YunetDetector(folder / FILE, min_face)
    raise FaceError(
        "YuNet's file is not here.",
        "With internet, run: rapt models pull yunet. The detector mtcnn needs no download.",
    )
