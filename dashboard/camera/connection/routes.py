"""The connection page's test: a real camera connection to this server.

``POST /connection-check`` takes a browser's offer. The server's end answers pings, and says when
the first picture came; nothing is looked at and nothing is kept.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, TypedDict

import av
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.camera.connection.event_loop import MediaLoop
from dashboard.camera.connection.network import IceServer, ice_servers
from dashboard.camera.connection.wire import LONGEST_SDP, now_ms
from dashboard.shared.web.requests import RequestRefused, from_our_pages, read_json
from dashboard.state import AppState
from fer_core.files import JsonObject

LASTS_S: Final = 25.0
MOST_AT_ONCE: Final = 4
#: What the page's secret is for.
TOKEN: Final = "connection"
FAILED: Final = RequestRefused("The server could not answer. Its log says why.", status=500)
_CANDIDATE = re.compile(r"^a=candidate:.* typ (host|srflx|prflx|relay)", re.M)


def kinds(sdp: str) -> dict[str, int]:
    """How many addresses of each kind a description offers."""
    found = _CANDIDATE.findall(sdp)
    return {kind: found.count(kind) for kind in ("host", "srflx", "relay")}


class Answer(TypedDict):
    """The server's description, and how many addresses of each kind it offers."""

    sdp: str
    server: dict[str, int]


def connection_routes(
    state: Callable[[], AppState], loop: Callable[[], MediaLoop]
) -> list[BaseRoute]:
    running: set[asyncio.Task[None]] = set()  # on the media loop

    async def answer(sdp: str, servers: Sequence[IceServer]) -> Answer:
        from dashboard.camera.connection.peer import Peer  # WebRTC: with the first camera

        began = now_ms()
        over = asyncio.Event()

        def picture(frame: av.VideoFrame, _placed: float | None) -> None:
            if peer.pictures == 1:
                said = {"k": "first", "ms": round(now_ms() - began)}
                peer.send({**said, "width": frame.width, "height": frame.height})

        def message(value: JsonObject) -> None:
            if value.get("k") == "echo":
                peer.send({"k": "echo", "n": value.get("n")})

        peer = Peer(servers, picture=picture, message=message, lost=lambda _: over.set())
        described = await peer.answer(sdp)

        async def wait() -> None:
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), LASTS_S)
            await peer.close()

        task = asyncio.ensure_future(wait())
        running.add(task)
        task.add_done_callback(running.discard)
        return {"sdp": described, "server": kinds(described)}

    async def connect(request: Request) -> Response:
        asked = await read_json(request, LONGEST_SDP)
        if len(running) >= MOST_AT_ONCE:
            raise RequestRefused(
                "Others are checking just now.", "Try again in half a minute.", 503
            )
        servers = await to_thread.run_sync(ice_servers, state().store)
        return JSONResponse(await loop().run(answer(str(asked.get("sdp", "")), servers)))

    guarded = from_our_pages(state, connect, TOKEN, otherwise=FAILED)
    return [Route("/connection-check", guarded, methods=["POST"])]
