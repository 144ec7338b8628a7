"""Augmentation on the device: what ``fer_core.training.augment`` does, in JAX.

What chance decides is drawn there; here the same changes are made to pictures on the device.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jax.numpy as jnp
import numpy as np

from fer_core.training.augment import Changes, Mixing
from fer_core.types import Float

#: Strengths of blur between the least and the most; a picture gets the nearest one.
BLURS = 33


def apply_changes(images: Any, size: int, changes: Changes, erase_area: tuple[Any, Any]) -> Any:
    """The pictures (n, h, w) changed as ``changes`` says, (n, size, size) float32, 0 to 255."""
    pictures = jnp.round(warp(images, size, changes))
    pictures = soften(pictures, changes)
    gain, lift = jnp.exp(changes.contrast), changes.brightness
    pictures = (pictures - 128) * gain[:, None, None] + 128 + lift[:, None, None]
    return jnp.clip(erase(pictures, changes, erase_area), 0, 255)


def warp(images: Any, size: int, changes: Changes) -> Any:
    """Turned, zoomed, sheared, shifted and mirrored; sampled linearly, borders repeated."""
    n, height, width = images.shape
    a = jnp.deg2rad(changes.angle)
    cos, sin = jnp.cos(a), jnp.sin(a)
    flip = jnp.where(changes.mirrored, -1.0, 1.0)
    scale = jnp.exp(changes.zoom) * size / width
    # The matrix that carries a picture's points to the result's, and its inverse.
    m00, m01 = scale * cos * flip, scale * (cos * changes.shear - sin)
    m10, m11 = scale * sin * flip, scale * (sin * changes.shear + cos)
    whole = m00 * m11 - m01 * m10
    line = jnp.arange(size, dtype=jnp.float32) - (size - 1) / 2
    x = line[None, None, :] - (changes.shift[:, 0] * size)[:, None, None]
    y = line[None, :, None] - (changes.shift[:, 1] * size)[:, None, None]
    i00, i01, i10, i11 = (
        (value / whole)[:, None, None] for value in (m11, -m01, -m10, m00)
    )  # fmt: skip
    from_x = jnp.clip(i00 * x + i01 * y + (width - 1) / 2, 0, width - 1)
    from_y = jnp.clip(i10 * x + i11 * y + (height - 1) / 2, 0, height - 1)
    left, top = jnp.floor(from_x), jnp.floor(from_y)
    right, down = from_x - left, from_y - top
    flat = images.reshape(n, height * width)

    def sample(dy: int, dx: int) -> Any:
        column = jnp.minimum(left.astype(jnp.int32) + dx, width - 1)
        row = jnp.minimum(top.astype(jnp.int32) + dy, height - 1)
        found = jnp.take_along_axis(flat, (row * width + column).reshape(n, size * size), axis=1)
        return found.reshape(n, size, size).astype(jnp.float32)

    upper = sample(0, 0) * (1 - right) + sample(0, 1) * right
    lower = sample(1, 0) * (1 - right) + sample(1, 1) * right
    return upper * (1 - down) + lower * down


def soften(pictures: Any, changes: Changes) -> Any:
    """Some made coarse, some blurred: each a matrix from the left and from the right."""
    size = pictures.shape[1]
    coarse, least = coarse_matrices(size)
    small = jnp.maximum(8, jnp.round(size * (0.4 + 0.4 * changes.strength[:, 0])))
    which = jnp.where(changes.coarse, small.astype(jnp.int32) - least + 1, 0)
    blur = jnp.round(changes.strength[:, 1] * (BLURS - 1)).astype(jnp.int32)
    blur = jnp.where(changes.blurred, blur + 1, 0)
    both = jnp.matmul(jnp.asarray(blur_matrices(size))[blur], jnp.asarray(coarse)[which])
    return jnp.einsum("nij,njk,nlk->nil", both, pictures, both)


@lru_cache
def coarse_matrices(size: int) -> tuple[Float, int]:
    """Matrices (sizes + 1, size, size) that shrink a line by areas and stretch it again, and the
    smallest size; the first one changes nothing."""
    least, most = max(8, round(0.4 * size)), max(8, round(0.8 * size))
    found = [np.eye(size)]
    for small in range(least, most + 1):
        step = size / small
        edges = np.arange(small + 1) * step
        pixels = np.arange(size)
        shared = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
        shrink = np.clip(shared, 0, None) / step
        at = np.clip((pixels + 0.5) / step - 0.5, 0, small - 1)
        below = np.minimum(np.floor(at).astype(int), max(small - 2, 0))
        stretch = np.zeros((size, small))
        stretch[pixels, below] = 1 - (at - below)
        stretch[pixels, below + 1] += at - below
        found.append(stretch @ shrink)
    return np.stack(found).astype(np.float32), least


@lru_cache
def blur_matrices(size: int) -> Float:
    """Matrices (BLURS + 1, size, size) of Gaussian blurs, mirrored at the borders as OpenCV does;
    the first one changes nothing."""
    found = [np.eye(size)]
    for sigma in np.linspace(0.4, 1.2, BLURS):
        reach = (round(sigma * 8 + 1) | 1) // 2
        offsets = np.arange(-reach, reach + 1)
        weights = np.exp(-(offsets**2) / (2 * sigma**2))
        matrix = np.zeros((size, size))
        for offset, weight in zip(offsets, weights / weights.sum()):
            places = np.abs(np.arange(size) + offset)
            places = np.where(places > size - 1, 2 * (size - 1) - places, places)
            np.add.at(matrix, (np.arange(size), places), weight)
        found.append(matrix)
    return np.stack(found).astype(np.float32)


def erase(pictures: Any, changes: Changes, erase_area: tuple[Any, Any]) -> Any:
    """A grey patch over some of the pictures."""
    size = pictures.shape[1]
    s = changes.strength
    area = (erase_area[0] + (erase_area[1] - erase_area[0]) * s[:, 2]) * size * size
    tall = 2.0 ** (2 * s[:, 3] - 1)
    high = jnp.clip(jnp.round(jnp.sqrt(area * tall)), 1, size)
    wide = jnp.clip(jnp.round(jnp.sqrt(area / tall)), 1, size)
    top, left = jnp.floor(s[:, 4] * (size - high + 1)), jnp.floor(s[:, 5] * (size - wide + 1))
    line = jnp.arange(size)
    rows = (line >= top[:, None]) & (line < (top + high)[:, None])
    columns = (line >= left[:, None]) & (line < (left + wide)[:, None])
    patch = rows[:, :, None] & columns[:, None, :] & changes.erased[:, None, None]
    return jnp.where(patch, (255 * s[:, 0])[:, None, None], pictures)


def mix(pictures: Any, targets: Any, how: Mixing) -> tuple[Any, Any]:
    """The batch mixed with itself, the targets by the same shares."""
    size = pictures.shape[1]
    line = jnp.arange(size)
    rows = (line >= how.top) & (line < how.top + how.side)
    columns = (line >= how.left) & (line < how.left + how.side)
    pasted = (rows[:, None] & columns[None, :]).astype(jnp.float32)
    other = how.blend + pasted  # one of the two is 0 everywhere
    weight = how.blend + how.side**2 / size**2
    pictures = (1 - other) * pictures + other * pictures[how.order]
    return pictures, (1 - weight) * targets + weight * targets[how.order]
