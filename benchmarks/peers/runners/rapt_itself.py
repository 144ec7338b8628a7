"""Rapt's own shipped model, read by the same loop as its peers."""

from functools import cached_property
from typing import Any

import cv2
import numpy as np
from loop import run

from fer_core import __version__
from fer_core.evaluation.runner import run_model
from fer_core.evaluation.whole_pictures import crop_of
from fer_core.faces import Detector, make_detector
from fer_core.home import Home
from fer_core.inference import open_classifier
from fer_core.inference.outputs import SERVED, own_probabilities, served, to_seven
from fer_core.labels import EMOTIONS
from fer_core.pipeline import Perception
from fer_core.types import Frame

MODEL = "rapt-1"
MS_A_FRAME = 40  # a film's frames come without their times


class Itself:
    """Finds, follows and reads faces as an analysis does, on pictures in memory."""

    def __init__(self, job: dict[str, Any]) -> None:
        cv2.setNumThreads(1)
        self.reading = str(job["reading"])
        self.network = open_classifier(MODEL)
        self.versions = {"rapt": __version__, "model": f"{MODEL}, {self.network.card.default}"}
        self.frames = 0

    @cached_property
    def detector(self) -> Detector:
        return make_detector("mtcnn", cache=Home.find().cache, min_face=30)

    @cached_property
    def perception(self) -> Perception:
        return Perception(self.detector, self.network.crop)

    def crop(self, picture: np.ndarray) -> str:
        return self._read(picture[..., 0])

    def photograph(self, picture: np.ndarray) -> str | None:
        face = crop_of(self.detector, picture, self.network.crop, border=0.0)
        return None if face is None else self._read(face)

    def frame(self, picture: np.ndarray) -> int:
        grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
        frame = Frame(self.frames, self.frames * MS_A_FRAME, picture, grey)
        self.frames += 1
        seen = self.perception.step(frame)
        if len(seen.crops):
            self.network.probabilities(seen.crops)
        return len(seen.crops)

    def _read(self, face: np.ndarray) -> str:
        logits = run_model(self.network, [face])
        card = self.network.card
        if self.reading == SERVED:
            seven = served(card, logits)
        else:
            seven = to_seven(card, own_probabilities(card, logits, self.reading), self.reading)
        return EMOTIONS[int(seven[0].argmax())]


if __name__ == "__main__":
    run(Itself)
