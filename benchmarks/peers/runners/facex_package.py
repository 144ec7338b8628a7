"""The `facex` package from PyPI: its Haar cascade and its network, with their defaults."""

from importlib.metadata import version
from typing import Any

import cv2
import facex
import numpy as np
from loop import run

#: The side that its network takes. Smaller grey pictures come out wrong of its own resizing, which
#: treats the missing colour channel as an axis to enlarge.
SIDE = 200

MADE_OF = ("facex", "tensorflow", "scikit-image", "opencv-contrib-python")


class Package:
    """Reads pictures as OpenCV has them: BGR."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.versions = {name: version(name) for name in MADE_OF}
        self.classifier = facex.PoolManager(pool_size=1).get_classifier()

    def crop(self, picture: np.ndarray) -> str:
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        face = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        return best(self.classifier.detect_emotion(face))

    def photograph(self, picture: np.ndarray) -> str | None:
        found = self.classifier.predict(np.ascontiguousarray(picture[..., ::-1]))
        if not found:
            return None
        return best(max(found, key=lambda face: face["bbox"][2] * face["bbox"][3])["emot"])

    def frame(self, picture: np.ndarray) -> int:
        return len(self.classifier.predict(np.ascontiguousarray(picture[..., ::-1])))


def best(chances: dict[str, float]) -> str:
    return max(chances, key=lambda name: float(chances[name]))


if __name__ == "__main__":
    run(Package)
