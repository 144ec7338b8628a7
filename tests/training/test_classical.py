"""The older pipeline: its features mean what they say, and it tells classes apart."""

from __future__ import annotations

import numpy as np
import pytest

from fer_core.errors import SettingsError
from fer_core.training.classical import (
    CLASSIFIERS,
    binary_patterns,
    cosines,
    features,
    fit,
    zernike,
)
from tests.training.sets import some_faces

FACES = some_faces(28)


def test_zernike_magnitudes_stay_when_a_picture_is_turned() -> None:
    turned = np.ascontiguousarray(np.rot90(FACES.images, axes=(1, 2)))
    assert zernike(turned) == pytest.approx(zernike(FACES.images), abs=1e-5)


def test_an_evenly_grey_picture_has_the_first_moment_alone() -> None:
    even = zernike(np.full((1, 48, 48), 255, np.uint8))[0]
    assert even[0] == pytest.approx(1, abs=0.1)  # the disc is counted in whole pixels
    assert even[1:].max() < 0.1


def test_the_binary_patterns_of_a_field_sum_to_one() -> None:
    found = binary_patterns(FACES.images)
    assert found.reshape(len(FACES), 16, 10).sum(axis=2) == pytest.approx(np.ones((28, 16)))


def test_the_first_cosine_is_the_mean_brightness() -> None:
    found = cosines(FACES.images)
    means = FACES.images.reshape(28, -1).mean(axis=1) / 255
    assert found[:, 0] == pytest.approx(48 * means, rel=1e-4)


@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_every_classifier_tells_classes_apart_that_can_be_seen(classifier: str) -> None:
    fitted = fit(some_faces(70), classifier, selected=40)
    truth = FACES.labels
    assert (fitted.predict(FACES.images) == truth).mean() > 0.8
    assert features(FACES.images).shape[1] == 25 + 160 + 64


def test_an_unknown_classifier_is_told_the_others() -> None:
    with pytest.raises(SettingsError, match="svm, forest, neighbours"):
        fit(FACES, "tree")
