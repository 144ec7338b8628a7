"""What one server keeps for respondents: the media loop, the visits, the second listener."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from contextlib import suppress

from starlette.routing import BaseRoute

from dashboard.camera.connection.event_loop import MediaLoop
from dashboard.camera.connection.routes import connection_routes
from dashboard.camera.respondents.address import Address
from dashboard.camera.respondents.listener import RespondentListener
from dashboard.camera.respondents.routes import respondent_routes
from dashboard.camera.respondents.visits import Visits
from dashboard.state import AppState, app_state
from fer_core.errors import RaptError

log = logging.getLogger(__name__)


class RespondentServer:
    """Made once a process. Its loop starts with the first who needs it."""

    def __init__(self, also: Sequence[BaseRoute] = ()) -> None:
        """``also``: what the second listener answers besides links for respondents."""
        self._lock = threading.Lock()
        self._loop: MediaLoop | None = None
        self._visits: Visits | None = None
        self._listener: RespondentListener | None = None
        #: What the second listener answers; the dashboard answers ``inside`` as well.
        self.routes: list[BaseRoute] = [
            *respondent_routes(self.visits, lambda: self.state().store, self.loop),
            *also,
        ]
        self.inside: list[BaseRoute] = connection_routes(self.state, self.loop)

    def state(self) -> AppState:
        return app_state()

    def loop(self) -> MediaLoop:
        with self._lock:
            if self._loop is None:
                self._loop = MediaLoop()
            return self._loop

    def visits(self) -> Visits:
        loop = self.loop()
        with self._lock:
            if self._visits is None:
                self._visits = Visits(self.state().home, lambda: self.state().store, loop)
            return self._visits

    def open_listener(self) -> None:
        """Listen for respondents where ``rapt serve --respondents`` said."""
        address = Address.from_environment()
        if address is not None and self._listener is None:
            self._listener = RespondentListener(address, self.routes, self.loop())
            self._listener.open()
            with suppress(RaptError):  # the store could not be opened: told at each visit
                self.visits().warm()
            log.info("Respondents may come to port %d", address.port)

    def close(self) -> None:
        """End what runs and keep it; then the loop may go."""
        with self._lock:
            listener, visits, loop = self._listener, self._visits, self._loop
            self._listener = self._visits = self._loop = None
        if listener is not None:
            listener.close()
        if visits is not None and loop is not None:
            loop.submit(visits.close()).result(timeout=30)
        if loop is not None:
            loop.close()
