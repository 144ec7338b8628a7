"""Routes that take files in by pieces, past Streamlit's memory."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import plotly
from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.shared.web.requests import Handler, from_our_pages, read_json
from dashboard.shared.web.upload.uploads import (
    Piece,
    UploadError,
    UploadService,
    upload_service,
)
from dashboard.state import AppState

log = logging.getLogger(__name__)

#: Bytes gathered before a thread writes them: small enough to stay flat, large enough
#: that the hop to the thread does not count.
BLOCK = 1 << 20


def upload_routes(state: Callable[[], AppState]) -> list[BaseRoute]:
    """``state`` is asked at each request: it opens after the routes are made."""
    handlers = UploadHandlers(state)

    def guarded(handler: Handler) -> Handler:
        return from_our_pages(state, handler)

    return [
        Route("/upload", guarded(handlers.begin), methods=["POST"]),
        Route("/upload/{id}", guarded(handlers.piece), methods=["PUT"]),
        Route("/upload/{id}", guarded(handlers.drop), methods=["DELETE"]),
        Route("/plotly-{version}.min.js", plotly_script, methods=["GET"]),
    ]


async def plotly_script(_request: Request) -> Response:
    """Plotly's script from the installed package, for figures that keep their zoom."""
    path = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    return FileResponse(path, headers={"Cache-Control": "public, max-age=31536000, immutable"})


class UploadHandlers:
    def __init__(self, state: Callable[[], AppState]) -> None:
        self._state = state

    @property
    def _uploads(self) -> UploadService:
        return upload_service(self._state())

    async def begin(self, request: Request) -> Response:
        asked = await read_json(request)
        name, size, changed = asked.get("name"), asked.get("size"), asked.get("changed", 0)
        options = asked.get("options") or {}
        if not (
            isinstance(name, str)
            and 0 < len(name) <= 1000
            and isinstance(size, int)
            and not isinstance(size, bool)
            and isinstance(changed, int)
            and isinstance(options, dict)
        ):
            raise UploadError("The upload's announcement is not complete.", "Reload the page.")
        arriving, offset = await to_thread.run_sync(
            self._uploads.begin, name, size, changed, options
        )
        if offset == size:  # whole, but the server stopped before it was taken in
            return await self._whole(arriving.id)
        return JSONResponse({"id": arriving.id, "offset": offset})

    async def piece(self, request: Request) -> Response:
        upload = request.path_params["id"]
        asked = request.query_params.get("offset", "")
        if not (asked.isascii() and asked.isdigit() and len(asked) <= 18):
            raise UploadError("A piece needs its offset.", "Reload the page.")
        uploads = self._uploads
        piece = await to_thread.run_sync(uploads.open, upload, int(asked))
        try:
            await _pour(request, piece)
        except ClientDisconnect:
            # What has come stays: the sender goes on from there.
            return Response(status_code=400)
        finally:
            await to_thread.run_sync(piece.close)
        if piece.offset < uploads.announced(upload).size:
            return JSONResponse({"offset": piece.offset})
        return await self._whole(upload)

    async def _whole(self, upload: str) -> Response:
        def take() -> Mapping[str, object]:
            arrived = self._uploads.finish(upload)
            if arrived is None:
                raise UploadError("The file is not whole yet.", "Drop it again.")
            return self._uploads.deliver(self._state(), arrived)

        return JSONResponse({"done": True, **await to_thread.run_sync(take)})

    async def drop(self, request: Request) -> Response:
        uploads, upload = self._uploads, request.path_params["id"]
        await to_thread.run_sync(uploads.announced, upload)
        await to_thread.run_sync(uploads.drop, upload)
        return Response(status_code=204)


async def _pour(request: Request, piece: Piece) -> None:
    gathered = bytearray()
    async for block in request.stream():
        gathered += block
        if len(gathered) >= BLOCK:
            await to_thread.run_sync(piece.write, bytes(gathered))
            gathered.clear()
    if gathered:
        await to_thread.run_sync(piece.write, bytes(gathered))
