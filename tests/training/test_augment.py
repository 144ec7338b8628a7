"""Augmentation: the same seed gives the same pictures, and nothing else is changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fer_core.training.augment import NONE, Augmentation, augment, draw_mixing, mix, resize
from tests.training.sets import some_faces

FACES = some_faces(12).images


def test_without_any_change_the_pictures_stay_as_they_are() -> None:
    assert (augment(FACES, 48, NONE, np.random.default_rng(0)) == FACES).all()


def test_the_same_seed_gives_the_same_pictures_and_another_seed_others() -> None:
    first, again, other = (
        augment(FACES, 40, Augmentation(), np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert first.shape == (12, 40, 40)
    assert (first == again).all()
    assert not (first == other).all()
    assert first.min() >= 0
    assert first.max() <= 255


def test_halved_changes_are_half_as_large_and_hide_nothing() -> None:
    how = Augmentation(mixup=0.2).halved()
    assert how.mirror == Augmentation().mirror
    assert how.rotate == Augmentation().rotate / 2
    assert how.blur == Augmentation().blur / 2
    assert (how.erase, how.mixup, how.cutmix) == (0, 0, 0)


def test_a_sure_mirror_mirrors() -> None:
    turned = augment(FACES, 48, replace(NONE, mirror=1.0), np.random.default_rng(0))
    assert (turned == FACES[:, :, ::-1]).all()


def test_a_sure_erasing_leaves_a_flat_patch_of_the_promised_area() -> None:
    how = replace(NONE, erase=1.0, erase_area=(0.1, 0.1))
    changed = augment(FACES, 48, how, np.random.default_rng(0)) != FACES
    share = changed.mean(axis=(1, 2))
    # A patch may hold pixels that had its grey level already, and its sides are rounded.
    assert share == pytest.approx(np.full(12, 0.1), abs=0.02)


def test_mixing_keeps_the_weight_of_the_targets() -> None:
    targets = np.eye(12, dtype=np.float32)
    pictures = FACES.astype(np.float32)
    for how in (replace(NONE, mixup=1.0), replace(NONE, cutmix=1.0)):
        mixing = draw_mixing(how, 12, 48, np.random.default_rng(0))
        mixed, answers = mix(pictures, targets, mixing)
        assert answers.sum(axis=1) == pytest.approx(np.ones(12))
        assert (answers.max(axis=1) < 1).any()
        assert not (mixed == pictures).all()


def test_validation_faces_are_only_resized() -> None:
    assert (resize(FACES, 48) == FACES).all()
    assert resize(FACES, 32).shape == (12, 32, 32)
