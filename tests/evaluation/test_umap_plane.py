"""The map of faces by UMAP: what it keeps, and what it says where the extra is missing."""

from __future__ import annotations

import numpy as np
import pytest

from fer_core.errors import Cancelled, DataError, SettingsError
from fer_core.evaluation import face_map
from fer_core.evaluation.umap_plane import NEIGHBOURS, neighbours_kept, plane
from fer_core.types import Float
from tests.long import only_long
from tests.umap import need_umap, with_umap, without_umap

GROUPS = 12


def grouped(n: int) -> tuple[Float, np.ndarray]:
    """Features in more groups than a plane by PCA can keep apart."""
    rng = np.random.default_rng(0)
    group = np.arange(n) % GROUPS
    return (3 * rng.normal(size=(GROUPS, 24))[group] + rng.normal(size=(n, 24))).astype(
        np.float32
    ), group


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    without_umap(monkeypatch)
    with pytest.raises(SettingsError, match="not installed") as caught:
        plane(grouped(60)[0], print)
    assert caught.value.hint == "pip install 'rapt[umap]'"


def test_too_few_faces_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with_umap(monkeypatch)
    with pytest.raises(DataError, match="too few faces"):
        plane(grouped(29)[0], print)


def test_what_a_plane_keeps_of_neighbours_is_counted() -> None:
    rng = np.random.default_rng(1)
    turn = np.sort(rng.random(200))
    around = np.column_stack([np.cos(turn), np.sin(turn)]).astype(np.float32)
    assert neighbours_kept(around, 3 * around + 1) == 1
    assert neighbours_kept(2 * around, around) == 1, "features count by their direction alone"
    by_chance = neighbours_kept(around, rng.permutation(around))
    assert by_chance == pytest.approx(NEIGHBOURS / 199, abs=0.03)


@only_long
def test_umap_keeps_more_neighbours_than_pca_and_is_the_same_twice() -> None:
    need_umap()
    features, group = grouped(600)
    told: list[float] = []
    points, kept = plane(features, told.append)
    assert points.shape == (600, 2)
    assert points.min() >= 0
    assert points.max() <= 1
    means = np.stack([points[group == k].mean(axis=0) for k in range(GROUPS)])
    nearest = np.linalg.norm(points[:, None] - means, axis=2).argmin(axis=1)
    assert (nearest == group).mean() > 0.95
    assert kept == neighbours_kept(features, points)
    by_pca, _ = face_map.plane(features)
    assert kept > neighbours_kept(features, by_pca) + 0.05
    assert told == sorted(told)
    assert told[-1] == 1
    np.testing.assert_array_equal(plane(features, told.append)[0], points)


@only_long
def test_umap_ends_where_it_is_asked_to() -> None:
    need_umap()
    told: list[float] = []

    def stop(share: float) -> None:
        told.append(share)
        if share > 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        plane(grouped(600)[0], stop)
    assert told[-1] < 1
