"""What one server process holds: the store, the supervisor of jobs, the upload desk.

It opens with the server, not with the first visitor, so queued work goes on behind a
closed browser. Where another process owns the store, this one reads and gives orders
through it, and takes over when it ends; only the owner starts jobs.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dashboard.audience.analyze import data as intake
from dashboard.audience.replay import overlay
from dashboard.camera.live.data import LiveDesk
from dashboard.lab.data import data as lab_data
from dashboard.shared.web.guard import Guard
from dashboard.shared.web.uploads import DEFAULT_LIMIT, Arrived, UploadDesk
from fer_core.errors import RaptError
from fer_core.home import Home
from fer_core.jobs.supervisor import Supervisor
from fer_core.live import close_orphans
from fer_core.storage import Store, open_store

log = logging.getLogger(__name__)

LIMIT_SETTING = "upload.max_bytes"
_LOOK_S = 1.0


class House:
    """Open it once a process; ``close`` leaves running jobs to go on."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.served = False  # whether our own routes are there; the server says so
        self.guard = Guard()
        self.store: Store = open_store(home, take_over=True)
        self.uploads = UploadDesk(home.uploads, limit=self.upload_limit)
        self.live = LiveDesk(home, lambda: self.store)
        self._supervisor: Supervisor | None = None
        self._stop = threading.Event()
        self._watch()
        self._watcher = threading.Thread(target=self._keep_watch, name="house", daemon=True)
        self._watcher.start()
        self.uploads.sweep()
        close_orphans(home, self.store)

    @property
    def looks_after_jobs(self) -> bool:
        """Whether this process starts jobs: the store's owner does."""
        return self._supervisor is not None

    def upload_limit(self) -> int:
        return int(self.store.setting(LIMIT_SETTING, DEFAULT_LIMIT))

    def set_upload_limit(self, limit: int) -> None:
        self.store.order("set_setting", name=LIMIT_SETTING, value=int(limit))

    def take_in(self, arrived: Arrived) -> dict[str, Any]:
        """Queue the analysis of a file that has just come; a data set is another matter."""
        if arrived.options.get("for") == lab_data.FOR_DATA:
            return lab_data.take_in(self.home, self.store, arrived)
        return intake.take_in(self.home, self.store, arrived)

    def recording(self, session_id: str) -> Path | None:
        """Where a session's file lies, if it was an upload or a file that is still there."""
        row = self.store.session(session_id)
        path = Path(row["path"]) if row and row.get("path") else None
        return path if path is not None and path.is_file() else None

    def stimulus(self, stimulus_id: str) -> Path | None:
        """Where the film that was watched lies, if a person named it and it is still there."""
        row = self.store.stimulus(stimulus_id)
        path = Path(row["path"]) if row.get("path") else None
        return path if path is not None and path.is_file() else None

    def stimulus_url(self, stimulus_id: str) -> str:
        return f"/stimulus/{stimulus_id}?k={self.guard.sign(f'stimulus:{stimulus_id}')}"

    def clip_url(self, session_id: str) -> str:
        """A link to the recording that only this server's pages can make."""
        return f"/clip/{session_id}?k={self.guard.sign(f'clip:{session_id}')}"

    def rows(self, session_id: str, from_ms: int, to_ms: int) -> dict[str, Any]:
        """What is drawn over the faces of a stretch of a recording."""
        return overlay.rows(self.store, session_id, from_ms, to_ms)

    def rows_url(self, session_id: str, stamp: str) -> str:
        """Where a page gets them; ``stamp`` makes it another address when they change."""
        key = self.guard.sign(f"clip:{session_id}")
        return f"/clip/{session_id}/rows?k={key}&v={quote(stamp)}"

    def close(self) -> None:
        self._stop.set()
        self.live.close()
        self._watcher.join(timeout=10)
        if self._supervisor is not None:
            self._supervisor.stop()
        self.store.close()

    def _watch(self) -> None:
        """Start the supervisor as soon as this process owns the store."""
        if self._supervisor is None and self.store.is_owner:
            self._supervisor = Supervisor(self.store, self.home)
            self._supervisor.start()

    def _keep_watch(self) -> None:
        while self._supervisor is None and not self._stop.wait(_LOOK_S):
            try:
                self._watch()
            except RaptError:
                log.exception("The jobs cannot be looked after yet.")


_lock = threading.Lock()
_house: House | None = None


def open_house(home: Home | None = None) -> House:
    """The process's house; opened by the server, or by the first page without one."""
    global _house
    with _lock:
        if _house is None:
            _house = House(home or Home.find())
        return _house


def close_house() -> None:
    global _house
    with _lock:
        house, _house = _house, None
    if house is not None:
        house.close()
