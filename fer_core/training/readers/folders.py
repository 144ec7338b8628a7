"""A folder of pictures for each emotion, with or without split folders above them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fer_core.errors import DataError
from fer_core.labels import EMOTIONS
from fer_core.training.datasets import DataSet, Problem, emotion_of, split_name, to_side
from fer_core.training.readers import READERS, Reader, Row, collect
from fer_core.types import Bytes

PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".bmp"}


def emotion_folders(path: Path) -> list[tuple[str, Path, int]]:
    """(split, folder, label) of each emotion folder; without split folders all is ``train``."""
    found = []
    for folder in sorted(child for child in path.iterdir() if child.is_dir()):
        label = emotion_of(folder.name)
        if label is not None:
            found.append(("train", folder, label))
            continue
        for inner in sorted(child for child in folder.iterdir() if child.is_dir()):
            label = emotion_of(inner.name)
            if label is not None:
                found.append((split_name(folder.name), inner, label))
    if not found:
        raise DataError(
            f"{path} holds no folder that is named after an emotion.",
            f"Name them {', '.join(EMOTIONS)}.",
        )
    return found


def pictures_in(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURES)


def read_grey(path: Path) -> Bytes | None:
    import cv2

    content = np.frombuffer(path.read_bytes(), np.uint8)
    picture = cv2.imdecode(content, cv2.IMREAD_GRAYSCALE) if len(content) else None
    return None if picture is None else np.asarray(picture, np.uint8)


def read_folders(path: Path, wanted: str | None = None) -> DataSet:
    """Folders of faces. Without split folders, a ``wanted`` split means all of them."""
    problems: list[Problem] = []
    folders = emotion_folders(path)
    flat = all(folder.parent == path for _, folder, _ in folders)

    def rows() -> Iterator[Row]:
        for split, folder, label in folders:
            if flat and wanted is not None:
                split = wanted
            if wanted is not None and split != wanted:
                continue
            for picture in pictures_in(folder):
                grey = read_grey(picture)
                if grey is None:
                    problems.append(Problem(str(picture.relative_to(path)), "no picture"))
                    continue
                yield split, to_side(grey), label, None

    return collect(path.name, rows(), problems)


READERS.add("folders", Reader(2, Path.is_dir, read_folders))
