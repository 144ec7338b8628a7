"""Where a film is cut: frame by frame, blind to light, to a shaken camera and to empty pictures.

Each picture is reduced to its edges: the slopes of the logarithm of its brightness, at 64×36.
A lamp, a flash or a camera's exposure multiplies brightness and leaves these slopes as they
were. A frame begins another shot where its edges are not found again in the picture before,
neither as a whole nor in parts, not even up to a sixth of the picture beside. Between
pictures that are further apart in time people move as far as a cut does, so that most of the
brightness must have changed as well. A picture without edges (black, white, fog) is passed
over: what follows is compared with the last one in which something could be seen. The limits
were set on films and made cuts (docs/decisions/160-cuts-end-a-viewer.md).
"""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import Final, TypedDict

import cv2
import numpy as np

from fer_core.types import Bytes, Float, Frame

_WIDTH, _HEIGHT = 64, 36
_INNER: Final = slice(6, 30), slice(11, 53)  # to be found again, within a sixth of the picture
_SAME = 0.5  # correlation of the edges from which both pictures show the same scene
_PARTS: Final = 4, 6  # rows and columns; of these …
_SAME_PARTS = 0.3  # … so many stay where somebody walks by before the camera, …
_SAME_PART = 0.75  # … with so much correlation
_SURE = 0.6  # from here on without looking beside: most frames are done there
_SEEN = 0.04  # the slopes' root mean square from which a picture shows anything
_STEEPEST = 0.5  # of a slope: a few hard edges must not outweigh the rest
#: Added before the logarithm, so that noise in the dark stays small.
_LOG: Final = np.log(np.arange(256) + 12).astype(np.float32)
_NEXT_MS = 50  # pictures that follow each other: nobody gets far
_SOON_MS = 400
_KEPT_SOON, _KEPT_LATER = 0.4, 0.2  # share of the picture that keeps its brightness …
_EVEN = 0.12  # … to so much of its logarithm, beside what all of it got brighter


class CutState(TypedDict):
    """A ``CutDetector`` as JSON."""

    t_ms: int
    grey: str  # base64


@dataclass(frozen=True, slots=True)
class _Picture:
    """What is kept of a frame: small, grey, its edges (2, height, width) across and down."""

    t_ms: int
    grey: Bytes
    light: Float
    edges: Float
    inner: Float  # the inner part of the edges
    strength: float  # its sum of squares

    @classmethod
    def of(cls, t_ms: int, grey: Bytes) -> _Picture:
        light = np.asarray(cv2.LUT(grey, _LOG), np.float32)
        edges = np.zeros((2, *grey.shape), np.float32)
        np.subtract(light[:, 2:], light[:, :-2], out=edges[0, :, 1:-1])
        np.subtract(light[2:], light[:-2], out=edges[1, 1:-1])
        np.clip(edges, -_STEEPEST, _STEEPEST, out=edges)
        inner = np.ascontiguousarray(edges[:, *_INNER])
        return cls(t_ms, grey, light, edges, inner, float(np.vdot(inner, inner)))


class CutDetector:
    """Finds the cuts of one film; frames are given in order. All its state is its own."""

    def __init__(self) -> None:
        self._before: _Picture | None = None

    def step(self, frame: Frame) -> bool:
        """Whether ``frame`` begins another shot. False for a film's first frame."""
        now = _Picture.of(frame.t_ms, _small(frame.rgb))
        if float(np.vdot(now.edges, now.edges)) < _SEEN**2 * now.edges.size:
            return False
        before, self._before = self._before, now
        return before is not None and not _found_again(before, now) and _changed(before, now)

    def snapshot(self) -> CutState | None:
        """All state as JSON values; None before the first picture."""
        if self._before is None:
            return None
        grey = base64.b64encode(self._before.grey.tobytes()).decode("ascii")
        return {"t_ms": self._before.t_ms, "grey": grey}

    def restore(self, state: CutState | None) -> None:
        """Go on from what ``snapshot`` gave."""
        self._before = None
        if state is not None:
            grey = np.frombuffer(base64.b64decode(state["grey"]), np.uint8)
            self._before = _Picture.of(int(state["t_ms"]), grey.reshape(_HEIGHT, _WIDTH))


def _small(rgb: Bytes) -> Bytes:
    # In two steps: averaging all pixels of a large picture would take four times as long.
    half = cv2.resize(rgb, (2 * _WIDTH, 2 * _HEIGHT), interpolation=cv2.INTER_LINEAR)
    small = cv2.resize(half, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)


def _found_again(before: _Picture, after: _Picture) -> bool:
    """Whether the inner part of ``after`` is in ``before``, there or a little beside."""
    part, strength = after.inner, after.strength
    if np.vdot(part, before.inner) >= _SURE * math.sqrt(strength * before.strength):
        return True
    across, down = (
        cv2.matchTemplate(a, b, cv2.TM_CCORR) for a, b in zip(before.edges, part, strict=True)
    )
    high, wide = part.shape[1:]
    strengths = cv2.boxFilter(
        np.square(before.edges).sum(axis=0), -1, (wide, high),
        normalize=False, anchor=(0, 0), borderType=cv2.BORDER_CONSTANT,
    )[: across.shape[0], : across.shape[1]]  # fmt: skip
    alike = (across + down) / np.sqrt(np.maximum(strengths * np.float32(strength), 1e-6))
    y, x = np.unravel_index(int(alike.argmax()), alike.shape)
    if alike[y, x] >= _SAME:
        return True
    return _parts_found(before.edges[:, y : y + high, x : x + wide], part) >= _SAME_PARTS


def _parts_found(before: Float, after: Float) -> float:
    """The share of parts that show the same edges in both of these (2, high, wide)."""

    def by_part(values: Float) -> Float:
        rows, columns = _PARTS
        _, high, wide = values.shape
        shape = 2, rows, high // rows, columns, wide // columns
        return np.asarray(values.reshape(shape).sum(axis=(0, 2, 4)))

    common, first, second = (
        by_part(values) for values in (before * after, before * before, after * after)
    )
    shown = np.minimum(first, second) > _SEEN**2 * after.size / np.prod(_PARTS)
    return float((shown & (common >= _SAME_PART * np.sqrt(first * second))).mean())


def _changed(before: _Picture, after: _Picture) -> bool:
    """Whether so much of the picture has another brightness as a cut gives it."""
    gap = after.t_ms - before.t_ms
    if gap <= _NEXT_MS:
        return True
    off = after.light - before.light
    kept = float((np.abs(off - np.median(off)) < _EVEN).mean())
    return kept < (_KEPT_SOON if gap <= _SOON_MS else _KEPT_LATER)
