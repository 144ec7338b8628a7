"""Nearest neighbours: training faces that are similar in the model's own features, by full search.

A feature row is what the network hands to its last layer, brought to length 1. Twenty-eight
thousand rows of 192 numbers are compared with one in milliseconds; nothing cleverer is needed.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fer_core.errors import ModelError
from fer_core.files import sha256_of, write_bytes
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
        """In one step, with the checksum of what stands in it as its first line."""
        body = io.BytesIO()
        about = json.dumps({"model": self.model, "data": self.data, "split": self.split})
        np.savez(
            body,
            about=np.frombuffer(about.encode(), np.uint8),
            rows=self.rows,
            features=self.features.astype(np.float16),
        )
        content = body.getvalue()
        write_bytes(path, sha256_of(content).encode() + b"\n" + content)

    @classmethod
    def read(cls, path: Path) -> Index:
        """ModelError where the file is not what was written."""
        hint = "Evaluate the model on the data set again: the index is made anew."
        try:
            stored = path.read_bytes()
        except OSError as error:
            raise ModelError(f"There is no index at {path}.", hint) from error
        checksum, _, content = stored.partition(b"\n")
        if sha256_of(content).encode() != checksum:
            raise ModelError(f"The index {path.name} is damaged.", hint)
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            about = json.loads(arrays["about"].tobytes())
            return cls(
                about["model"],
                about["data"],
                about["split"],
                arrays["rows"],
                arrays["features"].astype(np.float32),
            )


def unit(features: Float) -> Float:
    """Rows of length 1, so that a product is a cosine."""
    length = np.linalg.norm(features, axis=1, keepdims=True)
    return np.asarray(features / np.maximum(length, 1e-9), np.float32)


def path_of(cache: Path, model: str, data: str, split: str) -> Path:
    """Where the index of a model (checksum) and a data set (checksum) lies."""
    return cache / "neighbours" / f"{model[:16]}-{data[:16]}-{split}.npz"
