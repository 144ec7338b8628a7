"""A chain of steps over a sequence of items, done by a few threads that go wherever there is work.

Each step takes the items in order and one at a time, so results do not depend on the number of
threads. As many threads as cores keep all of these busy whatever each step costs, and hand items
over less often than with a thread a step.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

#: How long closing waits for a step that is under way.
_WAIT_S: Final = 10


@dataclass(frozen=True, slots=True)
class Step:
    """What is done to an item; None drops it. At most ``depth`` items wait before it."""

    work: Callable[[Any], Any]
    depth: int


@dataclass(slots=True)
class _Place:
    work: Callable[[Any], Any]
    depth: int
    waiting: deque[Any] = field(default_factory=deque)
    busy: bool = False


class Stages:
    """Iterates over what comes out of ``steps`` for the items of ``source``, in order.

    The thread that reads works, too, beside ``threads - 1`` others. ``depth`` results wait to be
    read at most. An error is raised where the item that it befell would have come.
    """

    def __init__(
        self, source: Iterator[Any], steps: Sequence[Step], *, threads: int, depth: int
    ) -> None:
        first = _Place(lambda _: next(source), 1, deque([None]))  # never runs out by itself
        self._places = [first, *(_Place(step.work, step.depth) for step in steps)]
        self._done = _Place(lambda _: None, depth)
        self._over = -1  # up to this place nothing is done any more
        self._error: BaseException | None = None
        self._stopped = False
        self._changed = threading.Condition()
        self._threads = [
            threading.Thread(target=self._run, name=f"stages-{number}", daemon=True)
            for number in range(1, threads)
        ]
        for thread in self._threads:
            thread.start()

    def __iter__(self) -> Iterator[Any]:
        while True:
            at = -1
            with self._changed:
                while not self._done.waiting and (at := self._claim()) < 0 and not self._ended():
                    self._changed.wait()
                result = self._done.waiting.popleft() if self._done.waiting else None
                self._changed.notify()
            if result is not None:
                yield result
            elif at >= 0:
                self._do(at)
            else:
                break
        if self._error is not None:
            raise self._error

    def close(self) -> bool:
        """End the threads; whether all have ended."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout=_WAIT_S)
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while True:
            with self._changed:
                while (at := self._claim()) < 0 and not self._stopped and not self._ended():
                    self._changed.wait()
                if at < 0 or self._stopped:
                    return
            self._do(at)

    def _claim(self) -> int:
        """The last place that has something to do and room for its result, now busy; or -1."""
        after = self._done
        for at in range(len(self._places) - 1, self._over, -1):
            place = self._places[at]
            if place.waiting and not place.busy and len(after.waiting) < after.depth:
                place.busy = True
                return at
            after = place
        return -1

    def _ended(self) -> bool:
        """Whether nothing more will come."""
        return not any(place.busy or place.waiting for place in self._places[self._over + 1 :])

    def _do(self, at: int) -> None:
        """One item through a place that was claimed."""
        place = self._places[at]
        error: BaseException | None = None
        result = None
        try:
            result = place.work(place.waiting[0])
        except BaseException as raised:  # noqa: BLE001 - the reader raises it in its turn
            error = raised
        with self._changed:
            if error is not None and at > self._over:
                self._over = at
                self._error = None if at == 0 and isinstance(error, StopIteration) else error
            if at:
                place.waiting.popleft()
            if result is not None:
                after = [*self._places, self._done][at + 1]
                after.waiting.append(result)
            place.busy = False
            self._changed.notify_all()
