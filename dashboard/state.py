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

from dashboard.shared.web.access.identity import acting, current
from dashboard.shared.web.guard import Guard
from fer_core.access.audit import KEEP_DAYS, KEEP_SETTING, AuditLog
from fer_core.access.permissions import SYSTEM
from fer_core.errors import RaptError
from fer_core.home import Home
from fer_core.jobs.pool import most_workers
from fer_core.jobs.supervisor import Supervisor
from fer_core.keeping.upkeep import Upkeep
from fer_core.storage import Store, open_store
from fer_core.storage.accounts.guarded import guarded

log = logging.getLogger(__name__)
T = TypeVar("T")

_CHECK_EVERY_S = 1.0


class AppState:
    """Open it once a process; ``close`` leaves running jobs to go on.

    ``jobs_at_once``: start queued jobs now, not a moment later: their workers take the processor
    from a server that does not answer yet.
    """

    def __init__(self, home: Home, *, jobs_at_once: bool = True) -> None:
        self.home = home
        self.served = False  # whether our own routes are there; the server says so
        self.guard = Guard(who=lambda: current().account)
        #: For the program's own work and for whoever decides who comes in. Pages ask ``store``.
        self.whole_store: Store = open_store(home, take_over=True)
        self.audit = AuditLog(home, self._audit_days)
        self._services: dict[Callable[[AppState], Any], Any] = {}
        self._making = threading.RLock()
        self._supervisor: Supervisor | None = None
        self._upkeep = Upkeep(self.whole_store)
        self._stop = threading.Event()
        if jobs_at_once:
            self._start_supervisor()
        self._watcher = threading.Thread(target=self._watch, name="ownership", daemon=True)
        self._watcher.start()

    @property
    def store(self) -> Store:
        """The store as whoever asks may use it."""
        who = current()
        return self.whole_store if who is SYSTEM else guarded(self.whole_store, who, self.audit)

    @property
    def looks_after_jobs(self) -> bool:
        """Whether this process starts jobs: the store's owner does."""
        return self._supervisor is not None

    def service(self, make: Callable[[AppState], T]) -> T:
        """What ``make`` returns for this state: made at the first call, then kept.

        Its ``close`` method, if it has one, is called when the server ends. It is the program's,
        whoever happens to ask first.
        """
        with self._making, acting(SYSTEM):
            if make not in self._services:
                self._services[make] = make(self)
            found: T = self._services[make]
            return found

    def _audit_days(self) -> int:
        return int(self.whole_store.settings.get(KEEP_SETTING, KEEP_DAYS))

    def close(self) -> None:
        self._stop.set()
        with self._making:
            services = list(self._services.values())
            self._services.clear()
        for service in reversed(services):
            if hasattr(service, "close"):
                service.close()
        self._watcher.join(timeout=10)
        self._upkeep.close()
        if self._supervisor is not None:
            self._supervisor.stop()
        self.whole_store.close()

    def _start_supervisor(self) -> None:
        """Start the supervisor as soon as this process owns the store."""
        if self._supervisor is None and self.whole_store.is_owner:
            self._supervisor = Supervisor(self.whole_store, self.home, most_workers())
            self._supervisor.start()
            self._upkeep.start()

    def _watch(self) -> None:
        while self._supervisor is None and not self._stop.wait(_CHECK_EVERY_S):
            try:
                self._start_supervisor()
            except RaptError:
                log.exception("Jobs cannot be started yet.")


_lock = threading.Lock()
_state: AppState | None = None


def app_state(*, jobs_at_once: bool = True) -> AppState:
    """The process's state; opened by the server, or by the first page without one."""
    global _state
    with _lock:
        if _state is None:
            _state = AppState(Home.find(), jobs_at_once=jobs_at_once)
        return _state


def close_app_state() -> None:
    global _state
    with _lock:
        state, _state = _state, None
    if state is not None:
        state.close()
