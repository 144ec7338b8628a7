"""A live session whose faces were read elsewhere: numbers come, in batches, and become a timeline.

What a device sends is bounded before it is believed. Pose and measures are worked out here, by
the core's own definitions; a device says what only pictures tell.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from fer_core.errors import RaptError
from fer_core.faces import head_pose
from fer_core.faces.quality import CODES
from fer_core.home import Home
from fer_core.labels import EMOTIONS
from fer_core.live.record import Record
from fer_core.live.values import LiveCounts, LiveSpec
from fer_core.measures import READINGS, measure
from fer_core.storage import new_id
from fer_core.storage.timeline.session_file import SessionSummary
from fer_core.types import Faces, FrameResult

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
class DeviceFace:
    """One face as a device read it, in pixels of its pictures."""

    box: tuple[float, ...]  # x, y, width, height
    score: float
    points: tuple[float, ...]  # x, y of five landmarks
    seven: tuple[float, ...]  # probabilities in the order of EMOTIONS
    why_not: str
    readings: tuple[float, ...]  # in the order of READINGS; NaN where not read


def device_face(value: Mapping[str, object], width: int, height: int) -> DeviceFace:
    """A face from JSON; ImplausibleNumbers where it cannot be one."""
    box = _numbers(value.get("b"), 4)
    score = _numbers([value.get("s")], 1)[0]
    points = _numbers(value.get("p"), 10)
    seven = _numbers(value.get("e"), len(EMOTIONS))
    why = value.get("w")
    if not isinstance(why, str) or any(code not in CODES for code in why.split(",") if code):
        raise ImplausibleNumbers("A reason is not known.")
    given = value.get("r")
    readings = (math.nan,) * len(READINGS)
    if given is not None:
        if not isinstance(given, list) or len(given) != len(READINGS):
            raise ImplausibleNumbers("Readings are missing.")
        readings = tuple(math.nan if one is None else _number(one) for one in given)
    inside_x, inside_y = (-BEYOND * width, (1 + BEYOND) * width), (
        -BEYOND * height, (1 + BEYOND) * height,
    )  # fmt: skip
    wrong = (
        not (0 < box[2] <= 2 * width and 0 < box[3] <= 2 * height)
        or not 0 <= score <= 1
        or any(not inside_x[0] <= one <= inside_x[1] for one in (box[0], *points[::2]))
        or any(not inside_y[0] <= one <= inside_y[1] for one in (box[1], *points[1::2]))
        or any(not 0 <= one <= 1 for one in seven)
        or abs(sum(seven) - 1) > SUM_APART
        or any(abs(one) > LARGEST_READING for one in readings)
    )
    if wrong:
        raise ImplausibleNumbers("These numbers are no face's.")
    return DeviceFace(box, score, points, seven, why, readings)


def _numbers(value: object, n: int) -> tuple[float, ...]:
    if not isinstance(value, Sequence) or len(value) != n:
        raise ImplausibleNumbers("Numbers are missing.")
    return tuple(_number(one) for one in value)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ImplausibleNumbers("A number is none.")
    return float(value)


class NumbersSession:
    """A session of numbers. Calls from several threads wait for the caller to take turns."""

    def __init__(self, home: Home, spec: LiveSpec, versions: dict[str, str]) -> None:
        self.spec = spec
        self.session_id = new_id("session")
        self._versions = versions
        self._record = Record(home, self.session_id, spec, keeps=False)
        self._frame = 0
        self._last: tuple[float, ...] = ()
        self._same = 0
        self.repeats = False  # the same numbers came too often to be a camera's
        self._summary: SessionSummary | None = None

    @property
    def begun(self) -> bool:
        """Whether a frame came: before the first one there is no session on the disk."""
        return self._record.begun

    def add(self, frames: Sequence[tuple[int, DeviceFace | None]], width: int, height: int) -> None:
        """Keep frames with their times in ms, later than all before. They are on the disk when
        this returns; RaptError where the disk does not take them."""
        if not frames:
            return
        if not self._record.begun:
            self._record.begin(width, height, self._versions)
        for t_ms, face in frames:
            self._record.add(self._result(t_ms, face))
            self._count(face)
        self._record.flush()
        if self._record.problem:
            raise RaptError(self._record.problem)

    def _result(self, t_ms: int, face: DeviceFace | None) -> FrameResult:
        shown = [face] if face is not None else []
        n = len(shown)
        points = np.array([one.points for one in shown], np.float32).reshape(n, 5, 2)
        boxes = np.array([one.box for one in shown], np.float32).reshape(n, 4)
        faces = Faces(boxes, np.array([one.score for one in shown], np.float32), points)
        seven = np.array([one.seven for one in shown], np.float32).reshape(n, len(EMOTIONS))
        pose = head_pose(points)
        result = FrameResult(
            frame=self._frame,
            t_ms=t_ms,
            viewer=np.full(n, VIEWER, np.int32),
            faces=faces,
            pose=pose,
            usable=np.array([not one.why_not for one in shown], np.bool_),
            why_not=tuple(one.why_not for one in shown),
            probabilities=seven,
            measures=measure(seven, pose, self.spec.settings),
            readings=np.array([one.readings for one in shown], np.float32).reshape(
                n, len(READINGS)
            ),
        )
        self._frame += 1
        return result

    def _count(self, face: DeviceFace | None) -> None:
        now = (*face.box, *face.seven) if face is not None else ()
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
