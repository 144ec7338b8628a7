"""What the Label page's own script asks: the next faces, a label, an undo.

A key must not wait for a rerun of the page, so labels come by routes of our own. They are
guarded as uploads are: only pages that this server has drawn know the secret.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.lab.label import data as lab_label
from fer_core.home import Home
from fer_core.storage import Store


class Desk(Protocol):
    """What these routes need of the house."""

    home: Home
    store: Store


Handler = Callable[[Request], Awaitable[Response]]


def label_routes(
    house: Callable[[], Desk],
    guarded: Callable[[Handler], Handler],
    read: Callable[[Request], Awaitable[dict[str, Any]]],
) -> list[BaseRoute]:
    async def faces(request: Request) -> Response:
        asked = await read(request)
        desk = house()

        def find() -> dict[str, Any]:
            have = asked.get("have")
            return lab_label.queue(
                desk.store,
                desk.home,
                labeller=lab_label.labeller_of(asked.get("labeller")),
                session_id=str(asked["session"]) if asked.get("session") else None,
                without=frozenset(map(str, have)) if isinstance(have, list) else frozenset(),
            )

        return JSONResponse(await to_thread.run_sync(find))

    async def label(request: Request) -> Response:
        asked = await read(request)
        found = await to_thread.run_sync(lab_label.keep, house().store, asked)
        return JSONResponse({"id": found})

    async def undo(request: Request) -> Response:
        asked = await read(request)
        await to_thread.run_sync(lab_label.take_back, house().store, asked)
        return JSONResponse({"undone": True})

    return [
        Route("/lab/faces", guarded(faces), methods=["POST"]),
        Route("/lab/label", guarded(label), methods=["POST"]),
        Route("/lab/undo", guarded(undo), methods=["POST"]),
    ]
