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

import numpy as np

from fer_core.errors import FaceError
from fer_core.faces.geometry import Octaves, overlaps, squared, suppress, suppress_groups
from fer_core.faces.networks import load_networks
from fer_core.faces.registry import register_detector
from fer_core.litert import interpreter
from fer_core.types import Bytes, Faces, Float, Frame

CELL = 12  # the first network's window
STRIDE = 2
FACTOR = 0.709  # between two levels of the pyramid: half the area
#: A face of the smallest size has this many working pixels.
WORKING_FACE = 24
#: A face that turns out smaller than this share of the smallest size is left out; the window
#: reaches a little below that size, and a box may be out by a tenth.
TOO_SMALL = 0.75
#: A larger level is scanned in tiles of this side, so that memory does not grow with 8K.
TILE = 640
#: First-stage interpreters kept, one for each shape of a level.
SHAPES = 48
BATCHES = (16, 4, 1)

THRESHOLD_1 = 0.6
#: Overlap at which the first network's candidates are one. The paper's 0.5 and 0.7 leave twice
#: as many for the second network (58 for 29 on a busy 640×360) and find 1 of 150 more faces.
CROWDED = 0.4
THRESHOLD_2 = 0.7
THRESHOLD_3 = 0.6
#: A face is looked at three times by the third network: first, again at its own answer, and
#: that mirrored. Its evidence is the mean of the logits less this much for each face side by
#: which the landmarks of the looks disagree; it must exceed ``CONFIRM``. On 3,000 faceless
#: pictures (text, textures, machines) one look at 0.95 raised 2.3 false faces per 1,000 and
#: lost 4.7 % of hard faces, the logits alone 0.7 and 1.6 %, this 0.3 and 1.2 %.
DISAGREEMENT = 40.0
CONFIRM = -0.4
#: A face that was there a frame ago needs less: 2 or 3 of 1,000 looks at nothing exceed it.
REFINE_THRESHOLD = 0.7
#: The square looked at again, times the last box's longer side. At 0.95 looking again and
#: again neither shrinks nor grows a box (within 2 % after eight looks) and scores are
#: highest; at 1.1 boxes of hard faces run away.
REFINE_SQUARE = 0.95
#: A box that moved so far that it shares less than this with its answer is looked at again.
SETTLED = 0.8


class MtcnnDetector:
    """One cascade with its interpreters. It belongs to one thread at a time."""

    name = "mtcnn"

    def __init__(self, networks: dict[str, bytes], min_face: int) -> None:
        self.min_face = min_face
        self._pnet = _Scanner(networks["pnet"])
        self._rnet = _Batches(networks["rnet"], 24, 5)
        self._onet = _Batches(networks["onet"], 48, 15)

    def working_side(self, width: int, height: int) -> int | None:
        """See ``Detector``."""
        if self.min_face <= WORKING_FACE:
            return None
        return max(1, round(max(width, height) * WORKING_FACE / self.min_face))

    def detect(self, frame: Frame) -> Faces:
        """See ``Detector``."""
        octaves = Octaves(frame.rgb)
        boxes = self._propose(octaves, self.min_face / frame.scale)
        if not len(boxes):
            return Faces.empty()
        squares = squared(boxes)
        found = self._rnet.run(octaves.patches(squares, 24))
        good = np.flatnonzero(found[:, 4] > THRESHOLD_2)
        boxes = _moved(squares[good], found[good, :4])
        keep = suppress(boxes, found[good, 4], 0.7)
        if not len(keep):
            return Faces.empty()
        boxes, scores, points = self._refine_net(octaves, squared(boxes[keep]))
        good = np.flatnonzero(scores > THRESHOLD_3)
        keep = good[suppress(boxes[good], scores[good], 0.7, by="min")]
        return self._confirm(frame, octaves, boxes[keep], scores[keep], points[keep])

    def refine(self, frame: Frame, boxes: Float) -> Faces:
        """See ``Detector``."""
        if not len(boxes):
            return Faces.empty()
        octaves = Octaves(frame.rgb)
        before = np.asarray(boxes, np.float32) / np.float32(frame.scale)
        before = np.concatenate([before[:, :2], before[:, :2] + before[:, 2:]], axis=1)
        corners, scores, points = self._refine_net(octaves, squared(before, REFINE_SQUARE))
        moved = np.flatnonzero((scores > 0.2) & (overlaps(before, corners) < SETTLED))
        if len(moved):
            again = self._refine_net(octaves, squared(corners[moved], REFINE_SQUARE))
            corners[moved], scores[moved], points[moved] = again
        scores = np.where(scores > REFINE_THRESHOLD, scores, np.float32(0))
        return _faces(corners, scores, points, frame)

    def _confirm(
        self, frame: Frame, octaves: Octaves, boxes: Float, scores: Float, points: Float
    ) -> Faces:
        """A second look at the answers, and its mirror image. Boxes and landmarks are the mean
        of the first two looks: steadier than either, and nearer to what ``refine`` will say
        (median overlap 0.97, with one look 0.93). The score is the mean of all three."""
        if not len(boxes):
            return Faces.empty()
        squares = squared(boxes, REFINE_SQUARE)
        patches = octaves.patches(squares, 48)
        again = self._onet.run(patches)
        mirrored = self._onet.run(patches[:, :, ::-1])
        logits = (_logit(scores) + _logit(again[:, 14]) + _logit(mirrored[:, 14])) / 3
        at_second, second = _placed(squares, again)
        third = _placed(squares, _unmirrored(mirrored))[1]
        sides = squares[:, 2] - squares[:, 0]
        boxes = np.float32(0.5) * (boxes + at_second)
        apart = (_distance(points, second) + _distance(second, third)) / sides
        longer = (boxes[:, 2:] - boxes[:, :2]).max(axis=1) * frame.scale
        good = (logits - DISAGREEMENT * apart > CONFIRM) & (longer >= TOO_SMALL * self.min_face)
        keep = np.flatnonzero(good)
        keep = keep[np.argsort(-logits[keep], kind="stable")]
        scores = np.asarray(1 / (1 + np.exp(-logits[keep])), np.float32)
        points = np.float32(0.5) * (points + second)
        return _faces(boxes[keep], scores, points[keep], frame)

    def _refine_net(self, octaves: Octaves, squares: Float) -> tuple[Float, Float, Float]:
        """The third network: boxes, scores and landmarks."""
        found = self._onet.run(octaves.patches(squares, 48))
        boxes, points = _placed(squares, found)
        return boxes, found[:, 14].copy(), points

    def _propose(self, octaves: Octaves, smallest: float) -> Float:
        """The first network over the pyramid: candidates in working pixels."""
        height, width = octaves.level(0).shape[:2]
        scale = CELL / smallest
        parts: list[Float] = []
        groups = []
        while min(height, width) * scale >= CELL:
            size = max(CELL, round(width * scale)), max(CELL, round(height * scale))
            found = self._pnet.scan(octaves.resized(*size))
            found[:, [0, 2]] *= width / size[0]
            found[:, [1, 3]] *= height / size[1]
            groups.append(np.full(len(found), len(parts), np.int32))
            parts.append(found)
            scale *= FACTOR
        if not parts:
            return np.zeros((0, 4), np.float32)
        found = np.concatenate(parts)
        found = found[suppress_groups(found[:, :4], found[:, 4], np.concatenate(groups), CROWDED)]
        return found[suppress(found[:, :4], found[:, 4], CROWDED), :4]


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
        net, source, target = self._interpreter(tile.shape[0], tile.shape[1])
        source()[0] = tile
        net.invoke()
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
        """The network's answers (n, width) to patches (n, side, side, 3), 0 to 255."""
        out = np.empty((len(patches), self._width), np.float32)
        at = 0
        while at < len(patches):
            n = next(n for n in BATCHES if n <= len(patches) - at)
            net, source, target = self._by_size[n]
            source()[:] = patches[at : at + n]
            net.invoke()
            out[at : at + n] = target()
            at += n
        return out


def _open(content: bytes, shape: tuple[int, ...]) -> Any:
    try:
        net = interpreter(content)
        index = net.get_input_details()[0]["index"]
        net.resize_tensor_input(index, shape)
        net.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise FaceError(
            f"A face network does not open: {error}.", "Delete the cache folder and try again."
        ) from error
    output = net.get_output_details()[0]["index"]
    return net, net.tensor(index), net.tensor(output)


def _outputs(side: int) -> int:
    """How many windows of the first network fit along a side."""
    return (side - 1) // 2 - 4


def _starts(side: int, step: int) -> range:
    """Where tiles begin so that every window of a level is in one of them."""
    return range(0, STRIDE * _outputs(side), step)


def _moved(boxes: Float, offsets: Float) -> Float:
    sizes = boxes[:, 2:] - boxes[:, :2] + 1
    return boxes + offsets * np.concatenate([sizes, sizes], axis=1)


def _placed(squares: Float, found: Float) -> tuple[Float, Float]:
    """The third network's answer as boxes and landmarks in working pixels."""
    size = (squares[:, 2:] - squares[:, :2] + 1)[:, None, :]
    points = np.stack([found[:, 4:9], found[:, 9:14]], axis=2)
    return _moved(squares, found[:, :4]), points * size + squares[:, None, :2] - 1


def _unmirrored(found: Float) -> Float:
    """The third network's answer to a mirrored patch, for the patch itself: only landmarks."""
    back = found.copy()
    back[:, 4:9] = 1 - found[:, [5, 4, 6, 8, 7]]
    back[:, 9:14] = found[:, [10, 9, 11, 13, 12]]
    return back


def _distance(a: Float, b: Float) -> Float:
    """The root mean square distance of two sets of landmarks, a row a face."""
    return np.sqrt(((a - b) ** 2).sum(axis=2).mean(axis=1))


def _logit(p: Float) -> Float:
    p = np.clip(p, 1e-4, 1 - 1e-4)
    return np.log(p / (1 - p))


def _faces(corners: Float, scores: Float, points: Float, frame: Frame) -> Faces:
    boxes = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
    faces = Faces(boxes.astype(np.float32), scores.astype(np.float32), points.astype(np.float32))
    return faces.scaled(frame.scale)


@register_detector("mtcnn")
def _make(cache: Path, min_face: int) -> MtcnnDetector:
    return MtcnnDetector(load_networks(cache), min_face)
