"""Queries that take too long are interrupted, by one thread for all of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Deadlines:
    """Calls that are made when their time is over, unless what they watch ended before.

    The thread starts with the first one, sleeps until the earliest is due, and ends when none has
    been set for a while: a timer a query would start a thread a query.
    """

    _LINGER_S = 30.0

    def __init__(self) -> None:
        self._due: dict[object, tuple[float, Callable[[], object]]] = {}
        self._changed = threading.Condition()
        self._closed = False
        self._wakes = 0.0  # when the thread looks next; 0: there is none

    @contextmanager
    def within(self, seconds: float, late: Callable[[], object]) -> Iterator[None]:
        """``late`` is called, once, when the block is not over after ``seconds``."""
        key, due = object(), time.monotonic() + seconds
        with self._changed:
            self._due[key] = (due, late)
            if not self._wakes:
                self._wakes = due
                threading.Thread(target=self._watch, name="deadlines", daemon=True).start()
            elif due < self._wakes:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._due.pop(key, None)

    def close(self) -> None:
        """End the thread. Nothing may be set afterwards."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _watch(self) -> None:
        idle = 0.0
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                for key in [one for one, (due, _) in self._due.items() if due <= now]:
                    self._due.pop(key)[1]()
                if self._due:
                    idle = 0.0
                    self._wakes = min(due for due, _ in self._due.values())
                elif idle and now >= idle:
                    self._wakes = 0.0
                    return
                else:
                    idle = idle or now + self._LINGER_S
                    self._wakes = idle
                self._changed.wait(self._wakes - now)
