"""Routes that give recordings and stimuli by ranges from the disk, and what is drawn over them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.audience.replay import media, overlay
from dashboard.shared.pictures import Pictures
from dashboard.shared.web.films import film_response
from dashboard.shared.web.requests import errors_as_json
from dashboard.state import AppState
from fer_core.errors import RaptError

LONGEST_MS: Final = 10**9


def media_routes(state: Callable[[], AppState]) -> list[BaseRoute]:
    """``state`` is asked at each request: it opens after the routes are made."""
    handlers = MediaHandlers(state)
    return [
        Route("/clip/{session_id}", handlers.clip, methods=["GET"]),
        Route("/stimulus/{stimulus_id}", handlers.stimulus, methods=["GET"]),
        Route("/stimulus/{stimulus_id}/frame/{t_ms:int}", handlers.frame, methods=["GET"]),
        Route("/clip/{session_id}/rows", errors_as_json(handlers.rows), methods=["GET"]),
    ]


class MediaHandlers:
    """Each link carries its own key; without it there is nothing here."""

    def __init__(self, state: Callable[[], AppState]) -> None:
        self._state = state

    async def clip(self, request: Request) -> Response:
        """A stored recording, by ranges; the link carries its own key."""
        return await self._film(request, "clip", request.path_params["session_id"])

    async def stimulus(self, request: Request) -> Response:
        """The film that was watched, in the same way."""
        return await self._film(request, "stimulus", request.path_params["stimulus_id"])

    async def frame(self, request: Request) -> Response:
        """The film's frame at a moment, as a small JPEG; under the film's own key."""
        stimulus_id, t_ms = request.path_params["stimulus_id"], request.path_params["t_ms"]
        state = self._state()
        if not state.guard.signed(f"stimulus:{stimulus_id}", request.query_params.get("k")):
            return Response(status_code=404)
        try:
            jpeg = await to_thread.run_sync(_still, state, stimulus_id, t_ms)
        except RaptError:
            jpeg = None
        if jpeg is None:
            return Response(status_code=404)
        kept = {"Cache-Control": "private, max-age=3600"}
        return Response(jpeg, media_type="image/jpeg", headers=kept)

    async def _film(self, request: Request, what: str, which: str) -> Response:
        state = self._state()
        if not state.guard.signed(f"{what}:{which}", request.query_params.get("k")):
            return Response(status_code=404)
        find = media.recording if what == "clip" else media.stimulus
        try:
            path = await to_thread.run_sync(find, state.store, which)
        except RaptError:  # deleted since the page was drawn
            path = None
        if path is None or not path.is_file():
            return Response("The film is no longer where it was.", 404)
        return await film_response(path)

    async def rows(self, request: Request) -> Response:
        """What is drawn over a stretch of a recording; under the recording's own key."""
        session_id, asked = request.path_params["session_id"], request.query_params
        state = self._state()
        if not state.guard.signed(f"clip:{session_id}", asked.get("k")):
            return Response(status_code=404)
        start, end = asked.get("from", ""), asked.get("to", "")
        if not (_is_time(start) and _is_time(end)):
            return JSONResponse({"error": "A stretch needs its ends, in ms.", "hint": ""}, 400)
        store = state.store
        if not await to_thread.run_sync(store.sessions.exists, session_id):
            return Response(status_code=404)
        rows = await to_thread.run_sync(overlay.rows, store, session_id, int(start), int(end))
        return JSONResponse(rows, headers={"Cache-Control": "no-store"})


def _still(state: AppState, stimulus_id: str, t_ms: int) -> bytes | None:
    path = media.stimulus(state.store, stimulus_id)
    if path is None or t_ms > LONGEST_MS:
        return None
    pictures = state.service(Pictures)
    return pictures.still(str(path), path.stat().st_mtime, t_ms, media.STILL_WIDTH)


def _is_time(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9
