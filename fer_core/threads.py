"""Background threads of a server, which a watchdog starts again where one ends.

A round that fails is logged and the next one comes. A thread that ends all the same is seen by
a watchdog and started again; ``StandingThread.state`` tells of both.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

log = logging.getLogger(__name__)

AFTER_FAILURE_S: Final = 2.0
_WATCH_EVERY_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class ThreadState:
    """How a standing thread fares."""

    name: str
    alive: bool
    ended: int  # how often it has ended by itself
    idle_s: float  # seconds since its last round was over
    failure: str = ""  # of the last round; "" where that went well


class StandingThread:
    """Does ``work`` every ``every_s`` seconds from ``start`` to ``stop``."""

    def __init__(
        self,
        name: str,
        work: Callable[[], object],
        every_s: float,
        *,
        first: Callable[[], object] | None = None,
    ) -> None:
        self.name = name
        self._work, self._every_s, self._first = work, every_s, first
        self._stop = threading.Event()
        self._stop.set()
        self._changing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ended = 0
        self._failure = ""
        self._round = time.monotonic()

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop, or not started yet."""
        return self._stop.is_set()

    def start(self) -> None:
        """Start it; again: nothing."""
        with self._changing:
            if not self._stop.is_set():
                return
            self._stop.clear()
            self._begin()
        _watch(self)

    def stop(self, wait_s: float = 10.0) -> None:
        """End it after the round that is under way."""
        with self._changing:
            self._stop.set()
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(timeout=wait_s)

    def state(self) -> ThreadState:
        """How it fares."""
        thread = self._thread
        alive = thread is not None and thread.is_alive()
        idle = round(time.monotonic() - self._round, 1)
        return ThreadState(self.name, alive, self._ended, idle, self._failure)

    def revive(self) -> None:
        """Start it again where it has ended without being asked to."""
        with self._changing:
            if self._stop.is_set() or (self._thread is not None and self._thread.is_alive()):
                return
            self._ended += 1
            log.error(
                "The thread %s had ended; it is started again.", self.name,
                extra={"named": self.name},
            )  # fmt: skip
            self._begin()

    def _begin(self) -> None:
        self._round = time.monotonic()
        self._thread = threading.Thread(target=self._run, name=f"rapt-{self.name}", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        if self._first is not None:
            self._guarded(self._first)
        while not self._stop.wait(self._every_s if not self._failure else AFTER_FAILURE_S):
            self._guarded(self._work)

    def _guarded(self, work: Callable[[], object]) -> None:
        try:
            work()
            self._failure = ""
        except Exception as error:  # the thread's edge: whatever it is, go on
            if not self._stop.is_set():
                said = f"{type(error).__name__}: {error}"
                if said != self._failure:
                    log.exception(
                        "A round of the thread %s failed; it is tried again.", self.name,
                        extra={"named": self.name},
                    )  # fmt: skip
                self._failure = said
        self._round = time.monotonic()


_standing: weakref.WeakSet[StandingThread] = weakref.WeakSet()
_watching = threading.Lock()
_watchdog: threading.Thread | None = None
_leaving = threading.Event()  # the process ends


def _watch(thread: StandingThread) -> None:
    """Have the watchdog look after a thread; it begins with the first."""
    global _watchdog
    with _watching:
        _standing.add(thread)
        if _watchdog is None or not _watchdog.is_alive():
            _watchdog = threading.Thread(target=_look, name="rapt-watchdog", daemon=True)
            _watchdog.start()


def _look() -> None:
    while not _leaving.wait(_WATCH_EVERY_S):
        with _watching:
            standing = list(_standing)
        for thread in standing:
            thread.revive()


@atexit.register
def _end_watching() -> None:
    """Leave no thread behind: with one, DuckDB's library lists all that it holds as leaked."""
    _leaving.set()
    if _watchdog is not None:
        _watchdog.join()


def standing_threads() -> list[ThreadState]:
    """Every standing thread of this process that has not been stopped."""
    with _watching:
        standing = list(_standing)
    return sorted((t.state() for t in standing if not t.stopping), key=lambda state: state.name)
