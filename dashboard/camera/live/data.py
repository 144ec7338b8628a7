"""The live sessions of this server: how many may run, and which browser's is which."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from dashboard.camera.live.run import SILENT_S, LiveOptions, Run
from dashboard.shared.web.requests import RequestRefused
from dashboard.state import AppState
from fer_core.errors import RaptError
from fer_core.home import Home
from fer_core.live import Engines, LiveSession, close_live_orphans
from fer_core.storage import Store
from fer_core.storage.settings import SetSetting

log = logging.getLogger(__name__)

LIMIT_SETTING: Final = "live.max_sessions"
DEFAULT_LIMIT: Final = 4
#: Nothing came at all: the browser and the server did not reach each other.
NEVER_S: Final = 30.0
#: What became of a run can be asked for so long after its end.
KEPT_S: Final = 600.0


class LiveRefused(RequestRefused):
    """A session that may not begin."""

    def __init__(self, message: str, hint: str = "", status: int = 422) -> None:
        super().__init__(message, hint, status)


class LiveService:
    """All runs of this server."""

    def __init__(self, home: Home, store: Callable[[], Store]) -> None:
        self._home, self._store = home, store
        self._runs: dict[str, Run] = {}
        self._opening = 0
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None

    def limit(self) -> int:
        return int(self._store().settings.get(LIMIT_SETTING, DEFAULT_LIMIT))

    def set_limit(self, limit: int) -> None:
        self._store().run(SetSetting(name=LIMIT_SETTING, value=int(limit)))

    @property
    def running(self) -> list[Run]:
        with self._lock:
            return [run for run in self._runs.values() if run.running]

    def open(self, options: LiveOptions) -> Run:
        """A new run, or a refusal in words. Takes a second where the models are not loaded."""
        limit = self.limit()
        with self._lock:
            busy = sum(run.running for run in self._runs.values()) + self._opening
            if self._stop.is_set():
                raise LiveRefused("The server is stopping.", "Try again in a moment.", 503)
            if busy >= limit:
                raise LiveRefused(
                    f"{busy} live session{'s run' if busy != 1 else ' runs'} on this server, "
                    "which is as many as it allows.",
                    "Wait until one has ended, or ask whoever runs the server to allow more.",
                    429,
                )
            self._opening += 1
        try:
            spec = options.spec()
            engines = Engines.open(self._home, spec.settings)
            run = Run(LiveSession(self._home, spec, engines), options, self._written)
            with self._lock:
                self._runs[run.id] = run
        finally:
            with self._lock:
                self._opening -= 1
        self._watch()
        return run

    def run(self, run_id: str) -> Run | None:
        with self._lock:
            return self._runs.get(run_id)

    def close(self) -> None:
        """Write every session; for a server that goes."""
        self._stop.set()
        for run in self.running:
            run.finish("server")
        if self._watcher is not None:
            self._watcher.join(timeout=5)

    def _written(self, run: Run) -> None:
        try:
            self._store().sync()  # so that the link to it shows all of it
        except RaptError:
            log.exception("Live session %s is not in the store yet.", run.session.session_id)

    def _watch(self) -> None:
        with self._lock:
            if self._watcher is None and not self._stop.is_set():
                self._watcher = threading.Thread(target=self._look, name="live-watch", daemon=True)
                self._watcher.start()

    def _look(self) -> None:
        while not self._stop.wait(1.0):
            now = time.monotonic()
            with self._lock:
                runs = list(self._runs.values())
            for run in runs:
                if run.running:
                    patience = SILENT_S if run.session.begun else NEVER_S
                    if now - run.heard > patience:
                        run.leave("silent")
                elif run.ended_at is not None and now - run.ended_at > KEPT_S:
                    with self._lock:
                        self._runs.pop(run.id, None)


def live_service(state: AppState) -> LiveService:
    """The server's one live service."""
    return state.service(_open)


def _open(state: AppState) -> LiveService:
    close_live_orphans(state.home, state.store)  # live sessions that a killed server left
    return LiveService(state.home, lambda: state.store)
