"""A lock whose holders take turns: who asked first has it first.

Python's own lock goes to whoever is quickest. A thread that works in many short transactions,
as the one that takes shards in, is always quickest: it asks again before those who wait have
woken up, and a command waits for seconds.
"""

from __future__ import annotations

import threading
from collections import deque


class Turns:
    """Use it in ``with``. Its holder may take it again, as a ``threading.RLock``."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()
        self._holder: int | None = None
        self._depth = 0

    def __enter__(self) -> None:
        me, mine = threading.get_ident(), object()
        with self._changed:
            if self._holder != me:
                self._waiting.append(mine)
                try:
                    self._changed.wait_for(
                        lambda: self._holder is None and self._waiting[0] is mine
                    )
                finally:
                    self._waiting.remove(mine)
                    self._changed.notify_all()  # where waiting was broken off
                self._holder = me
            self._depth += 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._depth -= 1
            if self._depth == 0:
                self._holder = None
                self._changed.notify_all()
