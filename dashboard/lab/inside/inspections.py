"""Inspections of a network that do not block the page: asked for once, there when done.

The first one imports TensorFlow and takes seconds. A page that waited would take no key and no
click meanwhile; so each runs in a thread, and the page asks again until it is there.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar

from dashboard.state import AppState
from fer_core.evaluation.explain_process import ExplainProcess

T = TypeVar("T")

#: What was seen of this many faces stays at hand.
MOST = 128
#: What is there within this time needs no second drawing of the page.
SOON_S = 0.4


class InspectionService:
    """One a server. Inspections wait for each other in the process that they ask."""

    def __init__(self) -> None:
        self.process = ExplainProcess()
        self._lock = threading.Lock()
        self._found: OrderedDict[Hashable, Future[Any]] = OrderedDict()

    def ask(self, key: Hashable, work: Callable[[ExplainProcess], T]) -> Future[T]:
        """The inspection of this name; begun now unless it is under way or done."""
        with self._lock:
            known = self._found.get(key)
            if known is not None and not (known.done() and known.exception()):
                self._found.move_to_end(key)
                return known
            future: Future[T] = Future()
            self._found[key] = future
            while len(self._found) > MOST:
                self._found.popitem(last=False)
        # a daemon: a server that ends does not wait for an answer that nobody will see
        threading.Thread(
            target=self._run, args=(future, work), name="inspection", daemon=True
        ).start()
        return future

    def soon(self, future: Future[Any]) -> bool:
        """Whether it is done, after a short wait."""
        try:
            future.exception(timeout=SOON_S)
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        self.process.close()

    def _run(self, future: Future[T], work: Callable[[ExplainProcess], T]) -> None:
        try:
            future.set_result(work(self.process))
        except BaseException as error:  # noqa: BLE001 - whoever asks gets it raised
            future.set_exception(error)


def inspection_service(state: AppState) -> InspectionService:
    """The server's one inspection service; its process starts with the first question."""
    return state.service(_open)


def _open(_state: AppState) -> InspectionService:
    return InspectionService()
