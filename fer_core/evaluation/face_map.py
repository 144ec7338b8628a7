"""A map of faces: where each stands by the model's own features, faces it finds alike together.

Features are brought to length 1 and to two numbers by principal components (PCA), or by UMAP
(``umap_plane``); both axes are scaled alike to 0 … 1, the further spread being the horizontal one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np

from fer_core.errors import SettingsError
from fer_core.evaluation.checked_arrays import read_arrays, write_arrays
from fer_core.evaluation.neighbours import unit
from fer_core.types import Bool, Float, Int

#: Corners of an area that is drawn by hand, at most.
MOST_CORNERS: Final = 400
_NO_AREA: Final = "This is no area of the map."
_DRAW: Final = "Draw one on the map again."
_MARGIN: Final = 0.02
_FAR: Final = 100.0  # a hand leaves the map, but not by this much


class Layout(StrEnum):
    """How features become places on a map; the values stand in addresses."""

    PCA = "pca"
    UMAP = "umap"


#: What a layout's files end with; the number grows when it lays out otherwise.
_ENDINGS: Final = {Layout.PCA: "", Layout.UMAP: "-umap-1"}


@dataclass(frozen=True, slots=True)
class FaceMap:
    """Faces of a split on a plane; ``model`` and ``data`` are checksums.

    rows: (n,) in the split. points: (n, 2), 0 to 1. kept: by PCA the share of the features'
    variance that the two axes show, by UMAP the share of neighbours that stay neighbours.
    """

    model: str
    data: str
    split: str
    rows: Int
    points: Float
    kept: float

    def write(self, path: Path) -> None:
        about = {"model": self.model, "data": self.data, "split": self.split, "kept": self.kept}
        write_arrays(path, about, {"rows": self.rows, "points": self.points})

    @classmethod
    def read(cls, path: Path) -> FaceMap:
        """ModelError where the file is not what was written."""
        about, arrays = read_arrays(path, "map of faces")
        return cls(**about, rows=arrays["rows"], points=arrays["points"])


def path_of(cache: Path, model: str, data: str, split: str, layout: Layout = Layout.PCA) -> Path:
    """Where the map of a model (checksum), a data set (checksum) and a split lies."""
    return cache / "maps" / f"{model[:16]}-{data[:16]}-{split}{_ENDINGS[layout]}.npz"


def plane(features: Float) -> tuple[Float, float]:
    """Points (n, 2) of features (n, d) by PCA, and the share of the variance that they keep.

    An axis points to where its largest loading is positive, so that the same features make the
    same map.
    """
    rows = unit(features).astype(np.float64)
    rows -= rows.mean(axis=0)
    variances, axes = np.linalg.eigh(rows.T @ rows)
    order = np.argsort(-variances)[:2]
    axes = axes[:, order]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    points = rows @ axes
    if points.shape[1] < 2:
        points = np.column_stack([points, np.zeros(len(points))])
    whole = float(variances.sum())
    kept = float(variances[order].sum()) / whole if whole > 0 else 1.0
    return scaled(points), kept


def scaled(points: Float) -> Float:
    """Points (n, 2) brought into 0 to 1, both axes alike."""
    low, high = points.min(axis=0), points.max(axis=0)
    reach = float((high - low).max()) or 1.0
    return np.asarray(0.5 + (points - (low + high) / 2) / reach * (1 - 2 * _MARGIN), np.float32)


def inside(points: Float, corners: Float) -> Bool:
    """Which points (n, 2) lie within a polygon (m, 2), by the even-odd rule."""
    x, y = points[:, 0], points[:, 1]
    found = np.zeros(len(points), bool)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        crosses = (y0 > y) != (y1 > y)
        if not crosses.any():
            continue
        at = x0 + (y - y0) * ((x1 - x0) / (y1 - y0))
        found ^= crosses & (x < at)
    return found


@dataclass(frozen=True, slots=True)
class Area:
    """What was drawn around by hand, as corners (m, 2), and on a map of which layout."""

    corners: Float
    layout: Layout = Layout.PCA

    @classmethod
    def read(cls, text: str) -> Area:
        """An area as an address has it: «umap:0.1,0.2;0.3,0.2;0.2,0.5».

        One that names no layout is of the time when there was PCA alone. SettingsError where it
        is no area.
        """
        name, _, corners = text.rpartition(":")
        if name not in ("", *Layout):
            raise SettingsError(_NO_AREA, _DRAW)
        return cls(_corners(corners), Layout(name or Layout.PCA))

    def __str__(self) -> str:
        """As ``read`` takes it."""
        return f"{self.layout}:" + ";".join(f"{x:.4f},{y:.4f}" for x, y in self.corners)


def _corners(text: str) -> Float:
    try:
        corners = np.array([one.split(",") for one in text.split(";")], np.float32)
    except ValueError:
        corners = np.zeros((0, 2), np.float32)
    shaped = corners.ndim == 2 and corners.shape[1] == 2 and 3 <= len(corners) <= MOST_CORNERS
    if not shaped or not (np.abs(corners) < _FAR).all():
        raise SettingsError(_NO_AREA, _DRAW)
    return corners
