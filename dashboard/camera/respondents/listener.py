"""The second listener, for whoever comes from outside: respondents and readers of reports.

``rapt serve --respondents PORT`` opens it. Expose this one, and keep the dashboard to
yourself: here there is no page, no store and no file but those of a link.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute
from uvicorn.protocols.http.h11_impl import H11Protocol

from dashboard.camera.connection.event_loop import MediaLoop
from dashboard.camera.respondents.address import Address

#: Beyond these the next is asked to come back; what is slow or silent is closed before.
MOST_CONNECTIONS: Final = 1000
HEAD_WITHIN_S: Final = 10.0


class Unhurried(H11Protocol):
    """A connection that has seconds to say what it wants, as its first request's head."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._silent = self.loop.call_later(HEAD_WITHIN_S, self._give_up)

    def _give_up(self) -> None:
        if self.cycle is None:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._silent.cancel()
        super().connection_lost(exc)


async def nothing(_request: Request, _error: Exception) -> Response:
    return PlainTextResponse("There is nothing here.", 404)


class RespondentListener:
    """Listens from ``open`` to ``close``, on the media loop."""

    def __init__(self, address: Address, routes: Sequence[BaseRoute], loop: MediaLoop) -> None:
        app = Starlette(routes=list(routes), exception_handlers={404: nothing, 405: nothing})
        app.router.redirect_slashes = False
        self._loop = loop
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                host=address.host,
                port=address.port,
                ssl_certfile=address.cert or None,
                ssl_keyfile=address.key or None,
                log_level="warning",
                access_log=False,
                server_header=False,
                lifespan="off",
                ws="none",
                http=Unhurried,
                limit_concurrency=MOST_CONNECTIONS,
                timeout_keep_alive=15,
                timeout_graceful_shutdown=3,
            )
        )
        self._serving: Future[None] | None = None

    def open(self) -> None:
        """OSError where the port is taken."""
        self._serving = self._loop.submit(self._serve())

    async def _serve(self) -> None:
        with suppress(asyncio.CancelledError, SystemExit):
            await self._server.serve()

    @property
    def listening(self) -> bool:
        return bool(self._server.started)

    def close(self) -> None:
        if self._serving is not None:
            self._server.should_exit = True
            with suppress(TimeoutError):
                self._serving.result(timeout=8)
