"""Training on the device beside the plain loop: the same pictures, steps, resuming, outputs."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.child import answer_of
from tests.long import ONLY_LONG
from tests.training.sets import some_faces
from tests.training.settings import SHORT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("jax") is None, reason="jax is not installed: pip install jax"
    ),
    *ONLY_LONG,
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fused")


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, Any]:
    return answer_of("tests.training.fused_run", folder)


def test_pictures_are_augmented_as_on_the_processor(found: dict[str, Any]) -> None:
    # OpenCV samples at steps of 1/32 pixel and rounds; a blur has 33 strengths here. Seen: 0.2.
    assert max(found["augmentation"]["pictures"].values()) < 0.5
    assert found["augmentation"]["mixed"] < 1e-4


def test_a_run_ends_as_the_plain_loop_ends(found: dict[str, Any]) -> None:
    plain, fused, _ = found["losses"]
    # The pictures differ by a fraction of a grey level. Seen: 0.001 and 0.003.
    assert fused == pytest.approx(plain, abs=0.01)
    assert found["apart"] < 0.03
    assert fused[-1] < fused[0]


def test_a_run_that_was_cut_off_ends_as_the_undisturbed_one(found: dict[str, Any]) -> None:
    assert found["resumed"] == 0


def test_a_sharpness_aware_step_takes_its_gradient_uphill(found: dict[str, Any]) -> None:
    assert found["uphill"] == [pytest.approx([0.3, 0, 0.4]), [1.0]]
    assert found["sharp"] > 1e-5
    assert found["losses"][2][-1] < found["losses"][2][0]


def test_a_small_network_learns_what_can_be_seen(found: dict[str, Any]) -> None:
    first, last, accuracy = found["learned"]
    assert last < first - 0.2
    assert accuracy > 3 / 7  # chance is 1/7


def test_epochs_are_fitted_to_the_time_unless_too_few_would_be_left(found: dict[str, Any]) -> None:
    # The second time one epoch would fit, and that is fewer than the least: six stay planned.
    assert found["fits"] == [6, 6]
    assert found["pictures_per_s"] > 0


def test_weights_trained_on_jax_answer_the_same_on_tensorflow(
    found: dict[str, Any], folder: Path
) -> None:
    model = keras.models.load_model(folder / "jax.keras", compile=False)
    faces = some_faces(21, seed=1).images.astype(np.float32)
    here = np.asarray(model(((faces - SHORT.mean) / SHORT.scale)[..., None]))
    assert np.abs(here - np.load(folder / "logits.npy")).max() < 1e-4
