"""Nearest neighbours: training faces that are similar in the model's own features, by full search.

A feature row is what the network hands to its last layer, brought to length 1. Twenty-eight
thousand rows of 192 numbers are compared with one in milliseconds; nothing cleverer is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fer_core.evaluation.checked_arrays import read_arrays, write_arrays
from fer_core.types import Float, Int


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One training face: its row in the split, and how alike (1: the same direction)."""

    row: int
    alike: float


@dataclass(frozen=True, slots=True)
class Index:
    """Features of a split, a row a face; ``model`` and ``data`` are checksums."""

    model: str
    data: str
    split: str
    rows: Int
    features: Float

    def __post_init__(self) -> None:
        if self.features.ndim != 2 or len(self.features) != len(self.rows):
            raise ValueError(f"features {self.features.shape} for {len(self.rows)} rows")

    def nearest(
        self, feature: Float, count: int = 8, *, without: int | None = None
    ) -> list[Neighbour]:
        """The faces most alike, the most alike first; ``without`` leaves one row out."""
        alike = self.features @ unit(feature[None])[0]
        if without is not None:
            alike = np.where(self.rows == without, -np.inf, alike)
        count = min(
            count, len(alike) - (without is not None and bool((self.rows == without).any()))
        )
        if count <= 0:
            return []
        best = np.argpartition(-alike, count - 1)[:count]
        best = best[np.argsort(-alike[best], kind="stable")]
        return [Neighbour(int(self.rows[k]), float(alike[k])) for k in best]

    def write(self, path: Path) -> None:
        about = {"model": self.model, "data": self.data, "split": self.split}
        arrays: dict[str, np.ndarray] = {
            "rows": self.rows,
            "features": self.features.astype(np.float16),
        }
        write_arrays(path, about, arrays)

    @classmethod
    def read(cls, path: Path) -> Index:
        """ModelError where the file is not what was written."""
        about, arrays = read_arrays(path, "index")
        return cls(**about, rows=arrays["rows"], features=arrays["features"].astype(np.float32))


def unit(features: Float) -> Float:
    """Rows of length 1, so that a product is a cosine."""
    length = np.linalg.norm(features, axis=1, keepdims=True)
    return np.asarray(features / np.maximum(length, 1e-9), np.float32)


def path_of(cache: Path, model: str, data: str, split: str) -> Path:
    """Where the index of a model (checksum) and a data set (checksum) lies."""
    return cache / "neighbours" / f"{model[:16]}-{data[:16]}-{split}.npz"
