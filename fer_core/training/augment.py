"""Augmentation on the processor: pictures turned, lit otherwise, blurred, part covered.

Plain NumPy and OpenCV, so that it is the same on every Keras backend. Randomness comes
from a generator that the caller derives from seed, epoch and batch: a resumed run draws
what the undisturbed one would have drawn. OpenCV is imported where pictures are changed,
for training on a device (``fused``) needs the settings alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from fer_core.types import Bytes, Float


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far each change goes; a probability of 0 turns it off."""

    mirror: float = 0.5
    rotate: float = 12.0  # degrees, one standard deviation being half of it
    shift: float = 0.08  # share of the side
    zoom: float = 0.15
    shear: float = 0.10
    contrast: float = 0.25
    brightness: float = 25.0  # grey levels
    blur: float = 0.10  # probability
    low_resolution: float = 0.15  # probability
    erase: float = 0.30  # probability
    erase_area: tuple[float, float] = (0.03, 0.18)
    mixup: float = 0.15  # probability, for a whole batch
    cutmix: float = 0.0  # probability, for a whole batch

    def halved(self) -> Augmentation:
        """Half of every change and of its probability; nothing is hidden or mixed."""
        half = {
            name: getattr(self, name) / 2
            for name in ("rotate", "shift", "zoom", "shear", "contrast", "brightness")
        }
        half |= {"blur": self.blur / 2, "low_resolution": self.low_resolution / 2}
        return replace(self, **half, erase=0.0, mixup=0.0, cutmix=0.0)


NONE = Augmentation(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (0.0, 0.0), 0, 0)


class Changes(NamedTuple):
    """What happens to each of n pictures; every field has n rows."""

    angle: Any  # degrees
    zoom: Any  # natural logarithm of the factor
    shear: Any
    shift: Any  # (n, 2), x and y as shares of the side
    mirrored: Any  # bool
    contrast: Any  # natural logarithm of the factor
    brightness: Any  # grey levels
    blurred: Any  # bool
    coarse: Any  # bool
    erased: Any  # bool
    strength: Any  # (n, 6) from 0 to 1: how coarse, how blurred, and the erased patch


def draw_changes(how: Augmentation, n: int, rng: np.random.Generator) -> Changes:
    """Random changes for n pictures."""
    return Changes(
        angle=np.clip(rng.normal(0, how.rotate / 2, n), -2 * how.rotate, 2 * how.rotate),
        zoom=rng.uniform(-how.zoom, how.zoom, n),
        shear=rng.uniform(-how.shear, how.shear, n),
        shift=rng.uniform(-how.shift, how.shift, (n, 2)),
        mirrored=rng.random(n) < how.mirror,
        contrast=rng.uniform(-how.contrast, how.contrast, n),
        brightness=rng.uniform(-how.brightness, how.brightness, n),
        blurred=rng.random(n) < how.blur,
        coarse=rng.random(n) < how.low_resolution,
        erased=rng.random(n) < how.erase,
        strength=rng.random((n, 6)),
    )


def augment(images: Bytes, size: int, how: Augmentation, rng: np.random.Generator) -> Float:
    """The pictures changed and brought to ``size``, as grey levels (n, size, size) float32."""
    return apply_changes(images, size, draw_changes(how, len(images), rng), how.erase_area)


def apply_changes(
    images: Bytes, size: int, changes: Changes, erase_area: tuple[float, float]
) -> Float:
    """The pictures (n, h, w) changed as ``changes`` says, (n, size, size) float32, 0 to 255."""
    import cv2

    n, height, width = images.shape
    out = np.empty((n, size, size), np.float32)
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    picture: Any
    for i in range(n):
        a = np.deg2rad(changes.angle[i])
        turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
        flip = -1.0 if changes.mirrored[i] else 1.0
        scale = np.exp(changes.zoom[i]) * size / width
        matrix = scale * turn @ np.array([[flip, changes.shear[i]], [0.0, 1.0]])
        move = (size - 1) / 2 + changes.shift[i] * size - matrix @ centre
        picture = cv2.warpAffine(
            images[i],
            np.column_stack([matrix, move]),
            (size, size),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ).astype(np.float32)
        s = changes.strength[i]
        if changes.coarse[i]:
            small = max(8, round(size * (0.4 + 0.4 * s[0])))
            picture = cv2.resize(picture, (small, small), interpolation=cv2.INTER_AREA)
            picture = cv2.resize(picture, (size, size), interpolation=cv2.INTER_LINEAR)
        if changes.blurred[i]:
            picture = cv2.GaussianBlur(picture, (0, 0), 0.4 + 0.8 * s[1])
        picture = (picture - 128) * np.exp(changes.contrast[i]) + 128 + changes.brightness[i]
        if changes.erased[i]:
            low, high = erase_area
            area = (low + (high - low) * s[2]) * size * size
            tall = float(np.exp(np.log(2) * (2 * s[3] - 1)))
            h = min(size, max(1, round(np.sqrt(area * tall))))
            w = min(size, max(1, round(np.sqrt(area / tall))))
            y, x = int(s[4] * (size - h + 1)), int(s[5] * (size - w + 1))
            picture[y : y + h, x : x + w] = 255 * s[0]
        out[i] = picture
    return np.clip(out, 0, 255)


class Mixing(NamedTuple):
    """How a batch is blended with itself in another order: as a whole, or by a pasted square."""

    order: Any  # (n,) the other picture of each
    blend: Any  # share of the other picture's grey levels
    side: Any  # of the pasted square in pixels; 0: none
    top: Any
    left: Any


def draw_mixing(how: Augmentation, n: int, size: int, rng: np.random.Generator) -> Mixing:
    """Whether and how a batch of n pictures of a size is mixed: mixup, CutMix or not at all."""
    draw = rng.random()
    share = float(rng.beta(0.4, 0.4))
    order = rng.permutation(n)
    least = min(share, 1 - share)
    if draw < how.mixup:
        return Mixing(order, least, 0, 0, 0)
    if draw < how.mixup + how.cutmix:
        side = round(size * np.sqrt(least))
        top, left = rng.integers(0, size - side + 1, 2)
        return Mixing(order, 0.0, side, int(top), int(left))
    return Mixing(order, 0.0, 0, 0, 0)


def mix(pictures: Float, targets: Float, how: Mixing) -> tuple[Float, Float]:
    """The batch mixed with itself, the targets by the same shares."""
    size = pictures.shape[1]
    weight = how.blend if how.blend else how.side**2 / (size * size)
    if not weight:
        return pictures, targets
    k = np.float32(1 - weight)
    if how.blend:
        pictures = k * pictures + (1 - k) * pictures[how.order]
    else:
        pictures = pictures.copy()
        square = np.s_[how.top : how.top + how.side, how.left : how.left + how.side]
        pictures[:, *square] = pictures[:, *square][how.order]
    return pictures, k * targets + (1 - k) * targets[how.order]


def resize(images: Bytes, size: int) -> Float:
    """The pictures unchanged but for their size, as grey levels."""
    if images.shape[1:] == (size, size):
        return images.astype(np.float32)
    import cv2

    how = cv2.INTER_AREA if size < images.shape[1] else cv2.INTER_LINEAR
    return np.stack([cv2.resize(i, (size, size), interpolation=how) for i in images]).astype(
        np.float32
    )
