"""Small data sets: faces whose class can be seen, so that a tiny network learns something."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fer_core.labels import EMOTIONS
from fer_core.training.samples import FERPLUS, Samples


def some_faces(n: int, seed: int = 0, classes: int = 7, votes: bool = False) -> Samples:
    """Noise on a grey that grows with the class."""
    rng = np.random.default_rng(seed)
    labels = (np.arange(n) % classes).astype(np.int32)
    noise = rng.integers(0, 60, (n, 48, 48))
    images = (noise + 28 * labels[:, None, None]).astype(np.uint8)
    voted = None
    if votes:
        voted = np.zeros((n, len(FERPLUS)), np.int32)
        voted[np.arange(n), labels] = 10
    return Samples(images, labels, voted)


def csv_row(image: np.ndarray, label: int | str, usage: str = "Training") -> str:
    return f"{label},{' '.join(map(str, image.ravel()))},{usage}"


def write_csv(path: Path, *parts: tuple[Samples, str]) -> Path:
    rows = ["emotion,pixels,Usage"]
    for samples, usage in parts:
        rows += [csv_row(i, int(k), usage) for i, k in zip(samples.images, samples.labels)]
    path.write_text("\n".join(rows) + "\n")
    return path


def write_folders(path: Path, samples: Samples, split: str = "") -> Path:
    import cv2

    for number, (image, label) in enumerate(zip(samples.images, samples.labels)):
        folder = path / split / EMOTIONS[label]
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f"{number:03d}.png"), image)
    return path
