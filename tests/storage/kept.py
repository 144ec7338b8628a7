"""Sessions with faces kept for review, as a worker writes them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fer_core.home import Home
from fer_core.storage import ShardWriter
from fer_core.types import FrameResult
from tests.storage.rows import result


def seen(
    frame: int, *sure: float, viewers: tuple[int, ...] = (0,), usable: bool = True
) -> FrameResult:
    """A frame, 25 a second; its faces are as certain as said, their crops hold its number."""
    made = result(frame, viewers, usable=usable)
    p = np.full((len(viewers), 7), 0.0, np.float32)
    p[:, 3] = sure
    crops = np.full((len(viewers), 16, 16), frame % 256, np.uint8)
    return replace(made, probabilities=p, crops=crops)


def write(home: Home, *shards: list[FrameResult], session_id: str = "s1") -> None:
    writer = ShardWriter(home, session_id)
    for shard in shards:
        for one in shard:
            writer.add(one)
        writer.flush({"last": shard[-1].frame})
