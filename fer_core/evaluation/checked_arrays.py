"""Arrays in the cache with what they are of: one file, whose first line is its checksum."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fer_core.errors import ModelError
from fer_core.files import sha256_of, write_bytes

_HINT = "Evaluate the model on the data set again: it is made anew."


def write_arrays(path: Path, about: Mapping[str, object], arrays: Mapping[str, np.ndarray]) -> None:
    """In one step."""
    body = io.BytesIO()
    said = np.frombuffer(json.dumps(dict(about)).encode(), np.uint8)
    np.savez(body, allow_pickle=False, about=said, **arrays)
    content = body.getvalue()
    write_bytes(path, sha256_of(content).encode() + b"\n" + content)


def read_arrays(path: Path, what: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What ``write_arrays`` wrote; ModelError, which calls it ``what``, where it is not that."""
    try:
        stored = path.read_bytes()
    except OSError as error:
        raise ModelError(f"There is no {what} at {path}.", _HINT) from error
    checksum, _, content = stored.partition(b"\n")
    if sha256_of(content).encode() != checksum:
        raise ModelError(f"The {what} {path.name} is damaged.", _HINT)
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        about = json.loads(arrays["about"].tobytes())
        return about, {name: arrays[name] for name in arrays.files if name != "about"}


def is_whole(path: Path) -> bool:
    """Whether what ``write_arrays`` wrote is there and undamaged; else it can be made again."""
    try:
        read_arrays(path, "")
    except ModelError:
        return False
    return True
