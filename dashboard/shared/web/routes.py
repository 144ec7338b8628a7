"""The app's own HTTP: files in by pieces, stored recordings out by ranges, both guarded."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import plotly
from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.lab.label.routes import label_routes
from dashboard.shared.web.guard import HEADER, Guard
from dashboard.shared.web.uploads import Arrived, OutOfStep, Piece, UploadDesk, UploadError
from fer_core.errors import RaptError
from fer_core.home import Home
from fer_core.storage import Store

log = logging.getLogger(__name__)

#: Bytes gathered before a thread writes them: small enough to stay flat, large enough
#: that the hop to the thread does not count.
BLOCK = 1 << 20


class Desk(Protocol):
    """What the routes need of the house."""

    home: Home
    store: Store

    @property
    def guard(self) -> Guard: ...
    @property
    def uploads(self) -> UploadDesk: ...
    def take_in(self, arrived: Arrived) -> dict[str, Any]: ...
    def recording(self, session_id: str) -> Path | None: ...
    def stimulus(self, stimulus_id: str) -> Path | None: ...
    def rows(self, session_id: str, from_ms: int, to_ms: int) -> dict[str, Any]: ...


def routes(house: Callable[[], Desk]) -> list[BaseRoute]:
    """``house`` is asked at each request: it opens after the routes are made."""
    handlers = Handlers(house)
    return [
        Route("/upload", handlers.guarded(handlers.begin), methods=["POST"]),
        Route("/upload/{id}", handlers.guarded(handlers.piece), methods=["PUT"]),
        Route("/upload/{id}", handlers.guarded(handlers.drop), methods=["DELETE"]),
        Route("/clip/{session_id}", handlers.clip, methods=["GET"]),
        Route("/stimulus/{stimulus_id}", handlers.stimulus, methods=["GET"]),
        Route("/clip/{session_id}/rows", handlers.rows, methods=["GET"]),
        Route("/plotly-{version}.min.js", plotly_script, methods=["GET"]),
        *label_routes(house, handlers.guarded, _json),
    ]


async def plotly_script(_request: Request) -> Response:
    """Plotly's script from the installed package, for figures that keep their zoom."""
    path = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    return FileResponse(path, headers={"Cache-Control": "public, max-age=31536000, immutable"})


class Handlers:
    def __init__(self, house: Callable[[], Desk]) -> None:
        self._house = house

    def guarded(
        self, handler: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Let in only our own pages, and answer errors in words."""

        async def answer(request: Request) -> Response:
            heard = request.headers
            try:
                if not self._house().guard.welcomes(
                    heard.get(HEADER), heard.get("origin"), heard.get("host")
                ):
                    raise UploadError(
                        "This page is older than the server, or not its own.",
                        "Reload the page and try again.",
                        403,
                    )
                return await handler(request)
            except OutOfStep as error:
                return JSONResponse({"offset": error.offset}, 409)
            except RaptError as error:
                status = error.status if isinstance(error, UploadError) else 422
                return JSONResponse({"error": error.message, "hint": error.hint}, status)

        return answer

    async def begin(self, request: Request) -> Response:
        asked = await _json(request)
        name, size, changed = asked.get("name"), asked.get("size"), asked.get("changed", 0)
        options = asked.get("options") or {}
        if not (
            isinstance(name, str)
            and 0 < len(name) <= 1000
            and isinstance(size, int)
            and isinstance(changed, int)
            and isinstance(options, dict)
        ):
            raise UploadError("The upload's announcement is not complete.", "Reload the page.")
        desk = self._house().uploads
        arriving, offset = await to_thread.run_sync(desk.begin, name, size, changed, options)
        if offset == size:  # whole, but the server stopped before it was taken in
            return await self._whole(arriving.id)
        return JSONResponse({"id": arriving.id, "offset": offset})

    async def piece(self, request: Request) -> Response:
        upload = request.path_params["id"]
        asked = request.query_params.get("offset", "")
        if not asked.isdigit():
            raise UploadError("A piece needs its offset.", "Reload the page.")
        desk = self._house().uploads
        piece = await to_thread.run_sync(desk.open, upload, int(asked))
        try:
            await _pour(request, piece)
        except ClientDisconnect:
            # What has come stays: the sender goes on from there.
            return Response(status_code=400)
        finally:
            await to_thread.run_sync(piece.close)
        if piece.offset < desk.announced(upload).size:
            return JSONResponse({"offset": piece.offset})
        return await self._whole(upload)

    async def _whole(self, upload: str) -> Response:
        def take() -> dict[str, Any]:
            house = self._house()
            arrived = house.uploads.finish(upload)
            if arrived is None:
                raise UploadError("The file is not whole yet.", "Drop it again.")
            return house.take_in(arrived)

        return JSONResponse({"done": True, **await to_thread.run_sync(take)})

    async def drop(self, request: Request) -> Response:
        desk = self._house().uploads
        await to_thread.run_sync(desk.drop, request.path_params["id"])
        return Response(status_code=204)

    async def clip(self, request: Request) -> Response:
        """A stored recording, by ranges; the link carries its own key."""
        return await self._film(request, "clip", request.path_params["session_id"])

    async def stimulus(self, request: Request) -> Response:
        """The film that was watched, in the same way."""
        return await self._film(request, "stimulus", request.path_params["stimulus_id"])

    async def _film(self, request: Request, what: str, which: str) -> Response:
        house = self._house()
        if not house.guard.signed(f"{what}:{which}", request.query_params.get("k")):
            return Response(status_code=404)
        find = house.recording if what == "clip" else house.stimulus
        try:
            path = await to_thread.run_sync(find, which)
        except RaptError:  # deleted since the page was drawn
            path = None
        if path is None or not path.is_file():
            return Response("The film is no longer where it was.", 404)
        return FileResponse(path, headers={"Cache-Control": "private, max-age=3600"})

    async def rows(self, request: Request) -> Response:
        """What is drawn over a stretch of a recording; under the recording's own key."""
        session_id, asked = request.path_params["session_id"], request.query_params
        house = self._house()
        if not house.guard.signed(f"clip:{session_id}", asked.get("k")):
            return Response(status_code=404)
        start, end = asked.get("from", ""), asked.get("to", "")
        if not (_is_time(start) and _is_time(end)):
            return JSONResponse({"error": "A stretch needs its ends, in ms.", "hint": ""}, 400)
        try:
            rows = await to_thread.run_sync(house.rows, session_id, int(start), int(end))
        except RaptError as error:
            return JSONResponse({"error": error.message, "hint": error.hint}, 422)
        return JSONResponse(rows, headers={"Cache-Control": "no-store"})


def _is_time(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9


async def _json(request: Request) -> dict[str, Any]:
    if int(request.headers.get("content-length") or 0) > 64_000:
        raise UploadError("The upload's announcement is too long.", "Reload the page.", 413)
    try:
        value = await request.json()
    except ValueError as error:
        raise UploadError("The upload's announcement is not JSON.", "Reload the page.") from error
    return value if isinstance(value, dict) else {}


async def _pour(request: Request, piece: Piece) -> None:
    gathered = bytearray()
    async for block in request.stream():
        gathered += block
        if len(gathered) >= BLOCK:
            await to_thread.run_sync(piece.write, bytes(gathered))
            gathered.clear()
    if gathered:
        await to_thread.run_sync(piece.write, bytes(gathered))
