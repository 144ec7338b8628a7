"""The shipped model through LiteRT."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from fer_core.errors import ModelError
from fer_core.inference import open_classifier
from fer_core.inference.classifier import Classifier
from fer_core.types import CropSpec
from fer_core.zoo.model_store import StoredModel, find_model


def crops(n: int = 5) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, 48, 48)).astype(np.uint8)


def test_probabilities_sum_to_one_and_do_not_depend_on_the_company() -> None:
    network = open_classifier()
    faces = crops()
    together = network.probabilities(faces)
    assert together.shape == (5, 7)
    assert together.dtype == np.float32
    assert together.sum(axis=1) == pytest.approx(np.ones(5), abs=1e-6)
    backwards = network.probabilities(np.ascontiguousarray(faces[::-1]))[::-1]
    assert (together == backwards).all()


def test_no_face_gives_no_rows() -> None:
    assert open_classifier().probabilities(crops(0)).shape == (0, 7)


def test_crops_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="48"):
        open_classifier().probabilities(np.zeros((1, 40, 40), np.uint8))


def test_a_model_that_is_not_there_is_told_the_others() -> None:
    with pytest.raises(ModelError, match="rapt-1"):
        open_classifier("nobody")


def test_a_card_whose_crop_does_not_fit_its_network_is_refused() -> None:
    stored = find_model("rapt-1")
    card = replace(stored.card, crop=CropSpec(size=64))
    with pytest.raises(ModelError, match="its card says"):
        Classifier(StoredModel(card, stored.folder))


def test_serving_imports_no_tensorflow_and_no_keras() -> None:
    code = (
        "import sys, numpy as np; from fer_core.inference import open_classifier; "
        "open_classifier().probabilities(np.zeros((1, 48, 48), np.uint8)); "
        "sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras', 'torch')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
