"""Rows for the store's tests: small, made by rule, so that every number can be foretold."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from fer_core.files import write_json
from fer_core.home import Home
from fer_core.labels import EMOTIONS
from fer_core.measures import FACE_MEASURES
from fer_core.storage import ShardWriter
from fer_core.types import Faces, FrameResult, Measures

STEP_MS = 40  # 25 frames a second


def result(
    frame: int,
    viewers: tuple[int, ...] = (0,),
    *,
    emotion: str = "happy",
    engagement: float = 60.0,
    usable: bool = True,
    t_ms: int | None = None,
) -> FrameResult:
    """One frame. The emotion has probability 0.7, each other one 0.05."""
    n = len(viewers)
    p = np.full((n, len(EMOTIONS)), 0.05, np.float32)
    p[:, EMOTIONS.index(emotion)] = 0.7

    def column(value: float) -> np.ndarray:
        return np.full(n, value, np.float32)

    return FrameResult(
        frame=frame,
        t_ms=frame * STEP_MS if t_ms is None else t_ms,
        viewer=np.array(viewers, np.int32),
        faces=Faces(
            np.tile(np.array([10, 20, 50, 60], np.float32), (n, 1)),
            column(0.9),
            np.full((n, 5, 2), np.nan, np.float32),
        ),
        pose=np.zeros((n, 3), np.float32),
        usable=np.full(n, usable),
        why_not=("" if usable else "small",) * n,
        probabilities=p,
        measures=Measures(
            {
                **dict.fromkeys(FACE_MEASURES, column(0.5)),
                "expressiveness": column(0.95),
                "valence": column(0.65),
                "attention": column(1.0),
                "engagement": column(engagement),
            }
        ),
    )


def say(home: Home, session_id: str, **more: Any) -> None:
    """Write session.json."""
    value = {
        "session_id": session_id,
        "name": session_id,
        "kind": "file",
        "created": time.time(),
        "status": "running",
        "settings": {"fps": None},
        "versions": {"engagement": "engagement/1"},
        "info": {"width": 640, "height": 360, "fps": 25.0},
        **more,
    }
    write_json(home.session(session_id) / "session.json", value)


def record(
    home: Home, session_id: str, frames: int = 100, *, shards: int = 2, status: str = "done",
    viewers: tuple[int, ...] = (0,), **more: Any
) -> None:  # fmt: skip
    """A whole session on the disk, as a worker leaves it."""
    say(home, session_id, **more)
    write(home, session_id, range(frames), shards=shards, viewers=viewers)
    say(home, session_id, status=status, **more)


def write(
    home: Home,
    session_id: str,
    frames: range,
    *,
    shards: int = 1,
    viewers: tuple[int, ...] = (0,),
) -> None:
    """Add frames to a session, the state after each shard being its last frame."""
    writer = ShardWriter(home, session_id)
    for part in np.array_split(np.array(frames), shards):
        for frame in part:
            writer.add(result(int(frame), viewers))
        writer.flush({"last": int(part[-1])})


def rewrite(home: Home, session_id: str, change: Callable[[pa.Table], pa.Table]) -> None:
    """Put a session's first shard there again, changed; its metadata stay."""
    path = home.shards(session_id) / "000001.parquet"
    pq.write_table(change(pq.read_table(path)), path)
