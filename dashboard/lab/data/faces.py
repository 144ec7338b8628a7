"""Faces of a data set as pictures: a page of them is one sheet, one file for the browser."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import cv2
import numpy as np

from fer_core.errors import DataError
from fer_core.evaluation.review import data_set_item, data_set_place
from fer_core.evaluation.runner import sized
from fer_core.home import Home
from fer_core.jobs import face_cache
from fer_core.types import Bytes

PAGE = 48
COLUMNS = 8


def faces_of(home: Home, data: str, items: Sequence[str]) -> Bytes:
    """The faces of a data set by name, (n, side, side), in the order asked."""
    by_split: dict[str, list[tuple[int, int]]] = {}
    for place, item in enumerate(items):
        split, row = data_set_place(item)
        by_split.setdefault(split, []).append((place, row))
    found: dict[int, Bytes] = {}
    for split, places in by_split.items():
        images, _ = face_cache.load_faces(home, data, split)
        for place, row in places:
            if row >= len(images):
                raise DataError(
                    f"{data} has no face {data_set_item(split, row)} any more.",
                    "It was changed since; evaluate the model on it again.",
                )
            found[place] = np.asarray(images[row], np.uint8)
    side = max((one.shape[0] for one in found.values()), default=48)
    return sized([found[place] for place in range(len(items))], side)


def sheet(faces: Bytes, columns: int = COLUMNS) -> str:
    """All faces of a page as one picture, row by row, as a link to it."""
    side = faces.shape[1]
    rows = max(1, -(-len(faces) // columns))
    out = np.zeros((rows * side, columns * side), np.uint8)
    for place, face in enumerate(faces):
        top, left = place // columns * side, place % columns * side
        out[top : top + side, left : left + side] = face
    return png(out)


def png(picture: np.ndarray) -> str:
    """A grey or RGB picture as a data link."""
    if picture.ndim == 3:
        picture = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    ok, content = cv2.imencode(".png", picture)
    if not ok:
        raise ValueError(f"a picture of shape {picture.shape} cannot be written")
    return "data:image/png;base64," + base64.b64encode(content.tobytes()).decode()


def data_stamp(data: str) -> str:
    """Changes when the data set does."""
    return face_cache.fingerprint(data) or ""
