"""The plane of a map of faces by UMAP (McInnes, Healy and Melville 2018), an extra: rapt[umap].

Neighbours by the features stay neighbours as far as a plane lets them; how far groups stand from
one another, and how wide they are, says nothing. It begins from the plane by PCA, so that groups
lie where a person saw them there, and draws chance from a fixed seed: the same features make the
same map.
"""

from __future__ import annotations

import importlib.util
import math
import warnings
from collections.abc import Callable
from typing import Final

import numpy as np

from fer_core.errors import DataError, SettingsError
from fer_core.evaluation import face_map
from fer_core.evaluation.neighbours import unit
from fer_core.types import Float, Int

INSTALL: Final = "pip install 'rapt[umap]'"
#: How many neighbours of a face count; full search finds them, as it does for one face (113).
NEIGHBOURS: Final = 15
#: Fewer faces have no neighbourhoods.
FEWEST: Final = 2 * NEIGHBOURS
_SEED: Final = 0
#: A little more than docs/benchmarks/face_map.md measures.
_START_S: Final = 30.0
_A_FACE_S: Final = 0.004


def is_installed() -> bool:
    """Whether the extra is there; nothing is imported."""
    return importlib.util.find_spec("umap") is not None


def check_installed() -> None:
    """SettingsError, with the command that installs it, where the extra is missing."""
    if not is_installed():
        raise SettingsError("UMAP is not installed.", INSTALL)


def check_enough(faces: int) -> None:
    """DataError where so few faces cannot be laid out."""
    if faces < FEWEST:
        raise DataError("These are too few faces for UMAP.", f"It takes {FEWEST}.")


def seconds(faces: int) -> float:
    """About how long it takes to read so many faces and lay them out, on two cores, in tens."""
    return 10 * math.ceil((_START_S + faces * _A_FACE_S) / 10)


def plane(features: Float, on_progress: Callable[[float], None]) -> tuple[Float, float]:
    """Points (n, 2) of features (n, d) by UMAP, and the share of neighbours that they keep.

    ``on_progress`` is told the share that is done; what it raises ends the work.
    """
    check_installed()
    check_enough(len(features))
    from umap import UMAP

    rows = unit(features)
    near, distances = _nearest(rows)
    itself = np.arange(len(rows))
    start, _ = face_map.plane(features)
    with warnings.catch_warnings():
        # without an index of its own UMAP cannot place new faces later, which nobody asks of it
        warnings.filterwarnings("ignore", message=r"precomputed_knn\[2\]")
        laid_out = UMAP(
            n_neighbors=NEIGHBOURS + 1,  # it counts a face itself
            precomputed_knn=(
                np.column_stack([itself, near]).astype(np.int32),
                np.column_stack([np.zeros(len(rows)), distances]).astype(np.float32),
            ),
            init=start,
            random_state=_SEED,
            n_jobs=1,  # what more threads do is not the same twice
            tqdm_kwds={"disable": False, "file": _Epochs(on_progress), "bar_format": "{n}/{total}"},
        ).fit_transform(rows)
    points = face_map.scaled(laid_out)
    return points, _kept(near, points)


def neighbours_kept(features: Float, points: Float) -> float:
    """Of a face's nearest by features (n, d), the share that is nearest at points (n, 2) too."""
    return _kept(_nearest(unit(features))[0], points)


def _kept(near: Int, points: Float) -> float:
    here, _ = _nearest(points)
    return float((near[:, :, None] == here[:, None, :]).any(axis=2).mean())


def _nearest(rows: Float) -> tuple[Int, Float]:
    """The nearest others of each row (n, NEIGHBOURS), the nearest first, and their distances."""
    from sklearn.neighbors import NearestNeighbors

    distances, near = NearestNeighbors(n_neighbors=NEIGHBOURS).fit(rows).kneighbors()
    return near, distances


class _Epochs:
    """Where UMAP's progress bar writes «3/200»: there it can be heard, and ended."""

    def __init__(self, on_progress: Callable[[float], None]) -> None:
        self._on_progress = on_progress

    def write(self, text: str) -> None:
        done, slash, total = text.strip().partition("/")
        if slash:
            self._on_progress(int(done) / int(total))

    def flush(self) -> None:
        """Nothing is held back."""
