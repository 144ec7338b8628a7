"""A look into a data set before training: copies, near copies, a sheet of samples."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fer_core.training.samples import Samples, exact_copies
from fer_core.types import Bytes, Int


@dataclass(frozen=True, slots=True)
class Copies:
    """Pictures that occur more than once. Counts are of the pictures beyond the first."""

    exact: int
    near: int
    across: dict[str, int]  # for each other split: how many of its faces stand in this one


def groups(samples: Samples) -> Int:
    """For each picture the row of the first picture that equals it, pixel for pixel."""
    first: dict[bytes, int] = {}
    return np.array(
        [first.setdefault(picture.tobytes(), row) for row, picture in enumerate(samples.images)],
        np.int32,
    )


def near_groups(samples: Samples, alike: float = 0.995) -> Int:
    """As ``groups``, for pictures that look the same: scaled, compressed or lit otherwise.

    Two pictures are near copies when their 12x12 reductions correlate this much. In
    FER2013's PublicTest that finds 2 more than the 26 exact copies.
    """
    small = [cv2.resize(p, (12, 12), interpolation=cv2.INTER_AREA) for p in samples.images]
    flat = np.stack(small).reshape(len(samples), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
    found = np.arange(len(samples), dtype=np.int32)
    for start in range(0, len(flat), 1024):
        block = flat[start : start + 1024]
        close = block @ flat[: start + len(block)].T >= alike
        close[:, start:] &= np.tri(len(block), k=-1, dtype=bool)  # earlier pictures alone
        rows = np.flatnonzero(close.any(axis=1))
        found[start + rows] = found[close[rows].argmax(axis=1)]
    return found


def copies(splits: dict[str, Samples], split: str) -> Copies:
    """The copies within a split, and how many faces of the others stand in it too."""
    samples = splits[split]
    rows = np.arange(len(samples))
    return Copies(
        exact=int((groups(samples) != rows).sum()),
        near=int((near_groups(samples) != rows).sum()),
        across={
            name: int(exact_copies(other.images, samples.images).sum())
            for name, other in splits.items()
            if name != split
        },
    )


def sheet(samples: Samples, *, rows: int = 7, columns: int = 7, seed: int = 0) -> Bytes:
    """Samples as one picture, a class a row; what a class lacks stays black."""
    height, width = samples.images.shape[1:]
    out = np.zeros((rows * height, columns * width), np.uint8)
    rng = np.random.default_rng(seed)
    present = np.unique(samples.labels)
    for row, label in enumerate(present[:rows]):
        found = rng.permutation(np.flatnonzero(samples.labels == label))[:columns]
        for column, which in enumerate(found):
            top, left = row * height, column * width
            out[top : top + height, left : left + width] = samples.images[which]
    return out
