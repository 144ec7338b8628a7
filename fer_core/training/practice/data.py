"""The practice data set: drawn faces as a CSV in Kaggle's layout, the same on every machine."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

import numpy as np

from fer_core.files import replacing
from fer_core.labels import EMOTIONS
from fer_core.training.datasets import PRACTICE
from fer_core.training.practice.drawn import draw

NAME: Final = "Practice faces"
#: So many faces of each expression; every fifth is held out.
EACH: Final = 200
HELD_OUT: Final = 5
SEED: Final = 1


def write_practice(path: Path, each: int = EACH) -> Path:
    """Draw the faces. The column PRACTICE says of the file what it is, wherever it goes."""
    rng = np.random.default_rng(SEED)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as part, part.open("w", newline="", encoding="utf-8") as lines:
        out = csv.writer(lines)
        out.writerow(("emotion", "pixels", "Usage", PRACTICE))
        for number in range(each):
            usage = "Training" if (number + 1) % HELD_OUT else "PublicTest"
            for place, emotion in enumerate(EMOTIONS):
                pixels = " ".join(map(str, draw(emotion, rng).ravel()))
                out.writerow((place, pixels, usage, "drawn"))
    return path
