"""What one server process keeps for all its pages: the store, the job supervisor, services.

It opens with the server, not with the first visitor, so queued work goes on behind a
closed browser. Where another process owns the store, this one reads and writes through
it, and takes over when it ends; only the owner starts jobs. It knows no feature: a feature
that keeps something for as long as the server runs asks ``service`` for it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from dashboard.shared.web.guard import Guard
from fer_core.errors import RaptError
from fer_core.home import Home
from fer_core.jobs.supervisor import Supervisor
from fer_core.storage import Store, open_store

log = logging.getLogger(__name__)
T = TypeVar("T")

_CHECK_EVERY_S = 1.0


class AppState:
    """Open it once a process; ``close`` leaves running jobs to go on."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.served = False  # whether our own routes are there; the server says so
        self.guard = Guard()
        self.store: Store = open_store(home, take_over=True)
        self._services: dict[Callable[[AppState], Any], Any] = {}
        self._making = threading.RLock()
        self._supervisor: Supervisor | None = None
        self._stop = threading.Event()
        self._start_supervisor()
        self._watcher = threading.Thread(target=self._watch, name="ownership", daemon=True)
        self._watcher.start()

    @property
    def looks_after_jobs(self) -> bool:
        """Whether this process starts jobs: the store's owner does."""
        return self._supervisor is not None

    def service(self, make: Callable[[AppState], T]) -> T:
        """What ``make`` returns for this state: made at the first call, then kept.

        Its ``close`` method, if it has one, is called when the server ends.
        """
        with self._making:
            if make not in self._services:
                self._services[make] = make(self)
            found: T = self._services[make]
            return found

    def close(self) -> None:
        self._stop.set()
        with self._making:
            services = list(self._services.values())
            self._services.clear()
        for service in reversed(services):
            if hasattr(service, "close"):
                service.close()
        self._watcher.join(timeout=10)
        if self._supervisor is not None:
            self._supervisor.stop()
        self.store.close()

    def _start_supervisor(self) -> None:
        """Start the supervisor as soon as this process owns the store."""
        if self._supervisor is None and self.store.is_owner:
            self._supervisor = Supervisor(self.store, self.home)
            self._supervisor.start()

    def _watch(self) -> None:
        while self._supervisor is None and not self._stop.wait(_CHECK_EVERY_S):
            try:
                self._start_supervisor()
            except RaptError:
                log.exception("Jobs cannot be started yet.")


_lock = threading.Lock()
_state: AppState | None = None


def app_state() -> AppState:
    """The process's state; opened by the server, or by the first page without one."""
    global _state
    with _lock:
        if _state is None:
            _state = AppState(Home.find())
        return _state


def close_app_state() -> None:
    global _state
    with _lock:
        state, _state = _state, None
    if state is not None:
        state.close()
