"""Sessions whose viewers' eyes were read: still faces, asleep for a while, of either version."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fer_core.home import Home
from fer_core.measures import FACE_MEASURES, TABLE
from fer_core.storage import ShardWriter
from fer_core.types import FrameResult, Measures
from tests.storage.rows import result, say

#: Lids, iris and a face at rest.
STILL = np.array([0.21, 0.21, 0, 0, 0, 0, 0, 0, 0, 0, 0.246], np.float32)
FRAMES = 250  # ten seconds


def frame(
    index: int, *, asleep: tuple[float, float] = (4, 6), emotion: str = "neutral"
) -> FrameResult:
    made = result(index, (0,), emotion=emotion)
    readings = STILL.copy()
    if asleep[0] <= made.t_ms / 1000 < asleep[1]:
        readings[:2] = 0.03
    return replace(made, readings=readings[None])


def before_eyes(made: FrameResult) -> FrameResult:
    """As version 1 wrote it."""
    unknown = np.full(len(made), np.nan, np.float32)
    lacking = {one.key: unknown for one in TABLE if one.optional and one.key in FACE_MEASURES}
    return replace(made, readings=None, measures=Measures(dict(made.measures.values) | lacking))


def write_all(
    home: Home, session_id: str, parts: int = 1, *, eyes: bool = True, **said: object
) -> None:
    writer = ShardWriter(home, session_id)
    for part in np.array_split(np.arange(FRAMES), parts):
        for index in part:
            made = frame(int(index))
            writer.add(made if eyes else before_eyes(made))
        writer.flush({})
    say(home, session_id, status="done", **said)
