"""A lock whose holders take turns: who asked first has it first.

Python's own lock goes to whoever is quickest. A thread that works in many short transactions,
as the one that takes shards in, is always quickest: it asks again before those who wait have
woken up, and a command waits for seconds.
"""

from __future__ import annotations

import threading
from collections import deque


class Turns:
    """Use it in ``with``. Its holder may take it again, as a ``threading.RLock``.

    Who lets it go wakes one thread, whose turn it is: of all that wait, none other runs for it.
    """

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._taken = False
        self._holder: int | None = None
        self._depth = 0

    def __enter__(self) -> None:
        me = threading.get_ident()
        if self._holder != me:
            self._take()
            self._holder = me
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._holder = None
            self._pass_on()

    def _take(self) -> None:
        with self._changing:
            if not self._taken:
                self._taken = True
                return
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        try:
            mine.acquire()
        except BaseException:  # waiting was broken off
            with self._changing:
                waits = mine in self._waiting
                if waits:
                    self._waiting.remove(mine)
            if not waits:  # it was this one's turn already
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """The next one has its turn."""
        with self._changing:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False
