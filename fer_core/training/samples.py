"""Labelled faces in memory: what every data set becomes before anything trains on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from fer_core.labels import EMOTIONS
from fer_core.types import Bool, Bytes, Float, Int

#: FER+'s columns that are emotions, in its order; its last two (unknown, no face) are not.
FERPLUS: tuple[str, ...] = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
)


@dataclass(frozen=True, slots=True)
class Samples:
    """Grey faces (n, h, w), a label each (order of labels.EMOTIONS) and FER+ votes or none.

    ``weights`` say how often a face is shown in training compared with the others; without
    them each is shown once an epoch. ``own`` marks faces that somebody labelled in Rapt.
    """

    images: Bytes
    labels: Int
    votes: Int | None = None  # (n, 8) in FERPLUS' order; a row of zeros where nobody voted
    weights: Float | None = None
    own: Bool | None = None

    def __post_init__(self) -> None:
        n = len(self.images)
        if self.images.ndim != 3 or self.images.dtype != np.uint8:
            raise ValueError(f"images must be (n, h, w) uint8, not {self.images.shape}")
        if self.labels.shape != (n,):
            raise ValueError(f"{n} images but labels {self.labels.shape}")
        if n and (int(self.labels.min()) < 0 or int(self.labels.max()) >= len(EMOTIONS)):
            raise ValueError(f"labels reach from {self.labels.min()} to {self.labels.max()}")
        if self.votes is not None and self.votes.shape != (n, len(FERPLUS)):
            raise ValueError(f"votes must be ({n}, {len(FERPLUS)}), not {self.votes.shape}")
        if self.weights is not None and (self.weights.shape != (n,) or (self.weights < 0).any()):
            raise ValueError(f"weights must be {n} numbers from 0 on")
        if self.own is not None and self.own.shape != (n,):
            raise ValueError(f"own must be {n} marks, not {self.own.shape}")

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, rows: Any) -> Samples:
        rest = (self.votes, self.weights, self.own)
        return Samples(
            self.images[rows],
            self.labels[rows],
            *(None if values is None else values[rows] for values in rest),
        )

    def counts(self) -> dict[str, int]:
        found = np.bincount(self.labels, minlength=len(EMOTIONS))
        return {name: int(number) for name, number in zip(EMOTIONS, found)}

    @property
    def voted(self) -> np.ndarray:
        """Which faces have votes."""
        if self.votes is None:
            return np.zeros(len(self), bool)
        found: np.ndarray = self.votes.sum(axis=1) > 0
        return found

    def majority(self) -> Int:
        """The FER+ emotion with most votes (the first of equals), -1 where nobody voted."""
        if self.votes is None:
            return np.full(len(self), -1, np.int32)
        best = self.votes.argmax(axis=1).astype(np.int32)
        return np.where(self.voted, best, -1).astype(np.int32)


def exact_copies(images: Bytes, among: Bytes) -> np.ndarray:
    """Which of ``images`` also stand, pixel for pixel, in ``among``."""
    known = {picture.tobytes() for picture in among}
    return np.array([picture.tobytes() in known for picture in images], bool)
