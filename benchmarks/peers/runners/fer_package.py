"""The `fer` package: its Haar cascade and its network, with their defaults."""

import logging
from importlib.metadata import version
from typing import Any

import numpy as np
from fer.fer import FER
from loop import run

MADE_OF = ("fer", "tensorflow", "opencv-contrib-python")


class Package:
    """Reads pictures as OpenCV has them: BGR."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.versions = {name: version(name) for name in MADE_OF}
        logging.disable(logging.INFO)
        # By default it adds ten pixels around a face: right in a photograph, not around a crop.
        self.detector = FER(offsets=(0, 0)) if job["task"] == "crop" else FER()

    def crop(self, picture: np.ndarray) -> str:
        face = np.ascontiguousarray(picture[..., ::-1])
        read = self.detector.detect_emotions(face, face_rectangles=[(0, 0, *face.shape[:2])])
        return best(read[0])

    def photograph(self, picture: np.ndarray) -> str | None:
        found = self.detector.detect_emotions(np.ascontiguousarray(picture[..., ::-1]))
        return best(max(found, key=lambda face: face["box"][2] * face["box"][3])) if found else None

    def frame(self, picture: np.ndarray) -> int:
        return len(self.detector.detect_emotions(np.ascontiguousarray(picture[..., ::-1])))


def best(face: dict[str, Any]) -> str:
    return max(face["emotions"], key=face["emotions"].get)


if __name__ == "__main__":
    run(Package)
