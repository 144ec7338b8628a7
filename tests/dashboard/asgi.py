"""Asks an ASGI application what a browser or an attacker would ask, without a port."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

HOST = "127.0.0.1:8501"


@dataclass
class Answer:
    """What came back. ``status`` 0: the application let the request go without a word."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    read: int = 0  # bytes of the request's body that the application took


def ask(
    app: Any,
    path: str,
    method: str = "GET",
    *,
    host: str = HOST,
    body: Iterable[bytes] = (),
    **headers: str,
) -> Answer:
    """One request. Headers' names are written with ``_``; ``body`` comes in these pieces."""
    scope = _scope("http", path, host, headers) | {"method": method, "scheme": "http"}
    answer, pieces, whole = Answer(), iter(body), False

    async def receive() -> dict[str, Any]:
        nonlocal whole
        if whole:
            await asyncio.Event().wait()  # nobody hangs up
        piece = next(pieces, None)
        whole = piece is None
        answer.read += len(piece or b"")
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    async def send(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {k.decode(): v.decode() for k, v in message["headers"]}
        elif message["type"] == "http.response.body":
            answer.body += message.get("body", b"")

    asyncio.run(app(scope, receive, send))
    return answer


def knock(app: Any, path: str, *, host: str = HOST, **headers: str) -> str:
    """Open a websocket; the first thing that the application says: accept or close."""
    scope = _scope("websocket", path, host, headers) | {"scheme": "ws", "subprotocols": []}
    said: list[str] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect" if not said else "websocket.disconnect", "code": 1000}

    async def send(message: Mapping[str, Any]) -> None:
        said.append(message["type"].removeprefix("websocket."))

    asyncio.run(app(scope, receive, send))
    return said[0]


def _scope(kind: str, path: str, host: str, headers: Mapping[str, str]) -> dict[str, Any]:
    path, _, query = path.partition("?")
    heard = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in heard.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8501),
    }
