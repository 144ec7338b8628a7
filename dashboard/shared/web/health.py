"""``GET /healthz`` and ``/readyz``: whether the server works, for whoever watches it from outside.

The first says whether it has to be started again, the second whether visitors should be sent to
it: the store is open, its threads and those of jobs are at work, the disk has room. Both are open
to everybody and name things, never paths or people.
"""

from __future__ import annotations

from collections.abc import Callable

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.state import AppState
from fer_core.errors import RaptError
from fer_core.keeping import condition

PATH = "/healthz"
READY = "/readyz"


def health_routes(state: Callable[[], AppState]) -> list[BaseRoute]:
    """``state`` is asked at each request: it opens after the routes are made."""

    def look() -> list[str]:
        try:
            return condition.faults(state().whole_store.threads())
        except RaptError as error:
            return [error.message]

    def unready() -> list[str]:
        try:
            found = state()
        except RaptError:
            return ["store"]
        checks = condition.running_checks(found.whole_store)
        wrong = [one.name for one in checks if one.status == condition.FAIL]
        if found.whole_store.is_owner and not found.looks_after_jobs:
            wrong.append("jobs")
        return wrong if found.served else ["server", *wrong]

    async def health(_request: Request) -> Response:
        wrong = await to_thread.run_sync(look)
        return JSONResponse({"ok": not wrong, "wrong": wrong}, 503 if wrong else 200)

    async def ready(_request: Request) -> Response:
        wrong = await to_thread.run_sync(unready)
        return JSONResponse({"ready": not wrong, "wrong": wrong}, 503 if wrong else 200)

    return [Route(PATH, health, methods=["GET"]), Route(READY, ready, methods=["GET"])]
