"""The MTCNN cascade (Zhang et al. 2016) run by LiteRT on one thread.

A small network scans a pyramid of the picture, a second sorts its candidates, a third
gives the box and five landmarks. The third alone, on a box that is already nearly right,
is a cheap second look: ``refine``.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from fer_core.errors import FaceError
from fer_core.faces.geometry import Octaves, squared, suppress, suppress_groups
from fer_core.faces.networks import load_networks
from fer_core.faces.registry import register
from fer_core.types import Bytes, Faces, Float, Frame

CELL = 12  # the first network's window
STRIDE = 2
FACTOR = 0.709  # between two levels of the pyramid: half the area
#: A face of the smallest size has this many working pixels.
WORKING_FACE = 20
#: A larger level is scanned in tiles of this side, so that memory does not grow with 8K.
TILE = 640
#: First-stage interpreters kept, one for each shape of a level.
SHAPES = 48
BATCHES = (16, 4, 1)

THRESHOLD_1 = 0.6
THRESHOLD_2 = 0.7
THRESHOLD_3 = 0.8
REFINE_THRESHOLD = 0.8
REFINE_ENLARGE = 1.1


class MtcnnDetector:
    """One cascade with its interpreters. It belongs to one thread at a time."""

    name = "mtcnn"

    def __init__(self, networks: dict[str, bytes], min_face: int) -> None:
        self.min_face = min_face
        self._pnet = _Scanner(networks["pnet"])
        self._rnet = _Batches(networks["rnet"], 24, 5)
        self._onet = _Batches(networks["onet"], 48, 15)

    def working_side(self, width: int, height: int) -> int | None:
        if self.min_face <= WORKING_FACE:
            return None
        return max(1, round(max(width, height) * WORKING_FACE / self.min_face))

    def detect(self, frame: Frame) -> Faces:
        octaves = Octaves(frame.rgb)
        boxes = self._propose(frame.rgb, self.min_face / frame.scale)
        if not len(boxes):
            return Faces.empty()
        squares = squared(boxes)
        found = self._rnet.run(octaves.patches(squares, 24))
        good = np.flatnonzero(found[:, 4] > THRESHOLD_2)
        boxes = _moved(squares[good], found[good, :4])
        keep = suppress(boxes, found[good, 4], 0.7)
        if not len(keep):
            return Faces.empty()
        boxes, scores, points = self._look(octaves, squared(boxes[keep]))
        good = np.flatnonzero(scores > THRESHOLD_3)
        keep = good[suppress(boxes[good], scores[good], 0.7, by="min")]
        return _faces(boxes[keep], scores[keep], points[keep], frame)

    def refine(self, frame: Frame, boxes: Float) -> Faces:
        if not len(boxes):
            return Faces.empty()
        corners = np.asarray(boxes, np.float32) / np.float32(frame.scale)
        corners = np.concatenate([corners[:, :2], corners[:, :2] + corners[:, 2:]], axis=1)
        corners, scores, points = self._look(Octaves(frame.rgb), squared(corners, REFINE_ENLARGE))
        scores = np.where(scores > REFINE_THRESHOLD, scores, np.float32(0))
        return _faces(corners, scores, points, frame)

    def _look(self, octaves: Octaves, squares: Float) -> tuple[Float, Float, Float]:
        """The third network: boxes, scores and landmarks."""
        found = self._onet.run(octaves.patches(squares, 48))
        size = (squares[:, 2:] - squares[:, :2] + 1)[:, None, :]
        points = np.stack([found[:, 4:9], found[:, 9:14]], axis=2)
        points = points * size + squares[:, None, :2] - 1
        return _moved(squares, found[:, :4]), found[:, 14], points

    def _propose(self, rgb: Bytes, smallest: float) -> Float:
        """The first network over the pyramid: candidates in working pixels."""
        height, width = rgb.shape[:2]
        scale = CELL / smallest
        parts, groups = [], []
        while min(height, width) * scale >= CELL:
            size = max(CELL, round(width * scale)), max(CELL, round(height * scale))
            level = rgb
            if size != (width, height):
                level = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
            found = self._pnet.scan(level)
            found[:, [0, 2]] *= width / size[0]
            found[:, [1, 3]] *= height / size[1]
            groups.append(np.full(len(found), len(parts), np.int32))
            parts.append(found)
            scale *= FACTOR
        if not parts:
            return np.zeros((0, 4), np.float32)
        found = np.concatenate(parts)
        found = found[suppress_groups(found[:, :4], found[:, 4], np.concatenate(groups), 0.5)]
        return found[suppress(found[:, :4], found[:, 4], 0.7), :4]


class _Scanner:
    """The first network over whole levels, an interpreter for each shape: changing the
    shape of one costs a new plan of its memory, on small levels more than the run itself."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._by_shape: OrderedDict[tuple[int, int], Any] = OrderedDict()
        self._logit = math.log(THRESHOLD_1 / (1 - THRESHOLD_1))

    def scan(self, level: Bytes) -> Float:
        """Rows of x1, y1, x2, y2 in the level's pixels and the logit of a face."""
        parts = []
        # Tiles overlap so that their outputs join without a seam.
        step = STRIDE * _outputs(TILE)
        for top in _starts(level.shape[0], step):
            for left in _starts(level.shape[1], step):
                parts.append(self._tile(level[top : top + TILE, left : left + TILE], left, top))
        return np.concatenate(parts)

    def _tile(self, tile: Bytes, left: int, top: int) -> Float:
        interpreter, source, target = self._interpreter(tile.shape[0], tile.shape[1])
        source()[0] = tile
        interpreter.invoke()
        out = target()[0]
        rows, columns = np.nonzero(out[:, :, 4] > self._logit)
        found = out[rows, columns]  # a copy: the interpreter's memory must not be held
        x = columns * STRIDE + left
        y = rows * STRIDE + top
        corners = np.stack([x + 1, y + 1, x + CELL, y + CELL], axis=1).astype(np.float32)
        found[:, :4] = corners + found[:, :4] * (CELL - 1)
        return found

    def _interpreter(self, height: int, width: int) -> Any:
        key = height, width
        if key in self._by_shape:
            self._by_shape.move_to_end(key)
        else:
            self._by_shape[key] = _open(self._content, (1, height, width, 3))
            if len(self._by_shape) > SHAPES:
                self._by_shape.popitem(last=False)
        return self._by_shape[key]


class _Batches:
    """The second or third network. Full batches are no faster per face than single faces
    (measured), but they spare Python's calls; the rest goes through smaller ones."""

    def __init__(self, content: bytes, side: int, width: int) -> None:
        self._width = width
        self._by_size = {n: _open(content, (n, side, side, 3)) for n in BATCHES}

    def run(self, patches: Float) -> Float:
        out = np.empty((len(patches), self._width), np.float32)
        at = 0
        while at < len(patches):
            n = next(n for n in BATCHES if n <= len(patches) - at)
            interpreter, source, target = self._by_size[n]
            source()[:] = patches[at : at + n]
            interpreter.invoke()
            out[at : at + n] = target()
            at += n
        return out


def _open(content: bytes, shape: tuple[int, ...]) -> Any:
    from ai_edge_litert.interpreter import Interpreter

    try:
        interpreter = Interpreter(model_content=content, num_threads=1)
        index = interpreter.get_input_details()[0]["index"]
        interpreter.resize_tensor_input(index, shape)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise FaceError(
            f"A face network does not open: {error}.", "Delete the cache folder and try again."
        ) from error
    output = interpreter.get_output_details()[0]["index"]
    return interpreter, interpreter.tensor(index), interpreter.tensor(output)


def _outputs(side: int) -> int:
    """How many windows of the first network fit along a side."""
    return (side - 1) // 2 - 4


def _starts(side: int, step: int) -> range:
    """Where tiles begin so that every window of a level is in one of them."""
    return range(0, STRIDE * _outputs(side), step)


def _moved(boxes: Float, offsets: Float) -> Float:
    sizes = boxes[:, 2:] - boxes[:, :2] + 1
    return boxes + offsets * np.concatenate([sizes, sizes], axis=1)


def _faces(corners: Float, scores: Float, points: Float, frame: Frame) -> Faces:
    boxes = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
    faces = Faces(boxes.astype(np.float32), scores.astype(np.float32), points.astype(np.float32))
    return faces.scaled(frame.scale)


@register("mtcnn")
def _make(cache: Path, min_face: int) -> MtcnnDetector:
    return MtcnnDetector(load_networks(cache), min_face)
