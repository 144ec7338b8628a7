"""A live session whose faces were read elsewhere: numbers come, in batches, and become a timeline.

What a device sends is bounded before it is believed. Pose and measures are worked out here, by
the core's own definitions; a device says what only pictures tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, compress
from types import NoneType
from typing import Final

import numpy as np

from fer_core.errors import RaptError
from fer_core.faces import head_pose
from fer_core.faces.quality import CODES
from fer_core.files import JsonObject
from fer_core.home import Home
from fer_core.labels import EMOTIONS
from fer_core.live.record import Record
from fer_core.live.values import LiveCounts, LiveSpec
from fer_core.measures import READINGS, measure
from fer_core.storage import new_id
from fer_core.storage.timeline.session_file import SessionSummary
from fer_core.types import Array, Bool, Faces, FrameBatch

#: How far outside its picture a box may lie, in the picture's sides.
BEYOND: Final = 1.0
#: What the seven probabilities' sum may differ from 1 by.
SUM_APART: Final = 0.02
#: No reading of an eye or a mouth is further from 0.
LARGEST_READING: Final = 50.0
#: So many frames in a row with the very same numbers are no camera's.
REPEATED: Final = 60
#: The one viewer of a device.
VIEWER: Final = 1


class ImplausibleNumbers(RaptError):
    """Numbers that no face can have."""


@dataclass(frozen=True, slots=True)
class DeviceFaces:
    """The faces of f successive frames as a device read them, in pixels of its pictures: at most
    one a frame, a row each of the m that there are."""

    seen: Bool  # (f,) which frames have one
    boxes: Array  # (m, 4) x, y, width, height
    scores: Array  # (m,)
    points: Array  # (m, 10) x, y of five landmarks
    seven: Array  # (m, 7) probabilities in the order of EMOTIONS
    why_not: tuple[str, ...]  # (m)
    readings: Array  # (m, 11) in the order of READINGS; NaN where not read

    def only(self, kept: Bool) -> DeviceFaces:
        """Those of the frames that are kept, (f,)."""
        rows = kept[self.seen]
        return DeviceFaces(
            self.seen[kept],
            self.boxes[rows],
            self.scores[rows],
            self.points[rows],
            self.seven[rows],
            tuple(compress(self.why_not, rows)),
            self.readings[rows],
        )


def device_faces(frames: Sequence[object], width: int, height: int) -> DeviceFaces:
    """Faces from JSON, None for a frame without one; ImplausibleNumbers where one cannot be.

    All are checked together: a value at a time costs twenty times as much.
    """
    shown = [one for one in frames if one is not None]
    if any(not isinstance(one, dict) for one in shown):
        raise ImplausibleNumbers("A face is none.")
    found: list[JsonObject] = [one for one in shown if isinstance(one, dict)]
    why = tuple(_reason(one.get("w")) for one in found)
    faces = DeviceFaces(
        np.array([one is not None for one in frames], np.bool_),
        _numbers([one.get("b") for one in found], 4),
        _numbers([[one.get("s")] for one in found], 1)[:, 0],
        _numbers([one.get("p") for one in found], 10),
        _numbers([one.get("e") for one in found], len(EMOTIONS)),
        why,
        _readings([one.get("r") for one in found]),
    )
    _check(faces, width, height)
    return faces


def _check(faces: DeviceFaces, width: int, height: int) -> None:
    """ImplausibleNumbers unless each can be a face in such a picture."""
    box, seven = faces.boxes, faces.seven
    sides = np.array([width, height])
    lowest, highest = -BEYOND * sides, (1 + BEYOND) * sides
    corners = np.concatenate([box[:, None, :2], faces.points.reshape(-1, 5, 2)], axis=1)
    right = (
        ((box[:, 2:] > 0) & (box[:, 2:] <= 2 * sides)).all()
        and ((faces.scores >= 0) & (faces.scores <= 1)).all()
        and ((corners >= lowest) & (corners <= highest)).all()
        and ((seven >= 0) & (seven <= 1)).all()
        and (np.abs(seven.sum(axis=1) - 1) <= SUM_APART).all()
    )
    if not right:
        raise ImplausibleNumbers("These numbers are no face's.")


def _reason(value: object) -> str:
    if not isinstance(value, str) or any(code not in CODES for code in value.split(",") if code):
        raise ImplausibleNumbers("A reason is not known.")
    return value


def _numbers(rows: Sequence[object], n: int) -> Array:
    """(m, n) finite numbers from lists of JSON."""
    values = _flat(rows, n)
    if not set(map(type, values)) <= {int, float}:
        raise ImplausibleNumbers("A number is none.")
    found = np.array(values, np.float64).reshape(-1, n)
    if not np.isfinite(found).all():
        raise ImplausibleNumbers("A number is none.")
    return found


def _readings(rows: Sequence[object]) -> Array:
    """(m, 11) readings from lists of JSON; NaN for null, and where there is no list."""
    unread = [None] * len(READINGS)
    values = _flat([unread if one is None else one for one in rows], len(READINGS))
    if not set(map(type, values)) <= {int, float, NoneType}:
        raise ImplausibleNumbers("A reading is none.")
    found = np.array(values, np.float64).reshape(-1, len(READINGS))
    # JSON as Python reads it knows NaN too, which no device sends
    if np.isnan(found).sum() != values.count(None) or (np.abs(found) > LARGEST_READING).any():
        raise ImplausibleNumbers("No eye has such readings.")
    return found


def _flat(rows: Sequence[object], n: int) -> list[object]:
    """The values of all rows, n each."""
    lists = [row for row in rows if isinstance(row, list) and len(row) == n]
    if len(lists) != len(rows):
        raise ImplausibleNumbers("Numbers are missing.")
    return list(chain.from_iterable(lists))


class NumbersSession:
    """A session of numbers. Calls from several threads wait for the caller to take turns."""

    def __init__(self, home: Home, spec: LiveSpec, versions: dict[str, str]) -> None:
        self.spec = spec
        self.session_id = new_id("session")
        self._versions = versions
        self._record = Record(home, self.session_id, spec, keeps=False)
        self._frame = 0
        self._last: list[float] = []
        self._same = 0
        self.repeats = False  # the same numbers came too often to be a camera's
        self._summary: SessionSummary | None = None

    @property
    def begun(self) -> bool:
        """Whether a frame came: before the first one there is no session on the disk."""
        return self._record.begun

    def add(self, t_ms: Sequence[int], faces: DeviceFaces, width: int, height: int) -> None:
        """Keep frames with their times in ms, later than all before. They are on the disk when
        this returns, and what an earlier call could not write; RaptError where the disk does not
        take them."""
        if len(t_ms):
            if not self._record.begun:
                self._record.begin(width, height, self._versions)
            self._record.add_batch(self._batch(t_ms, faces))
            self._count(faces)
        self._record.flush()
        if self._record.problem:
            raise RaptError(self._record.problem)

    def _batch(self, t_ms: Sequence[int], faces: DeviceFaces) -> FrameBatch:
        m = len(faces.boxes)
        points = faces.points.astype(np.float32).reshape(m, 5, 2)
        seven, pose = faces.seven.astype(np.float32), head_pose(points)
        batch = FrameBatch(
            frame=np.arange(self._frame, self._frame + len(t_ms), dtype=np.int32),
            t_ms=np.array(t_ms, np.int32),
            counts=faces.seen.astype(np.int32),
            viewer=np.full(m, VIEWER, np.int32),
            faces=Faces(faces.boxes.astype(np.float32), faces.scores.astype(np.float32), points),
            pose=pose,
            usable=np.array([not why for why in faces.why_not], np.bool_),
            why_not=faces.why_not,
            probabilities=seven,
            measures=measure(seven, pose, self.spec.settings),
            readings=faces.readings.astype(np.float32),
        )
        self._frame += len(t_ms)
        return batch

    def _count(self, faces: DeviceFaces) -> None:
        """How often in a row the very same numbers came."""
        numbers = iter(np.concatenate([faces.boxes, faces.seven], axis=1).tolist())
        for seen in faces.seen.tolist():
            now = next(numbers) if seen else []
            self._same = self._same + 1 if now and now == self._last else 0
            self._last = now
            self.repeats = self.repeats or self._same >= REPEATED

    def align(self, t_ms: int) -> None:
        """The stimulus begins at this time of the session, in ms."""
        self._record.align(t_ms)

    def note(self, text: str, t_ms: int) -> None:
        """A note at a time of the session, kept as a marker of its own kind."""
        self._record.mark(text, "note", t_ms, None)

    def stop(self, reason: str = "stopped") -> SessionSummary:
        """End the session. Again: the same summary."""
        if self._summary is None:
            counts = LiveCounts(offered=self._frame, analysed=self._frame, ended=reason)
            self._summary = self._record.close(counts)
        return self._summary
