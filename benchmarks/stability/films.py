"""Films of photographs: still, or one photograph that turns into another, as a webcam gives them.

The head sways a little, each frame has a sensor's own noise, and the film is encoded as a webcam's
is. What the face shows is known, so that all that a reading does beyond it is noise.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

Picture = np.ndarray

FPS = 25
WIDTH, HEIGHT = 640, 360
SPARE = 200  # pixels by which the noise is larger than a frame: each frame has another part of it
SIDE = 200  # pixels of the photograph in the film; the face fills most of it
#: How far the head strays, in sides of the photograph and as a share of its size; and for how long
#: it strays the same way.
SWAY, SWELL, SWAY_S = 0.01, 0.005, 0.5


@dataclass(frozen=True, slots=True)
class Camera:
    """Light, the noise of a middle grey in levels of 255, and x264's quality."""

    name: str
    light: float
    noise: float
    crf: int


CAMERAS = (Camera("good light", 1.0, 2.0, 23), Camera("dim", 0.5, 5.0, 30))


@dataclass(frozen=True, slots=True)
class Sway:
    """Where the photograph stands in each frame: x and y in pixels, and its size."""

    offset: np.ndarray  # (n, 2)
    size: np.ndarray  # (n,)

    @classmethod
    def of(cls, frames: int, rng: np.random.Generator) -> Sway:
        keep = np.exp(-1 / (FPS * SWAY_S))
        steps = rng.normal(size=(frames, 3)) * np.sqrt(1 - keep**2)
        place = np.zeros((frames, 3))
        place[0] = steps[0] / np.sqrt(1 - keep**2)
        for i in range(1, frames):
            place[i] = keep * place[i - 1] + steps[i]
        return cls(SIDE * SWAY * place[:, :2], 1 + SWELL * place[:, 2])

    def matrix(self, frame: int) -> np.ndarray:
        """From the photograph, ``SIDE`` pixels high and wide, to the film."""
        size = self.size[frame]
        middle = np.array([WIDTH / 2, HEIGHT / 2]) + self.offset[frame]
        left, top = middle - size * SIDE / 2
        return np.array([[size, 0, left], [0, size, top]])


def seed_of(*parts: object) -> int:
    """The same numbers for the same film, whatever else is made."""
    return zlib.crc32(repr(parts).encode())


def square(photograph: Picture) -> Picture:
    """The photograph's middle square, ``SIDE`` pixels wide."""
    side = min(photograph.shape[:2])
    top, left = (photograph.shape[0] - side) // 2, (photograph.shape[1] - side) // 2
    middle = photograph[top : top + side, left : left + side]
    return np.asarray(cv2.resize(middle, (SIDE, SIDE), interpolation=cv2.INTER_AREA))


def blend(shares: Sequence[float], before: Picture, after: Picture) -> list[Picture]:
    """The pictures of a film that shows this share of ``after`` in each frame."""
    a, b = before.astype(np.float32), after.astype(np.float32)
    return [(1 - share) * a + share * b for share in shares]


def shoot(
    target: Path, pictures: Sequence[Picture], camera: Camera, rng: np.random.Generator
) -> Sway:
    """Write a film of the pictures, a frame each; where they stand in it."""
    sway = Sway.of(len(pictures), rng)
    wall = np.linspace(150, 110, HEIGHT)[:, None, None] * np.array([0.9, 1, 1.1])
    grain = rng.standard_normal((HEIGHT + SPARE, WIDTH + SPARE, 3), np.float32)
    ground = np.broadcast_to(wall, (HEIGHT, WIDTH, 3)).astype(np.float32)
    with av.open(str(target), "w") as out:
        stream = out.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"preset": "veryfast", "tune": "zerolatency", "crf": str(camera.crf)}
        for index, picture in enumerate(pictures):
            lit = np.float32(camera.light) * _placed(ground, picture, sway.matrix(index))
            frame = av.VideoFrame.from_ndarray(_sensed(lit, camera, grain, rng), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return sway


def _placed(ground: Picture, picture: Picture, matrix: np.ndarray) -> Picture:
    size = WIDTH, HEIGHT
    shown = cv2.warpAffine(np.asarray(picture, np.float32), matrix, size, flags=cv2.INTER_LINEAR)
    there = cv2.warpAffine(np.ones((SIDE, SIDE), np.float32), matrix, size)[..., None]
    return shown + ground * (1 - there)


def _sensed(lit: Picture, camera: Camera, grain: Picture, rng: np.random.Generator) -> Picture:
    """With the noise of light, which grows with it, and of the sensor: a third of it."""
    top, left = rng.integers(0, SPARE, 2)
    noise = grain[top : top + HEIGHT, left : left + WIDTH] * rng.choice([-1, 1])
    spread = camera.noise * np.sqrt(np.float32(1 / 3) + lit * np.float32(2 / (3 * 127)))
    return np.clip(lit + noise * spread, 0, 255).astype(np.uint8)
