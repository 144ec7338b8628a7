"""A module of the tests run in a process of its own, where nothing else was imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.conftest import PROJECT


def answer_of(module: str, folder: Path, **environment: str) -> dict[str, Any]:
    """The JSON object that the module prints last; a failure shows what it said."""
    paths = [str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]
    kept = {  # JAX compiles the same steps once, however many trainings take them
        "JAX_COMPILATION_CACHE_DIR": str(folder.parent / "compiled"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }
    done = subprocess.run(
        [sys.executable, "-m", module, str(folder)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), **kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer
