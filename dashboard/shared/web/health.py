"""``GET /healthz``: whether the server does its work, for whoever watches it from outside."""

from __future__ import annotations

from collections.abc import Callable

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.state import AppState
from fer_core.errors import RaptError

PATH = "/healthz"


def health_routes(state: Callable[[], AppState]) -> list[BaseRoute]:
    """``state`` is asked at each request: it opens after the routes are made."""

    def look() -> list[str]:
        try:
            found = state().store.threads()
        except RaptError as error:
            return [error.message]
        dead = [f"The thread {one.name} has ended." for one in found if not one.alive]
        return dead + [f"The thread {one.name} fails." for one in found if one.failure]

    async def health(_request: Request) -> Response:
        wrong = await to_thread.run_sync(look)
        return JSONResponse({"ok": not wrong, "wrong": wrong}, 503 if wrong else 200)

    return [Route(PATH, health, methods=["GET"])]
