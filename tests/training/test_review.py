"""Copies and near copies are found; different faces are not called copies."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from fer_core.training.datasets import load
from fer_core.training.review import copies, groups, near_groups, sheet
from fer_core.training.samples import Samples


def portrait() -> np.ndarray:
    grey = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2GRAY)
    return np.asarray(grey[60:240, 140:320], np.uint8)


def sized(picture: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.resize(picture, (48, 48), interpolation=cv2.INTER_AREA), np.uint8)


def some() -> Samples:
    face = portrait()
    _, jpeg = cv2.imencode(".jpg", sized(face), [cv2.IMWRITE_JPEG_QUALITY, 90])
    again = np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE), np.uint8)
    turned = np.ascontiguousarray(sized(face)[:, ::-1])
    images = np.stack([sized(face), sized(face), again, turned])
    return Samples(images, np.array([3, 3, 3, 6], np.int32))


def test_an_exact_copy_points_to_the_first() -> None:
    assert groups(some()).tolist() == [0, 0, 2, 3]


def test_a_picture_that_was_compressed_again_is_a_near_copy_and_its_mirror_is_not() -> None:
    assert near_groups(some()).tolist() == [0, 0, 0, 3]


def test_copies_across_splits_are_counted_in_the_other_split() -> None:
    faces = some()
    found = copies({"train": faces, "publictest": faces[[0, 3]]}, "train")
    assert (found.exact, found.near, found.across) == (1, 2, {"publictest": 2})


def test_a_sheet_has_a_row_for_each_class() -> None:
    made = sheet(some(), rows=7, columns=4)
    assert made.shape == (7 * 48, 4 * 48)
    assert made[:48, : 3 * 48].any()
    assert not made[2 * 48 :].any()


@pytest.mark.shared
def test_the_copies_in_fer2013_are_as_many_as_is_known(shared: Path) -> None:
    splits = load(shared / "data" / "fer2013").splits
    assert int((groups(splits["train"]) != np.arange(len(splits["train"]))).sum()) >= 1_200
    from fer_core.training.samples import exact_copies

    assert exact_copies(splits["publictest"].images, splits["train"].images).sum() == 279
