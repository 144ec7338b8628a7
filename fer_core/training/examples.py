"""A few faces with what the network says of them after each epoch, for whoever watches a run."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from fer_core.files import read_json, write_json
from fer_core.labels import DISPLAY_ORDER, EMOTIONS
from fer_core.training.samples import Samples
from fer_core.training.settings import TrainSettings
from fer_core.training.targets import labels_of
from fer_core.types import Float, Int
from fer_core.zoo.card import TO_SEVEN

EACH: Final = 2


def chosen(samples: Samples) -> Int:
    """The faces that are shown, the same ones in every epoch: some of each emotion."""
    rng = np.random.default_rng(0)
    rows: list[int] = []
    for emotion in DISPLAY_ORDER:
        found = np.flatnonzero(samples.labels == EMOTIONS.index(emotion))
        rows += [int(row) for row in rng.permutation(found)[:EACH]]
    return np.array(rows, np.int32)


def keep_examples(
    folder: Path, settings: TrainSettings, samples: Samples, logits: Float, epoch: int
) -> None:
    """Write ``examples.json`` of this epoch, by the run's first output."""
    output, names = next(iter(labels_of(settings.outputs).items()))
    faces = []
    for row in chosen(samples):
        values = logits[row, : len(names)].astype(np.float64)
        p = (
            1 / (1 + np.exp(-values))
            if settings.loss == "sigmoid"
            else np.exp(values - values.max())
        )
        p /= p.sum()
        best = int(p.argmax())
        png = cv2.imencode(".png", samples.images[row])[1].tobytes()
        faces.append(
            {
                "picture": "data:image/png;base64," + base64.b64encode(png).decode(),
                "truth": EMOTIONS[samples.labels[row]],
                "guess": TO_SEVEN.get(output, {}).get(names[best], names[best]),
                "p": round(float(p[best]), 4),
            }
        )
    write_json(folder / "examples.json", {"epoch": epoch, "faces": faces})


def read_examples(folder: Path) -> dict[str, Any] | None:
    """What the last epoch left; None before the first."""
    found = read_json(folder / "examples.json")
    return found if isinstance(found, dict) else None
