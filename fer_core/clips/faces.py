"""Faces in a recording made unrecognisable, also where the detector lost them for a while.

Between two rows of a track its box is followed in a straight line. Where a track is lost inside
the picture and comes back late or never, and where nothing is known of a stretch of time, nobody
can say where the face is: such frames are blurred as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import pandas as pd

from fer_core.types import Array, Bytes

#: A lost face is followed in a straight line for so long.
FOLLOWED_MS: Final = 2000
#: Before its first and after its last row a face is taken to be where it was.
HELD_MS: Final = 700
#: A frame this far from the next one that was analysed is in doubt.
UNKNOWN_MS: Final = 1000
#: Who is lost within this share of the picture's size from its edge may have left by it.
EDGE: Final = 0.04

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Track:
    """One viewer's boxes: t_ms (n,), boxes (n, 4) x, y, w, h in pixels of the recording."""

    t_ms: Array
    boxes: Array


class Blur:
    """What to hide at each moment of a recording."""

    def __init__(self, rows: pd.DataFrame, frames_ms: Array, size: tuple[int, int]) -> None:
        """rows: ``t_ms, viewer, x, y, w, h`` of every face found, also of those that are no
        viewer's. frames_ms: (n,) when a frame was analysed. size: the recording's."""
        known = rows.dropna(subset=["x", "y", "w", "h"])
        self._frames = np.asarray(frames_ms, np.float64)
        self._size = size
        self._tracks = [
            Track(one["t_ms"].to_numpy(np.float64), one[["x", "y", "w", "h"]].to_numpy(np.float64))
            for viewer, one in known.groupby("viewer")
            if int(str(viewer)) >= 0
        ]
        loose = known[known["viewer"] < 0]
        self._loose = (
            loose["t_ms"].to_numpy(np.float64),
            loose[["x", "y", "w", "h"]].to_numpy(np.float64),
        )

    def at(self, t_ms: float) -> tuple[list[Box], bool]:
        """The boxes to hide, and whether the whole frame is in doubt."""
        near = np.abs(self._frames - t_ms)
        if not len(near) or near.min() > UNKNOWN_MS:
            return [], True
        boxes, doubt = [], False
        for track in self._tracks:
            found, lost = self._of(track, t_ms)
            boxes += found
            doubt = doubt or lost
        times, loose = self._loose
        boxes += [_box(one) for one in loose[np.abs(times - t_ms) <= HELD_MS]]
        return boxes, doubt

    def _of(self, track: Track, t_ms: float) -> tuple[list[Box], bool]:
        after = int(np.searchsorted(track.t_ms, t_ms))
        if after < len(track.t_ms) and track.t_ms[after] == t_ms:
            return [_box(track.boxes[after])], False
        before = after - 1
        if before < 0:  # not come yet
            near = track.t_ms[0] - t_ms <= HELD_MS
            return ([_box(track.boxes[0])] if near else []), False
        here = track.boxes[before]
        since = t_ms - track.t_ms[before]
        if after == len(track.t_ms):
            if since <= HELD_MS:
                return [_box(here)], False
            return [], not self._left(here)
        gap = track.t_ms[after] - track.t_ms[before]
        if gap <= FOLLOWED_MS:
            share = since / gap
            there = track.boxes[after]
            moved = (1 - share) * here + share * there
            # the whole way is hidden where it is long: a face need not move evenly
            return [_box(moved), _box(here), _box(there)], False
        if since <= HELD_MS:
            return [_box(here)], False
        if track.t_ms[after] - t_ms <= HELD_MS:
            return [_box(track.boxes[after])], False
        return [], not (self._left(here) and self._left(track.boxes[after]))

    def _left(self, box: Array) -> bool:
        """Whether a face was lost at the picture's edge."""
        x, y, w, h = box
        wide, high = self._size
        return bool(
            x <= EDGE * wide or y <= EDGE * high
            or x + w >= (1 - EDGE) * wide or y + h >= (1 - EDGE) * high
        )  # fmt: skip


def hide(picture: Bytes, boxes: list[Box], whole: bool, scale: float) -> Bytes:
    """A new picture in which nothing of these faces is left. ``scale``: its size to the
    recording's."""
    made = picture.copy()
    if whole:
        _coarse(made, (0, 0, made.shape[1], made.shape[0]), 12)
        return made
    for x, y, w, h in boxes:
        left, top = int(scale * (x - 0.3 * w)), int(scale * (y - 0.35 * h))
        right, bottom = int(scale * (x + 1.3 * w)) + 1, int(scale * (y + 1.3 * h)) + 1
        area = (max(0, left), max(0, top), min(made.shape[1], right), min(made.shape[0], bottom))
        _coarse(made, area, 5)
    return made


def _coarse(picture: Bytes, area: tuple[int, int, int, int], cells: int) -> None:
    left, top, right, bottom = area
    if right - left < 1 or bottom - top < 1:
        return
    part = picture[top:bottom, left:right]
    few = cv2.resize(part, (cells, cells), interpolation=cv2.INTER_AREA)
    picture[top:bottom, left:right] = cv2.resize(
        few, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR
    )


def _box(row: Array) -> Box:
    x, y, w, h = (float(one) for one in row)
    return x, y, w, h
