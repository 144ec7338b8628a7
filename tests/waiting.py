"""Waits for what another thread or process does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(what: Callable[[], T], within_s: float = 60.0, *, every_s: float = 0.01) -> T:
    """The first answer that counts as true; fails rather than hang for ever."""
    end = time.monotonic() + within_s
    while not (answer := what()):
        assert time.monotonic() < end, f"did not come about in {within_s:.0f} s"
        time.sleep(every_s)
    return answer


def eventually(what: Callable[[], T], within_s: float = 60.0) -> T:
    """As ``until``, for what takes a browser or a store some work to answer."""
    return until(what, within_s, every_s=0.1)
