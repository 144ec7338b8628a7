"""Numbers as people read them, the same on pages, in reports and in the terminal."""

from __future__ import annotations

import math


def clock(ms: float | None, missing: str = "–") -> str:
    """A position or length in milliseconds, cut to whole seconds: 0:21, 12:05, 1:02:09."""
    if ms is None or math.isnan(ms):
        return missing
    seconds = int(ms / 1000)
    hours, rest = divmod(abs(seconds), 3600)
    minutes, left = divmod(rest, 60)
    shown = f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"
    return f"-{shown}" if seconds < 0 else shown


def percent(share: float | None, missing: str = "–") -> str:
    """A share from 0 to 1: 62 %, «< 1 %», never 0 % for something that was seen."""
    if share is None or math.isnan(share):
        return missing
    if 0 < share < 0.01:
        return "< 1 %"
    if 0.99 < share < 1:
        return "> 99 %"
    return f"{round(share * 100)} %"
