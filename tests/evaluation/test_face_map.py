"""The map of faces, areas on it, and slices by how pictures look."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fer_core.errors import ModelError, SettingsError
from fer_core.evaluation import face_map, slices
from fer_core.evaluation.face_map import Area, FaceMap, Layout, inside, path_of, plane


def test_groups_of_features_stand_apart_on_the_plane() -> None:
    rng = np.random.default_rng(0)
    centres = 5 * rng.normal(size=(3, 16))
    group = np.arange(90) % 3
    features = (centres[group] + rng.normal(size=(90, 16))).astype(np.float32)
    points, kept = plane(features)
    assert points.shape == (90, 2)
    assert points.min() >= 0
    assert points.max() <= 1
    assert 0.5 < kept <= 1
    means = np.stack([points[group == k].mean(axis=0) for k in range(3)])
    nearest = np.linalg.norm(points[:, None] - means, axis=2).argmin(axis=1)
    assert (nearest == group).mean() > 0.95
    np.testing.assert_array_equal(plane(features)[0], points)


def test_an_area_holds_what_stands_within_it_and_comes_back_from_an_address() -> None:
    points = np.array([[0.2, 0.5], [0.5, 0.7], [0.8, 0.5], [0.5, 0.1]], np.float32)
    notched = "0,0;1,0;1,1;0.5,0.3;0,1"
    drawn = Area.read(notched)
    assert drawn.layout is Layout.PCA, "an address of the time when there was no other"
    assert inside(points, drawn.corners).tolist() == [True, False, True, True]
    square = np.array([[0.1, 0.1], [0.3, 0.1], [0.3, 0.9], [0.1, 0.9]])
    for layout in Layout:
        again = Area.read(str(Area(square, layout)))
        assert again.layout is layout
        np.testing.assert_allclose(again.corners, square, atol=1e-4)
        assert inside(points, again.corners).tolist() == [True, False, False, False]


@pytest.mark.parametrize(
    "text",
    ["", "1,2;3,4", "a,b;c,d;e,f", "1;2;3", "nan,0;1,1;2,2", "1,1," * 9,
     "tsne:0,0;1,0;1,1", "umap:", "umap:0,0;1,1", "umap:pca:0,0;1,0;1,1"],
)  # fmt: skip
def test_what_is_no_area_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="no area"):
        Area.read(text)


def test_layouts_lie_beside_one_another_and_the_first_keeps_its_name(tmp_path: Path) -> None:
    place = (tmp_path, "m" * 64, "d" * 64, "publictest")
    assert path_of(*place).name == f"{'m' * 16}-{'d' * 16}-publictest.npz"
    assert path_of(*place, Layout.UMAP) == path_of(*place).with_name(
        f"{'m' * 16}-{'d' * 16}-publictest-umap-1.npz"
    )


def test_a_map_comes_back_as_it_was_written_and_damage_is_seen(tmp_path: Path) -> None:
    path = face_map.path_of(tmp_path, "m" * 64, "d" * 64, "publictest")
    points = np.array([[0.25, 0.5], [1, 0]], np.float32)
    FaceMap("m", "d", "publictest", np.array([0, 5], np.int32), points, 0.4).write(path)
    found = FaceMap.read(path)
    assert (found.rows.tolist(), found.kept) == ([0, 5], 0.4)
    np.testing.assert_array_equal(found.points, points)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(ModelError, match="damaged"):
        FaceMap.read(path)


def test_slices_hold_the_dark_the_flat_the_blurred_and_the_side_lit() -> None:
    rng = np.random.default_rng(1)
    images = rng.integers(60, 200, (100, 48, 48)).astype(np.uint8)
    images[:10] //= 4
    images[10:20] = 120 + images[10:20] // 40
    smooth = np.linspace(60, 200, 48).astype(np.uint8)
    images[20:30] = smooth[:, None]
    images[30:40, :, 24:] //= 2
    found = {one.trait.key: np.flatnonzero(one.members).tolist() for one in slices.slices(images)}
    assert found["dark"] == list(range(10))
    assert found["flat"] == list(range(10, 20))
    assert found["blurred"] == list(range(20, 30))
    assert found["one-sided"] == list(range(30, 40))
    assert slices.slices(images[:49]) == []
    with pytest.raises(SettingsError, match="no slice 'loud'"):
        slices.trait_called("loud")
