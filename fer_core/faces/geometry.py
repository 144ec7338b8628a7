"""Boxes as corners (x1, y1, x2, y2): overlaps, suppression, squares, patches."""

from __future__ import annotations

import math

import cv2
import numpy as np

from fer_core.types import Bytes, Float

#: Beyond this many boxes OpenCV's suppression, a C++ loop, beats numpy's rounds.
_MANY = 24


def overlaps(box: Float, others: Float, by: str = "union") -> Float:
    """The share of common area: of the union, or of the smaller of the two (``min``).

    ``box`` is one box for all, or a row for each of the others.
    """
    width = np.minimum(box[..., 2], others[:, 2]) - np.maximum(box[..., 0], others[:, 0])
    height = np.minimum(box[..., 3], others[:, 3]) - np.maximum(box[..., 1], others[:, 1])
    common = np.maximum(width, 0) * np.maximum(height, 0)
    area = (box[..., 2] - box[..., 0]) * (box[..., 3] - box[..., 1])
    areas = (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
    whole = area + areas - common if by == "union" else np.minimum(area, areas)
    return common / np.maximum(whole, np.float32(1e-6))


def suppress(boxes: Float, scores: Float, threshold: float, by: str = "union") -> np.ndarray:
    """Rows to keep, the best first: each drops the lower ones that overlap it too much."""
    if by == "union" and len(boxes) > _MANY:
        return suppress_groups(boxes, scores, np.zeros(len(boxes), np.int32), threshold)
    order = np.argsort(-scores, kind="stable")
    keep = []
    while len(order):
        best, rest = order[0], order[1:]
        keep.append(best)
        order = rest[overlaps(boxes[best], boxes[rest], by) <= threshold]
    return np.array(keep, np.intp)


def suppress_groups(
    boxes: Float, scores: Float, groups: np.ndarray, threshold: float
) -> np.ndarray:
    """As ``suppress`` by union, each group (a level of the pyramid) for itself, in one call."""
    if not len(boxes):
        return np.zeros(0, np.intp)
    sized = boxes.astype(np.float64)
    sized[:, 2:] -= sized[:, :2]
    kept = cv2.dnn.NMSBoxesBatched(
        sized.tolist(), scores.tolist(), groups.tolist(), -1e9, threshold
    )
    return np.asarray(kept, np.intp).reshape(-1)


def squared(boxes: Float, enlarge: float = 1.0) -> Float:
    """Squares around the same centres, as wide as the longer side times ``enlarge``."""
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True) * np.float32(enlarge / 2)
    return np.concatenate([centre - half, centre + half], axis=1)


class Octaves:
    """A picture and its halves, made when first needed.

    A patch is read bilinearly from the half that is at most twice too fine for it: reading a
    large face straight from the picture would skip most of its pixels.
    """

    def __init__(self, rgb: Bytes) -> None:
        self._pictures = [rgb]

    def level(self, index: int) -> Bytes:
        """The picture halved so many times, (h, w, 3) uint8."""
        while len(self._pictures) <= index:
            last = self._pictures[-1]
            size = max(1, last.shape[1] // 2), max(1, last.shape[0] // 2)
            half = cv2.resize(last, size, interpolation=cv2.INTER_AREA)
            self._pictures.append(np.asarray(half, np.uint8))
        return self._pictures[index]

    def resized(self, width: int, height: int) -> Bytes:
        """The picture at a smaller size: bilinear from the half that is at most twice as
        large, five times faster than averaging areas and no worse for finding faces."""
        ratio = min(self._pictures[0].shape[1] / width, self._pictures[0].shape[0] / height)
        source = self.level(max(0, math.floor(math.log2(ratio) + 1e-6)))
        if source.shape[1] == width and source.shape[0] == height:
            return source
        return np.asarray(cv2.resize(source, (width, height)), np.uint8)

    def patches(self, squares: Float, size: int) -> Float:
        """The squares' content as (n, size, size, 3), 0-255; mid-grey outside the picture."""
        out = np.empty((len(squares), size, size, 3), np.float32)
        sides = np.maximum(squares[:, 2] - squares[:, 0], 1e-3)
        wanted = np.clip(np.floor(np.log2(sides / size)), 0, 6).astype(int)
        for level in np.unique(wanted):
            rows = np.flatnonzero(wanted == level)
            out[rows] = self._read(int(level), squares[rows], size)
        return out

    def _read(self, level: int, squares: Float, size: int) -> Float:
        """The squares' content, all from the picture that was halved so many times."""
        height, width = self._pictures[0].shape[:2]
        around = self._around(level, squares)
        if around is not None:
            return _sampled(*around, squares, 0.5**level, 0.5**level, size)
        whole = self.level(level)
        return _sampled(whole, 0, 0, squares, whole.shape[1] / width, whole.shape[0] / height, size)

    def _around(self, level: int, squares: Float) -> tuple[Bytes, int, int] | None:
        """The part of a level that the squares touch, and where it begins; None where the whole
        level is there already, is hardly larger, or is not exactly halved."""
        height, width = self._pictures[0].shape[:2]
        unit = 2**level
        if level < len(self._pictures) or width % unit or height % unit:
            return None
        # one pixel of the level more on each side: points are read between two
        low = np.floor(squares[:, :2].min(axis=0) / unit).astype(int) - 1
        high = np.ceil(squares[:, 2:].max(axis=0) / unit).astype(int) + 1
        left, top = np.clip(low, 0, (width // unit - 1, height // unit - 1)).tolist()
        right, bottom = np.clip(high, 1, (width // unit, height // unit)).tolist()
        part = self._pictures[0][top * unit : bottom * unit, left * unit : right * unit]
        if not 0 < 2 * part.size < self._pictures[0].size:
            return None
        for _ in range(level):
            half = part.shape[1] // 2, part.shape[0] // 2
            part = np.asarray(cv2.resize(part, half, interpolation=cv2.INTER_AREA), np.uint8)
        return part, left, top


def _sampled(
    picture: Bytes,
    left: int,
    top: int,
    squares: Float,
    scale_x: float,
    scale_y: float,
    size: int,
) -> Float:
    """All patches in one call to OpenCV: their sampling points stacked below each other."""
    steps = (np.arange(size, dtype=np.float32) + np.float32(0.5)) / size
    xs = squares[:, :1] + steps * (squares[:, 2:3] - squares[:, :1])
    ys = squares[:, 1:2] + steps * (squares[:, 3:4] - squares[:, 1:2])
    # Pixel centres lie at half positions; without the shift a half-size picture is off by 0.25.
    xs = xs * np.float32(scale_x) - np.float32(0.5) - np.float32(left)
    ys = ys * np.float32(scale_y) - np.float32(0.5) - np.float32(top)
    n = len(squares)
    map_x = np.broadcast_to(xs[:, None, :], (n, size, size)).reshape(n * size, size)
    map_y = np.broadcast_to(ys[:, :, None], (n, size, size)).reshape(n * size, size)
    read = cv2.remap(
        picture,
        np.ascontiguousarray(map_x),
        np.ascontiguousarray(map_y),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(127, 127, 127),
    )
    return read.reshape(n, size, size, 3).astype(np.float32)
