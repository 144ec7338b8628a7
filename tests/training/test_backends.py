"""The loop unchanged on Keras' other backends: it trains, resumes exactly and serves.

`sh benchmarks/backends.sh` installs them beside the project and runs this; without them
these tests are skipped.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_training_runs_unchanged_on_another_backend(backend: str, tmp_path: Path) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed; see benchmarks/backends.sh")
    paths = [str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [sys.executable, "-m", "tests.training.other_backend", str(tmp_path)],
        cwd=PROJECT,
        env={**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.strip().splitlines()[-1])
    assert found["backend"] == backend
    assert found["losses"][-1] < found["losses"][0]
    assert found["same"], "a resumed run ended with other weights"
    assert found["apart"] < 1e-3  # logits of that backend and of the LiteRT file
