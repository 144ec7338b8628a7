"""A SOCKS5 proxy that keeps every byte of every connection through it, both ways.

A browser that is told of it opens no TCP connection past it, whichever protocol it speaks there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from threading import Thread
from typing import Final

_VERSION: Final = 5
_IPV4, _NAME, _IPV6 = 1, 3, 4
_GRANTED, _NOT_ALLOWED, _REFUSED = 0, 2, 5
_CHUNK: Final = 1 << 16


@dataclass
class Connection:
    """What went through one connection."""

    host: str
    port: int
    up: bytearray = field(default_factory=bytearray)  # from the browser
    down: bytearray = field(default_factory=bytearray)


class RecordingProxy:
    """Leads to one server; who asks for another is told no, and noted like the rest."""

    def __init__(self, host: str, port: int) -> None:
        self.server = (host, port)
        self.connections: list[Connection] = []
        self.address = ""  # as a browser wants it
        self._under_way: set[asyncio.Task[None] | None] = set()  # asyncio itself does not hold them

    @property
    def elsewhere(self) -> set[str]:
        """Other servers that were asked for."""
        return {f"{c.host}:{c.port}" for c in self.connections if (c.host, c.port) != self.server}

    async def serve(self, opened: Future[Callable[[], object]]) -> None:
        """Until what ``opened`` is given is called, from any thread."""
        over, loop = asyncio.Event(), asyncio.get_running_loop()
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.address = f"socks5://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        opened.set_result(lambda: loop.call_soon_threadsafe(over.set))
        await over.wait()
        server.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._under_way.add(task)
        try:
            connection = await _asked(reader, writer)
            self.connections.append(connection)
            await self._lead(connection, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return  # a browser may go away in the middle of anything, and so may the proxy
        finally:
            self._under_way.discard(task)
            writer.close()

    async def _lead(
        self, to: Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if (to.host, to.port) != self.server:
            return _answer(writer, _NOT_ALLOWED)
        try:
            from_server, to_server = await asyncio.open_connection(to.host, to.port)
        except OSError:
            return _answer(writer, _REFUSED)
        _answer(writer, _GRANTED)
        try:
            await asyncio.gather(
                _pass_on(reader, to_server, to.up), _pass_on(from_server, writer, to.down)
            )
        finally:
            to_server.close()
        return None


async def _asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Connection:
    """Where a new connection is to lead (RFC 1928, without a password)."""
    _, ways = await reader.readexactly(2)
    await reader.readexactly(ways)
    writer.write(bytes([_VERSION, 0]))
    _, _, _, kind = await reader.readexactly(4)
    if kind == _NAME:
        (length,) = await reader.readexactly(1)
        host = (await reader.readexactly(length)).decode("ascii")
    else:
        host = str(ip_address(await reader.readexactly(4 if kind == _IPV4 else 16)))
    return Connection(host, int.from_bytes(await reader.readexactly(2), "big"))


def _answer(writer: asyncio.StreamWriter, what: int) -> None:
    writer.write(bytes([_VERSION, what, 0, _IPV4, 0, 0, 0, 0, 0, 0]))


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kept: bytearray
) -> None:
    while chunk := await reader.read(_CHUNK):
        kept.extend(chunk)
        writer.write(chunk)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


@contextmanager
def recording(host: str, port: int) -> Iterator[RecordingProxy]:
    """The proxy, in a thread of its own, until the block ends."""
    proxy, opened = RecordingProxy(host, port), Future[Callable[[], object]]()
    thread = Thread(target=lambda: asyncio.run(proxy.serve(opened)), daemon=True)
    thread.start()
    close = opened.result()
    try:
        yield proxy
    finally:
        close()
        thread.join()
