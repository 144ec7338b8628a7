"""The three MTCNN networks as LiteRT files in the cache, made from the wheel's weights.

Making them needs TensorFlow for a few seconds, so that happens in a process of its own:
the one that analyses never holds TensorFlow's memory. A file of checksums is written last;
whatever does not match it is made again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from fer_core.errors import FaceError
from fer_core.files import locked, read_json, sha256_of, sha256_of_file, write_json

#: Raise it whenever export.py makes other files out of the same weights.
FORMAT = 1
NETWORKS = ("pnet", "rnet", "onet")
TIMEOUT_S = 600


def load_networks(cache: Path) -> dict[str, bytes]:
    """The networks' bytes, exported first where the cache has none that are whole."""
    folder = cache / f"mtcnn-{FORMAT}"
    try:
        networks = _read(folder)
        if networks is not None:
            return networks
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / "export.lock"):
            networks = _read(folder)  # another process may have made them while we waited
            if networks is None:
                _export(folder)
                networks = _read(folder)
    except OSError as error:
        raise FaceError(
            f"The face networks cannot be stored in {folder}: {error}.",
            "Choose a writable folder with --home.",
        ) from error
    if networks is None:
        raise FaceError(
            f"The face networks in {folder} are damaged right after they were made.",
            "Check the disk, then delete the folder.",
        )
    return networks


def _read(folder: Path) -> dict[str, bytes] | None:
    try:
        sums = read_json(folder / "checksums.json")
        networks = {name: (folder / f"{name}.tflite").read_bytes() for name in NETWORKS}
    except (FileNotFoundError, json.JSONDecodeError, UnicodeDecodeError):
        return None
    if not isinstance(sums, dict):
        return None
    whole = all(sums.get(n) == sha256_of(b) for n, b in networks.items())
    return networks if whole else None


def _export(folder: Path) -> None:
    """Run export.py and move its files into place, the checksums last."""
    part = folder / f"part-{os.getpid()}"
    part.mkdir(exist_ok=True)
    environment = dict(os.environ, TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
    command = [sys.executable, "-m", "fer_core.faces.export", str(part)]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S
        )
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise FaceError(
                f"The face networks could not be exported: {last}",
                "Check that the packages mtcnn and tensorflow are installed.",
            )
        sums = {}
        for name in NETWORKS:
            made = part / f"{name}.tflite"
            sums[name] = sha256_of_file(made)
            made.replace(folder / made.name)
        write_json(folder / "checksums.json", sums)
    except subprocess.TimeoutExpired as error:
        raise FaceError(
            f"Exporting the face networks took over {TIMEOUT_S} s.",
            "Try again on a calmer machine.",
        ) from error
    finally:
        for left in part.iterdir():
            left.unlink()
        part.rmdir()
