"""A cache of data sets' faces: decoded once, then memory-mapped from HOME/cache.

Decoding a large data set takes seconds, too long for a page that shows fifty of its faces.
The copy is keyed by the files' names, sizes and times of change; when the data set has
changed or is gone, its copy goes too. Within the home only data sets that were dropped on a page
are copied: kept faces are a person's own, and never written twice.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from functools import lru_cache
from pathlib import Path

import numpy as np

from fer_core.files import read_json, replacing, write_json
from fer_core.home import Home
from fer_core.training.datasets import DataSet, load
from fer_core.types import Bytes, Int

#: A folder of many pictures takes a while to walk: what was seen holds this long.
LOOK_EVERY_S = 5.0


def fingerprint(path: str | Path) -> str | None:
    """A checksum of what lies there, without reading it; None where there is nothing."""
    return _fingerprint(str(Path(path).expanduser()), int(time.monotonic() / LOOK_EVERY_S))


@lru_cache(maxsize=16)
def _fingerprint(given: str, _while: int) -> str | None:
    return _look(Path(given))


def _look(path: Path) -> str | None:
    if path.is_file():
        files = [path]
    elif path.is_dir():
        files = sorted(one for one in path.rglob("*") if one.is_file())
    else:
        return None
    digest = hashlib.sha256(str(path.resolve()).encode())
    for one in files:
        about = one.stat()
        digest.update(f"{one.relative_to(path)} {about.st_size} {about.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def store_faces(home: Home, path: str | Path, data: DataSet) -> None:
    """Write the copy of a data set that was just read."""
    key = fingerprint(path)
    place = Path(path).expanduser().resolve()
    brought_in = place.is_relative_to(home.root / "data-sets")
    if key is None or (place.is_relative_to(home.root) and not brought_in):
        return
    folder = home.cache / "faces" / key[:24]
    if (folder / "about.json").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for split, samples in data.splits.items():
        for name, values in ((split, samples.images), (f"{split}-labels", samples.labels)):
            with replacing(folder / f"{name}.npy") as part, part.open("wb") as out:
                np.save(out, values, allow_pickle=False)
    write_json(
        folder / "about.json",
        {"path": str(Path(path).expanduser().resolve()), "key": key, "splits": list(data.splits)},
    )


def sweep(home: Home) -> None:
    """Remove copies whose data set has changed or is gone."""
    for about in (home.cache / "faces").glob("*/about.json"):
        known = read_json(about)
        if not isinstance(known, dict) or _look(Path(known["path"])) != known["key"]:
            shutil.rmtree(about.parent, ignore_errors=True)


def load_faces(home: Home, path: str | Path, split: str) -> tuple[Bytes, Int]:
    """The faces and labels of a split; DataError where the data set cannot be read."""
    key = fingerprint(path)
    if key is not None:
        folder = home.cache / "faces" / key[:24]
        if (folder / "about.json").exists() and (folder / f"{split}.npy").exists():
            images = np.load(folder / f"{split}.npy", mmap_mode="r", allow_pickle=False)
            return images, np.load(folder / f"{split}-labels.npy", allow_pickle=False)
    samples = load(path, usage=split)[split]
    return samples.images, samples.labels


def split_sizes(home: Home, path: str | Path) -> dict[str, int]:
    """A data set's splits with how many faces each has."""
    key = fingerprint(path)
    if key is not None:
        folder = home.cache / "faces" / key[:24]
        about = read_json(folder / "about.json")
        if isinstance(about, dict):
            return {
                name: len(np.load(folder / f"{name}-labels.npy", allow_pickle=False))
                for name in about["splits"]
            }
    return {name: len(samples) for name, samples in load(path).splits.items()}
