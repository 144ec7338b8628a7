"""A study is read while its browser still loads the app.

Streamlit runs a page's script when the browser has started the app and opened a websocket. Until
then the server has nothing to do, and knows already from the address which study will be asked for.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import Final
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.state import AppState
from fer_core.errors import RaptError

log = logging.getLogger(__name__)

PATH: Final = "/study"
#: What an address may say beside the study; whatever else it asks for, the page works out itself.
_KNOWN: Final = {"id", "baseline"}
_MOST_WAITING: Final = 2


class Ahead:
    """One thread that opens studies; a service of the server's state."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "ahead")
        self._room = threading.Semaphore(_MOST_WAITING)

    def begin(self, study_id: str, corrected: bool) -> None:
        """Open a study for whoever asks now, unless others wait already."""
        if self._room.acquire(blocking=False):
            self._pool.submit(copy_context().run, self._open, study_id, corrected)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _open(self, study_id: str, corrected: bool) -> None:
        # the server starts without what pages need
        from dashboard.audience.study.cached import open_ahead

        try:
            open_ahead(study_id, corrected=corrected)
        except Exception:  # the page comes upon the same, and says it
            log.exception("A study could not be opened ahead of its page.")
        finally:
            self._room.release()


def ahead(_state: AppState) -> Ahead:
    return Ahead()


class OpensAhead:
    """ASGI middleware behind the entrance, which says who asks."""

    def __init__(self, app: ASGIApp, state: Callable[[], AppState]) -> None:
        self.app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"] == PATH:
            asked = parse_qs(scope["query_string"].decode("latin-1"))
            if "id" in asked and asked.keys() <= _KNOWN:
                # a store that cannot be opened is the page's to tell
                with suppress(RaptError):
                    corrected = asked.get("baseline") == ["true"]
                    self._state().service(ahead).begin(asked["id"][0], corrected)
        await self.app(scope, receive, send)
