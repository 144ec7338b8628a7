"""What goes over a camera's connection, as both ends know it. WebRTC itself is not loaded here."""

from __future__ import annotations

import time
from typing import Final

import av
import numpy as np

from fer_core.types import Bytes

#: A description is a few kilobytes, a message some dozens of bytes.
LONGEST_SDP: Final = 64_000
LONGEST_MESSAGE: Final = 2_000


def now_ms() -> float:
    return time.monotonic() * 1000


def pixels(frame: av.VideoFrame) -> Bytes:
    """(height, width, 3) red, green, blue."""
    return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


def number(value: object) -> float | None:
    """A finite number out of a message, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e15 else None  # NaN and infinities fail the comparison
