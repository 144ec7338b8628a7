"""A browser's session without a browser: Streamlit's websocket, spoken with its own messages.

It does what a page in a browser asks of the server: runs a page's script, runs its fragments again
as often as the page says, and reads all that is sent. It draws nothing and loads no pictures.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlencode, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

_DONE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR)
PATIENCE_S = 60.0


class Trouble(Exception):
    """A page showed an error, or did not come."""


class Session:
    """One connection; ``open`` it, ``visit`` pages, ``close`` it."""

    def __init__(self, address: str, cookie: str) -> None:
        self._address, self._cookie = address, cookie
        self._link: ClientConnection | None = None
        self._hashes: dict[str, str] = {}  # of each page, by its path
        self._page, self._query = "", ""
        self._done = asyncio.Event()
        self._trouble = ""
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._reader: asyncio.Task[None] | None = None
        self.received = 0  # bytes
        self.fragments = 0  # runs of fragments that the pages asked for

    async def open(self) -> None:
        """Connect, as a browser does that opens an address."""
        parts = urlsplit(self._address)
        self._link = await connect(
            f"ws://{parts.netloc}/_stcore/stream", origin=self._address,
            subprotocols=["streamlit", "PLACEHOLDER_AUTH_TOKEN"],
            additional_headers={"Cookie": self._cookie}, max_size=None, open_timeout=PATIENCE_S,
        )  # fmt: skip
        self._reader = asyncio.create_task(self._read())

    async def close(self) -> None:
        """Disconnect; the server forgets the session after a while."""
        self._still()
        if self._reader is not None:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader
        if self._link is not None:
            await self._link.close()
        self._hashes.clear()

    async def visit(self, page: str, query: Mapping[str, str]) -> float:
        """Change to a page; the seconds until its script has ended. Trouble where it fails."""
        self._still()
        self._page, self._query = page, urlencode(query)
        self._done.clear()
        self._trouble = ""
        begun = time.monotonic()
        await self._run("")
        try:
            await asyncio.wait_for(self._done.wait(), PATIENCE_S)
        except TimeoutError:
            self._trouble = self._trouble or f"nothing came in {PATIENCE_S:.0f} s"
        if self._trouble:
            raise Trouble(f"{page}?{self._query}: {self._trouble}")
        return time.monotonic() - begun

    async def _run(self, fragment: str) -> None:
        ask = BackMsg()
        run = ask.rerun_script
        run.query_string, run.fragment_id, run.is_auto_rerun = self._query, fragment, bool(fragment)
        known = self._hashes.get(self._page)
        if known:  # within the app a page is named by its hash, at first by its address
            run.page_script_hash = known
        else:
            run.page_name = self._page
        run.context_info.timezone, run.context_info.locale = "UTC", "en-US"
        run.context_info.url = self._address
        assert self._link is not None
        await self._link.send(ask.SerializeToString())

    async def _read(self) -> None:
        assert self._link is not None
        async for content in self._link:
            self.received += len(content)
            said = ForwardMsg()
            said.ParseFromString(content if isinstance(content, bytes) else content.encode())
            self._hear(said)
        self._trouble = "the server closed the connection"
        self._done.set()

    def _hear(self, said: ForwardMsg) -> None:
        kind = said.WhichOneof("type")
        if kind == "navigation":
            self._hashes = {
                one.url_pathname: one.page_script_hash for one in said.navigation.app_pages
            }
        elif kind == "auto_rerun":
            again = said.auto_rerun
            name = again.fragment_id
            if name not in self._tasks:
                self._tasks[name] = asyncio.create_task(self._repeat(name, again.interval))
        elif kind == "stop_auto_rerun":
            for name in said.stop_auto_rerun.fragment_ids:
                self._drop(name)
        elif kind == "page_not_found":
            self._trouble = "there is no such page"
        elif kind == "delta" and said.delta.new_element.WhichOneof("type") == "exception":
            error = said.delta.new_element.exception
            self._trouble = f"{error.type}: {error.message}"
        elif kind == "script_finished" and said.script_finished in _DONE:
            self._done.set()

    async def _repeat(self, fragment: str, every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            self.fragments += 1
            await self._run(fragment)

    def _drop(self, fragment: str) -> None:
        task = self._tasks.pop(fragment, None)
        if task is not None:
            task.cancel()

    def _still(self) -> None:
        for fragment in list(self._tasks):
            self._drop(fragment)
