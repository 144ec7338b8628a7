"""A server that ends while a browser is leaving it."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import uvicorn
from websockets.asyncio.client import connect

from dashboard.server import app

LEAVING = b"\x88\x80\x00\x00\x00\x00"  # a client's close frame: masked, without a code


async def talk(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


def test_a_server_can_end_in_the_moment_in_which_a_browser_leaves() -> None:
    assert app is not None, "the server's module mends it"

    async def run() -> None:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
            config = uvicorn.Config(talk, ws="websockets-sansio", lifespan="off", log_level="error")
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve([listener]))
            while not server.started:
                await asyncio.sleep(0)
            async with connect(f"ws://127.0.0.1:{port}"):
                one: Any = next(iter(server.server_state.connections))
                one.data_received(LEAVING)
                assert one.transport.is_closing()
                one.shutdown()  # what the server does with each connection when it ends
            server.should_exit = True
            await serving

    asyncio.run(run())
