"""Runs ``rented`` in a process in which the packages that a rented machine lacks are missing."""

from __future__ import annotations

import importlib.abc
import os
import sys
from pathlib import Path
from typing import Any

#: Not to be had there, or too slow to be loaded.
MISSING = {"tensorflow", "cv2", "duckdb", "typer", "pandas", "torch", "sklearn", "skimage"}


class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> None:
        if fullname.partition(".")[0] in MISSING:
            raise ModuleNotFoundError(f"there is no {fullname} on a rented machine")


if __name__ == "__main__":
    sys.meta_path.insert(0, Missing())
    os.environ |= {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    from tests.rental.rented import main

    main(Path(sys.argv[1]))
