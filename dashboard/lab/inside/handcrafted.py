"""Handcrafted features of a face: what classical pipelines are given instead of learned maps."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from dashboard.lab.data.faces import png
from fer_core.types import Bytes


@dataclass(frozen=True)
class Handcrafted:
    """The features of one face; pictures are data links."""

    patterns: str
    cosines: str
    zernike: list[tuple[str, float]]  # order and repetition: magnitude


def handcrafted(crop: Bytes) -> Handcrafted:
    """Local binary patterns, the coarse picture that the cosines keep, Zernike's moments."""
    from skimage.feature import local_binary_pattern

    from fer_core.training.classical import COSINES, ORDER, zernike

    even = crop[: crop.shape[0] // 2 * 2, : crop.shape[1] // 2 * 2]
    codes = local_binary_pattern(even, 8, 1, "uniform")
    kept = cv2.dct(even.astype(np.float32) / 255)
    mask = np.zeros_like(kept)
    mask[:COSINES, :COSINES] = 1
    coarse = cv2.idct(kept * mask)
    names = [f"{n},{m}" for n in range(ORDER + 1) for m in range(n % 2, n + 1, 2)]
    moments = zernike(even[None])[0]
    return Handcrafted(
        png((codes / 9 * 255).astype(np.uint8)),
        png((coarse.clip(0, 1) * 255).astype(np.uint8)),
        list(zip(names, moments.astype(float).tolist())),
    )
