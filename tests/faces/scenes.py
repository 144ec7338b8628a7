"""Made pictures: films without a face, and crowds whose faces we placed ourselves."""

from __future__ import annotations

import cv2
import numpy as np
import skimage.data

from fer_core.types import Bytes, Float

from .conftest import FACE

#: Public-domain pictures that come with scikit-image and show no human face.
FACELESS = ("brick", "grass", "gravel", "coffee", "chelsea", "rocket", "page", "text", "moon")
FACELESS_TOO = ("hubble_deep_field", "retina", "immunohistochemistry", "cell", "horse")


def backgrounds() -> list[Bytes]:
    pictures = []
    for name in (*FACELESS, *FACELESS_TOO):
        picture = np.asarray(getattr(skimage.data, name)())
        if picture.dtype != np.uint8:
            picture = (picture / picture.max() * 255).astype(np.uint8)
        if picture.ndim == 2:
            picture = np.repeat(picture[..., None], 3, axis=2)
        pictures.append(np.ascontiguousarray(picture[..., :3]))
    return pictures


def window(rng: np.random.Generator, picture: Bytes, width: int, height: int) -> Bytes:
    """A part of a picture, enlarged and turned at random."""
    zoom = max(width / picture.shape[1], height / picture.shape[0]) * rng.uniform(1, 4)
    cos, sin = np.cos(turn := rng.uniform(-0.4, 0.4)) * zoom, np.sin(turn) * zoom
    x, y = rng.uniform(0.2, 0.8, 2) * picture.shape[1::-1]
    matrix = np.array(
        [[cos, sin, width / 2 - cos * x - sin * y], [-sin, cos, height / 2 + sin * x - cos * y]]
    )
    return cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REFLECT)


def faceless_frame(index: int, pictures: list[Bytes], width: int = 640, height: int = 360) -> Bytes:
    """Nature, letters, shapes, waves and noise in turn."""
    rng = np.random.default_rng(index)
    kind = index % 5
    if kind == 0:
        return window(rng, pictures[index // 5 % len(pictures)], width, height)
    if kind == 1:
        frame = np.full((height, width, 3), rng.integers(0, 256, 3), np.uint8)
        for _ in range(25):
            letters = "".join(chr(c) for c in rng.integers(33, 127, 12))
            place = int(rng.integers(-50, width)), int(rng.integers(0, height))
            colour = tuple(int(c) for c in rng.integers(0, 256, 3))
            cv2.putText(
                frame, letters, place, int(rng.integers(0, 8)), rng.uniform(0.4, 3), colour, 2
            )
        return frame
    if kind == 2:
        frame = np.full((height, width, 3), rng.integers(0, 256, 3), np.uint8)
        for _ in range(60):
            colour = tuple(int(c) for c in rng.integers(0, 256, 3))
            place = int(rng.integers(0, width)), int(rng.integers(0, height))
            axes = int(rng.integers(3, 90)), int(rng.integers(3, 90))
            cv2.ellipse(frame, place, axes, rng.uniform(0, 180), 0, 360, colour, -1)
        return frame
    if kind == 3:
        y, x = np.mgrid[:height, :width].astype(np.float32)
        waves = [np.sin(x * a + y * b) for a, b in rng.uniform(0.01, 0.5, (3, 2))]
        return ((np.stack(waves, axis=2) + 1) * 127).astype(np.uint8)
    coarse = rng.integers(
        0, 256, (int(rng.integers(8, 120)), int(rng.integers(8, 160)), 3), np.uint8
    )
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def crowd(seed: int, astronaut: Bytes, pictures: list[Bytes]) -> tuple[Bytes, Float]:
    """Fifty copies of a face, 40 to 90 pixels high, tiled over a busy 1920×1080 picture."""
    rng = np.random.default_rng(seed)
    picture = window(rng, pictures[seed % len(pictures)], 1920, 1080)
    x, y, width, height = FACE
    around = astronaut[y - 20 : y + height + 20, x - 25 : x + width + 25]
    truth = []
    for column in range(10):
        for row in range(5):
            scale = rng.uniform(40, 90) / height
            tile = cv2.resize(around, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            if rng.random() < 0.5:
                tile = np.ascontiguousarray(tile[:, ::-1])
            left = column * 192 + int(rng.integers(0, 192 - tile.shape[1]))
            top = row * 216 + int(rng.integers(0, 216 - tile.shape[0]))
            picture[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
            box = left + 25 * scale, top + 20 * scale, width * scale, height * scale
            truth.append(box)
    return picture, np.array(truth, np.float32)
