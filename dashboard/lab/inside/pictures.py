"""Pictures of what a network sees: class maps over a face, and sheets of its feature maps."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from dashboard.lab.data.faces import png
from fer_core.evaluation.explain import Explanation, Stage, spread
from fer_core.labels import EMOTIONS
from fer_core.types import Bytes, Float

#: Low to high: from nothing to the accent; over grey faces, and safe for colour-blind eyes.
_WARM = np.array([[0, 0, 0], [120, 40, 10], [213, 94, 0], [240, 180, 60], [255, 245, 200]], float)


def heat(crop: Bytes, cam: Float, size: int = 288) -> str:
    """A face with a heat map over it; the face alone where nothing speaks for the emotion."""
    wide = cv2.resize(crop, (size, size), interpolation=cv2.INTER_CUBIC)
    face = np.repeat(wide[..., None], 3, axis=2).astype(np.float32)
    level = spread(cam, size)
    colour = _colours(level)
    strength = (0.75 * level)[..., None]
    return png((face * (1 - strength) + colour * strength).clip(0, 255).astype(np.uint8))


def _colours(level: Float) -> np.ndarray:
    at = level * (len(_WARM) - 1)
    low = np.floor(at).astype(int).clip(0, len(_WARM) - 2)
    part = (at - low)[..., None]
    return _WARM[low] * (1 - part) + _WARM[low + 1] * part


def map_sheet(maps: Float, stage: Stage, columns: int = 8, tile: int = 64, gap: int = 3) -> str:
    """A stage's strongest maps side by side, each at its own full range; columns for a flat one."""
    if stage.flat:
        rows = np.concatenate([_levels(one)[:, :1] for one in maps], axis=1)
        return png(cv2.resize(rows, None, fx=14, fy=8, interpolation=cv2.INTER_NEAREST))
    lines = -(-len(maps) // columns)
    columns = min(columns, len(maps))
    out = np.full((lines * (tile + gap) - gap, columns * (tile + gap) - gap), 128, np.uint8)
    for place, one in enumerate(maps):
        top, left = place // columns * (tile + gap), place % columns * (tile + gap)
        out[top : top + tile, left : left + tile] = cv2.resize(
            _levels(one), (tile, tile), interpolation=cv2.INTER_NEAREST
        )
    return png(out)


def _levels(one: Float) -> Bytes:
    low, high = float(one.min()), float(one.max())
    if high <= low:
        return np.zeros(one.shape, np.uint8)
    return ((one - low) / (high - low) * 255).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A face with where one expression was found."""

    link: str
    said: str


def class_map_pictures(seen: Explanation, crop: Bytes, emotions: Sequence[str]) -> list[Spoken]:
    """Grad-CAM of the last stage for these expressions; pixels' weight where there is none."""
    found = []
    for name in dict.fromkeys(emotions):
        place = EMOTIONS.index(name)
        cam = seen.cams[-1][place] if seen.cams else seen.saliency[place]
        said = name if cam.max() > 0 else f"{name}: no pixel points to it"
        found.append(Spoken(heat(crop, cam), said))
    return found


def jpeg(picture: Bytes) -> str:
    """A photograph as a data link, no larger than a page shows it."""
    longest = max(picture.shape[:2])
    if longest > 900:
        scale = 900 / longest
        size = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    ok, content = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    if not ok:
        raise ValueError(f"a picture of shape {picture.shape} cannot be written")
    return "data:image/jpeg;base64," + base64.b64encode(content.tobytes()).decode()
