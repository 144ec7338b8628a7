"""The crop: exact, the same for everyone, honest about detail."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_core.faces import cut
from fer_core.types import Bytes, CropSpec

from .conftest import FACE

BOX = np.array([FACE], np.float32)
EYES = np.array([[[203, 100], [247, 102], [224, 127], [201, 139], [245, 141]]], np.float32)
NONE = np.full((1, 5, 2), np.nan, np.float32)


@pytest.fixture(scope="module")
def grey(astronaut: Bytes) -> Bytes:
    return cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)


def test_a_square_of_the_crops_own_size_is_copied_to_the_bit(grey: Bytes) -> None:
    crop = cut(grey, np.array([[100, 60, 40, 48]], np.float32), NONE, CropSpec(size=48))
    assert (crop[0] == grey[60:108, 96:144]).all()


def test_twice_the_size_is_the_mean_of_four_pixels(grey: Bytes) -> None:
    crop = cut(grey, np.array([[100, 60, 96, 96]], np.float32), NONE, CropSpec(size=48))
    means = grey[60:156, 100:196].reshape(48, 2, 48, 2).mean(axis=(1, 3))
    assert np.abs(crop[0] - means).max() <= 0.5


@pytest.mark.parametrize("times", [1.3, 2.0, 3.7, 8.0])
def test_the_crop_does_not_depend_on_the_pictures_resolution(grey: Bytes, times: float) -> None:
    small = cut(grey, BOX, NONE, CropSpec())[0]
    large_picture = cv2.resize(grey, None, fx=times, fy=times, interpolation=cv2.INTER_LINEAR)
    large = cut(large_picture, BOX * np.float32(times), NONE, CropSpec())[0]
    # Enlarging and reading back smooths a little; a shift of half a pixel gives 8 or more.
    assert np.abs(small.astype(int) - large).mean() < 2.5


def test_every_pixel_of_a_large_face_counts() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2000, 2000), np.uint8)
    crop = cut(noise, np.array([[100, 100, 1700, 1700]], np.float32), NONE, CropSpec())
    # Averages of 35 x 35 noisy pixels: 74 / 35 is 2.1 grey levels of spread, not 74.
    assert crop.std() < 6


def test_margin_and_shift_move_the_square(grey: Bytes) -> None:
    spec = CropSpec(size=48, margin=1.5, dy=0.25)
    crop = cut(grey, np.array([[200, 200, 30, 32]], np.float32), NONE, spec)
    assert (crop[0] == grey[200:248, 191:239]).all()


def test_outside_the_picture_its_border_is_repeated() -> None:
    picture = np.full((40, 40), 200, np.uint8)
    picture[:, 0] = 10
    crop = cut(picture, np.array([[-24, 0, 48, 40]], np.float32), NONE, CropSpec(size=48))
    assert (crop[0, :, :24] == 10).all()
    assert (crop[0, :, 26:] == 200).all()


def test_aligned_eyes_are_level_however_the_head_leans(grey: Bytes) -> None:
    spec = CropSpec(align="eyes")
    upright = cut(grey, BOX, EYES, spec)[0].astype(int)
    centre = BOX[0, :2] + BOX[0, 2:] / 2
    for angle in (-25, 15):
        turn = cv2.getRotationMatrix2D((float(centre[0]), float(centre[1])), -angle, 1)
        leaning = cv2.warpAffine(grey, turn, grey.shape[::-1])
        eyes = (EYES @ turn[:, :2].T + turn[:, 2]).astype(np.float32)
        crop = cut(leaning, BOX, eyes, spec)[0]
        assert np.abs(crop - upright).mean() < 5
        unaligned = cut(leaning, BOX, eyes, CropSpec())[0]
        assert np.abs(unaligned - upright).mean() > 12


def test_without_landmarks_an_aligned_crop_is_upright(grey: Bytes) -> None:
    assert (cut(grey, BOX, NONE, CropSpec(align="eyes")) == cut(grey, BOX, NONE, CropSpec())).all()


def test_company_changes_nothing(grey: Bytes) -> None:
    rng = np.random.default_rng(3)
    boxes = rng.uniform(5, 300, (20, 4)).astype(np.float32)
    points = rng.uniform(0, 500, (20, 5, 2)).astype(np.float32)
    spec = CropSpec(align="eyes", margin=1.2)
    together = cut(grey, boxes, points, spec)
    alone = [cut(grey, boxes[i : i + 1], points[i : i + 1], spec)[0] for i in range(20)]
    assert (together == np.stack(alone)).all()


def test_colours_are_kept_where_the_picture_has_them(astronaut: Bytes) -> None:
    crop = cut(astronaut, BOX, NONE, CropSpec(size=64))
    assert crop.shape == (1, 64, 64, 3)


def test_no_faces_give_no_crops(grey: Bytes) -> None:
    none = cut(grey, np.zeros((0, 4), np.float32), np.zeros((0, 5, 2), np.float32), CropSpec())
    assert none.shape == (0, 48, 48)


def test_an_impossible_box_gives_a_black_crop(grey: Bytes) -> None:
    boxes = np.array([[np.nan, 0, 9, 9], [0, 0, 0, 0], [0, 0, 1e8, 1e8], [np.inf, 0, 9, 9]])
    crops = cut(grey, boxes.astype(np.float32), np.repeat(NONE, 4, axis=0), CropSpec())
    assert (crops == 0).all()


@settings(max_examples=150)
@given(
    picture=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    box=st.tuples(st.floats(-200, 200), st.floats(-200, 200), st.floats(0, 600), st.floats(0, 600)),
    lean=st.floats(-3, 3),
)
def test_a_flat_picture_gives_flat_crops_wherever_they_lie(
    picture: tuple[int, int], box: tuple[float, ...], lean: float
) -> None:
    boxes = np.array([box], np.float32)
    eyes = np.zeros((1, 5, 2), np.float32)
    eyes[0, 1] = np.cos(lean), np.sin(lean)
    crop = cut(np.full(picture, 77, np.uint8), boxes, eyes, CropSpec(align="eyes"))
    side = boxes[0, 2:].max()
    assert (crop == (77 if 0 < side <= 8 * max(picture) else 0)).all()
