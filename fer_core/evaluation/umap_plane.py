"""The plane of a map of faces by UMAP (McInnes, Healy and Melville 2018), an extra: rapt[umap].

Neighbours by the features stay neighbours as far as a plane lets them; how far groups stand from
one another, and how wide they are, says nothing. It begins from the plane by PCA, so that groups
lie where a person saw them there, and draws chance from a fixed seed: the same features make the
same map.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Final

import numpy as np

from fer_core.errors import DataError, SettingsError
from fer_core.evaluation import face_map
from fer_core.evaluation.neighbours import unit
from fer_core.types import Float, Int

INSTALL: Final = "pip install 'rapt[umap]'"
#: How many neighbours of a face count, UMAP's own default.
NEIGHBOURS: Final = 15
#: Fewer faces have no neighbourhoods.
FEWEST: Final = 2 * NEIGHBOURS
_SEED: Final = 0
#: As docs/benchmarks/face_map.md measures it.
_START_S: Final = 30.0
_A_FACE_S: Final = 0.005
#: Faces whose neighbours are looked up to say how many stay neighbours.
_MOST_LOOKED_AT: Final = 2000


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
    """About how long it takes to read so many faces and lay them out, on two cores."""
    return _START_S + faces * _A_FACE_S


def plane(features: Float, on_progress: Callable[[float], None]) -> tuple[Float, float]:
    """Points (n, 2) of features (n, d) by UMAP, and the share of neighbours that they keep.

    ``on_progress`` is told the share that is done; what it raises ends the work.
    """
    check_installed()
    check_enough(len(features))
    from umap import UMAP

    rows = unit(features)
    start, _ = face_map.plane(features)
    laid_out = UMAP(
        n_neighbors=NEIGHBOURS,
        init=start,
        random_state=_SEED,
        n_jobs=1,  # what more threads do is not the same twice
        tqdm_kwds={"disable": False, "file": _Epochs(on_progress), "bar_format": "{n}/{total}"},
    ).fit_transform(rows)
    points = face_map.scaled(laid_out)
    return points, neighbours_kept(rows, points)


def neighbours_kept(rows: Float, points: Float) -> float:
    """Of the nearest faces by features (n, d), the share that is nearest at points (n, 2) too.

    Of many faces only some are looked at, by chance from a fixed seed.
    """
    looked_at = np.random.default_rng(_SEED).permutation(len(rows))[:_MOST_LOOKED_AT]
    by_features, by_place = _nearest(rows, looked_at), _nearest(points, looked_at)
    stay = [len(np.intersect1d(a, b)) for a, b in zip(by_features, by_place, strict=True)]
    return float(np.mean(stay)) / NEIGHBOURS


def _nearest(rows: Float, looked_at: Int) -> list[Int]:
    """The rows nearest to each of some, itself left out."""
    from sklearn.neighbors import NearestNeighbors

    finder = NearestNeighbors(n_neighbors=NEIGHBOURS + 1).fit(rows)
    found = finder.kneighbors(rows[looked_at], return_distance=False)
    return [
        near[near != own][:NEIGHBOURS] for near, own in zip(found, looked_at, strict=True)
    ]


class _Epochs:
    """Where UMAP's progress bar writes «3/200»: the one place at which it can be heard and ended."""

    def __init__(self, on_progress: Callable[[float], None]) -> None:
        self._on_progress = on_progress

    def write(self, text: str) -> None:
        done, slash, total = text.strip().partition("/")
        if slash:
            self._on_progress(int(done) / int(total))

    def flush(self) -> None:
        """Nothing is held back."""
