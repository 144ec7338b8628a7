"""Suppression, squares and patches."""

from __future__ import annotations

import numpy as np
import pytest

from fer_core.faces import geometry
from fer_core.faces.geometry import Octaves, squared, suppress, suppress_groups
from fer_core.types import Float


def boxes_of(rng: np.random.Generator, n: int) -> tuple[Float, Float]:
    corners = rng.uniform(0, 100, (n, 2))
    sizes = rng.uniform(15, 40, (n, 2))
    boxes = np.concatenate([corners, corners + sizes], axis=1).astype(np.float32)
    return boxes, rng.permutation(n).astype(np.float32) / n


def test_both_ways_of_suppression_keep_the_same_rows() -> None:
    boxes, scores = boxes_of(np.random.default_rng(1), 200)
    fast = suppress(boxes, scores, 0.4)
    keep: list[int] = []
    for row in np.argsort(-scores):
        kept = boxes[keep]
        if not keep or (geometry.overlaps(boxes[row], kept) <= 0.4).all():
            keep.append(int(row))
    assert 20 < len(keep) < 180
    assert fast.tolist() == keep


def test_groups_do_not_suppress_each_other() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 10], [1, 0, 11, 10]], np.float32)
    scores = np.array([0.9, 0.8, 0.7], np.float32)
    kept = suppress_groups(boxes, scores, np.array([0, 1, 1], np.int32), 0.5)
    assert sorted(kept.tolist()) == [0, 1]


def test_a_box_inside_another_is_suppressed_by_the_smaller_area() -> None:
    boxes = np.array([[0, 0, 100, 100], [10, 10, 30, 30]], np.float32)
    scores = np.array([0.9, 0.8], np.float32)
    assert suppress(boxes, scores, 0.7).tolist() == [0, 1]
    assert suppress(boxes, scores, 0.7, by="min").tolist() == [0]


def test_nothing_suppresses_to_nothing() -> None:
    none = np.zeros((0, 4), np.float32)
    assert len(suppress(none, np.zeros(0, np.float32), 0.5)) == 0
    assert len(suppress_groups(none, np.zeros(0, np.float32), np.zeros(0, np.int32), 0.5)) == 0


def test_squares_keep_the_centre() -> None:
    square = squared(np.array([[10, 10, 20, 50]], np.float32), 1.5)
    assert square.tolist() == [[-15, 0, 45, 60]]


def test_patches_read_the_same_content_from_every_octave() -> None:
    # A plane of grey: any correct reading of it is the plane again.
    y, x = np.mgrid[0:400, 0:400]
    rgb = np.repeat((x * 0.3 + y * 0.2)[..., None], 3, axis=2).astype(np.uint8)
    octaves = Octaves(rgb)
    for side in (30, 60, 120, 250, 380):
        square = np.array([[10, 8, 10 + side, 8 + side]], np.float32)
        patch = octaves.patches(square, 24)[0, :, :, 0]
        centre = (np.arange(24) + 0.5) / 24 * side - 0.5
        wanted = (10 + centre) * 0.3 + (8 + centre[:, None]) * 0.2
        # uint8 rounds at every halving; a shift of a quarter pixel of a half would show more.
        assert np.abs(patch - wanted).mean() < 0.8


def test_outside_the_picture_is_mid_grey() -> None:
    octaves = Octaves(np.zeros((50, 50, 3), np.uint8))
    patch = octaves.patches(np.array([[100, 100, 130, 130]], np.float32), 24)
    assert (patch == 127).all()


@pytest.mark.parametrize("corner", [(100, 60), (-30, -20), (330, 180), (500, 400)])
def test_patches_are_the_same_whether_all_of_the_picture_is_halved_or_a_part(
    corner: tuple[int, int],
) -> None:
    rgb = np.random.default_rng(3).integers(0, 256, (216, 384, 3), np.uint8)
    x, y = corner
    square = np.array([[x + 0.3, y + 0.8, x + 101.1, y + 101.6]], np.float32)
    whole = Octaves(rgb)
    whole.level(3)  # all levels are there
    found = Octaves(rgb).patches(square, 24)
    np.testing.assert_array_equal(found, whole.patches(square, 24))
