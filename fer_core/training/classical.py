"""The older way, as Kundu 2021 describes it: features by rule, then a classifier.

Zernike moments (rotation-free shape), local binary patterns (texture), the discrete cosine
transform (coarse brightness); joined, the most telling ones selected, and classified by a
support vector machine, a random forest or nearest neighbours. It is measured beside the
networks and never saved: scikit-learn's own files run code when they are loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import factorial
from typing import Any

import cv2
import numpy as np

from fer_core.errors import SettingsError
from fer_core.training.samples import Samples
from fer_core.types import Bytes, Float, Int

CLASSIFIERS = ("svm", "forest", "neighbours")
ORDER = 8  # of the Zernike moments: 25 numbers
GRID = 4  # local binary patterns are counted in 4x4 fields
COSINES = 8  # the lowest 8x8 frequencies


@lru_cache(maxsize=4)
def zernike_basis(size: int, order: int = ORDER) -> np.ndarray:
    """The conjugate polynomials (moments, size, size) on the disc within the picture."""
    line = (np.arange(size) * 2 - size + 1) / (size - 1)
    x, y = np.meshgrid(line, line)
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    rows = []
    for n in range(order + 1):
        for m in range(n % 2, n + 1, 2):
            radial = np.zeros_like(radius)
            for k in range((n - m) // 2 + 1):
                top = (-1) ** k * factorial(n - k)
                below = factorial(k) * factorial((n + m) // 2 - k) * factorial((n - m) // 2 - k)
                radial += top / below * radius ** (n - 2 * k)
            rows.append((n + 1) / np.pi * radial * np.exp(-1j * m * angle) * (radius <= 1))
    return np.stack(rows)


def zernike(images: Bytes) -> Float:
    """Magnitudes of the moments: they stay when the picture is turned."""
    size = images.shape[1]
    basis = zernike_basis(size).reshape(-1, size * size)
    flat = images.reshape(len(images), -1).astype(np.float64) / 255
    return np.abs(flat @ basis.T * (2 / size) ** 2).astype(np.float32)


def binary_patterns(images: Bytes) -> Float:
    """Histograms of uniform local binary patterns (8 neighbours, radius 1), a field each."""
    from skimage.feature import local_binary_pattern

    step = images.shape[1] // GRID
    rows = []
    for image in images:
        codes = local_binary_pattern(image, 8, 1, "uniform").astype(np.int64)
        fields = codes[: step * GRID, : step * GRID].reshape(GRID, step, GRID, step)
        fields = fields.swapaxes(1, 2).reshape(GRID * GRID, -1)
        rows.append(np.concatenate([np.bincount(field, minlength=10) for field in fields]))
    return np.asarray(np.stack(rows) / (step * step), np.float32)


def cosines(images: Bytes) -> Float:
    """The lowest frequencies of each picture."""
    rows = [cv2.dct(image.astype(np.float32) / 255)[:COSINES, :COSINES].ravel() for image in images]
    return np.stack(rows)


def features(images: Bytes) -> Float:
    return np.concatenate([zernike(images), binary_patterns(images), cosines(images)], axis=1)


@dataclass(frozen=True, slots=True)
class Classical:
    """A fitted pipeline from pictures to labels."""

    pipeline: Any

    def predict(self, images: Bytes) -> Int:
        return np.asarray(self.pipeline.predict(features(images)), np.int32)


def fit(samples: Samples, classifier: str, *, selected: int = 150, seed: int = 1) -> Classical:
    """Scale the features, keep the most telling, fit the classifier."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.feature_selection import SelectKBest, f_classif
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    makers: dict[str, Callable[[], object]] = {
        "svm": lambda: SVC(C=2.0, class_weight="balanced", random_state=seed),
        "forest": lambda: RandomForestClassifier(300, random_state=seed, n_jobs=1),
        "neighbours": lambda: KNeighborsClassifier(9, weights="distance"),
    }
    if classifier not in makers:
        raise SettingsError(
            f"There is no classifier {classifier!r}.", f"One of: {', '.join(CLASSIFIERS)}."
        )
    found = features(samples.images)
    pipeline = make_pipeline(
        StandardScaler(),
        SelectKBest(f_classif, k=min(selected, found.shape[1])),
        makers[classifier](),
    )
    pipeline.fit(found, samples.labels)
    return Classical(pipeline)
