"""What the Label page's own script asks: the next faces, a label, an undo.

A key must not wait for a rerun of the page, so labels come by routes of our own. They are
guarded as uploads are: only pages that this server has drawn know the secret.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.lab.label import data as labels
from dashboard.shared.web.access.identity import current
from dashboard.shared.web.requests import Handler, from_our_pages, read_json
from dashboard.state import AppState
from fer_core.access.audit import Deed
from fer_core.files import JsonObject


def label_routes(state: Callable[[], AppState]) -> list[BaseRoute]:
    """``state`` is asked at each request: it opens after the routes are made."""

    def guarded(handler: Handler) -> Handler:
        return from_our_pages(state, handler)

    async def faces(request: Request) -> Response:
        asked = await read_json(request)
        now = state()

        def find() -> JsonObject:
            have = asked.get("have")
            waiting = labels.queue(
                now.store,
                now.home,
                labeller=labels.labeller_of(str(asked.get("labeller") or "")),
                session_id=str(asked["session"]) if asked.get("session") else None,
                without=frozenset(map(str, have)) if isinstance(have, list) else frozenset(),
            )
            for one in {face.item.partition("/")[0] for face in waiting.faces}:
                now.audit.note(current(), Deed.SAW, "faces", one)
            return asdict(waiting)

        return JSONResponse(await to_thread.run_sync(find))

    async def label(request: Request) -> Response:
        asked = await read_json(request)
        found = await to_thread.run_sync(labels.keep, state().store, _judgement(asked))
        return JSONResponse({"id": found})

    async def undo(request: Request) -> Response:
        asked = await read_json(request)
        await to_thread.run_sync(labels.take_back, state().store, str(asked.get("id")))
        return JSONResponse({"undone": True})

    return [
        Route("/lab/faces", guarded(faces), methods=["POST"]),
        Route("/lab/label", guarded(label), methods=["POST"]),
        Route("/lab/undo", guarded(undo), methods=["POST"]),
    ]


def _judgement(asked: Mapping[str, object]) -> labels.Judgement:
    """What the page sends; it can hold anything."""
    t_ms, label_id = asked.get("t_ms"), asked.get("id")
    return labels.Judgement(
        item=str(asked.get("item")),
        say=str(asked.get("say")),
        labeller=str(asked.get("labeller") or ""),
        t_ms=t_ms if isinstance(t_ms, int) else None,
        label_id=label_id if isinstance(label_id, str) else None,
    )
