"""The loop unchanged on Keras' other backends: it trains, resumes exactly and serves.

`sh benchmarks/backends.sh` installs them beside the project and runs this; without them
these tests are skipped.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tests.child import answer_of
from tests.long import only_long


@only_long
@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_training_runs_unchanged_on_another_backend(backend: str, tmp_path: Path) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed; see benchmarks/backends.sh")
    found = answer_of("tests.training.other_backend", tmp_path, KERAS_BACKEND=backend)
    assert found["backend"] == backend
    assert found["losses"][-1] < found["losses"][0]
    assert found["same"], "a resumed run ended with other weights"
    assert found["apart"] < 1e-3  # logits of that backend and of the LiteRT file
