"""Simulated respondents for ``benchmarks.phone_load``: one thread, a connection each.

``python -m benchmarks.phone_respondents PORT TOKEN N SECONDS`` prints, as JSON, the status and
the seconds of every answer by what was asked. A batch is made before it is due, so that only
the way to the server and back is timed.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections import defaultdict
from http import HTTPStatus
from typing import Any, Final

from dashboard.camera.respondents.own_device import sign
from tests.dashboard.camera.respondents.numbers import batch

EVERY_S: Final = 5.0
FRAMES: Final = 75
#: All have come within so many seconds.
COME_S: Final = 5.0
ANSWER_S: Final = 60.0

Heard = dict[str, list[tuple[int, float]]]


class Browser:
    """One respondent's connection, which stays open as a browser's does."""

    def __init__(self, port: int, heard: Heard) -> None:
        self._port, self._heard = port, heard
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, what: str, value: Any = None) -> str:
        """Ask, and note the answer's status and how long it took; the answer's body."""
        body = b"" if value is None else json.dumps(value).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode()
        began = time.monotonic()
        status, said = await asyncio.wait_for(self._answer(head + body), ANSWER_S)
        self._heard[what].append((status, time.monotonic() - began))
        if status != HTTPStatus.OK:
            print(f"{what} {status}: {said}", file=sys.stderr, flush=True)
        return said

    async def _answer(self, request: bytes) -> tuple[int, str]:
        if self._streams is None or self._streams[0].at_eof():
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.split("content-length:")[1].split("\r\n")[0])
        said = await reader.readexactly(length)
        return int(head.split(" ", 2)[1]), said.decode()

    async def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            await self._streams[1].wait_closed()


def numbers(number: int, n: int, at_ms: float) -> str:
    """A batch of five seconds. Each respondent's happiness is their own."""
    own = (number % 100) / 100
    face = {
        "b": [250.0 + n, 150, 140, 180], "s": 0.99, "w": "",
        "p": [280, 200, 360, 200, 320, 240, 290, 280, 350, 280],
        "e": [0, 0, 0, own, 0, 0, 1 - own],
        "r": [0.22, 0.21, 0, 0, 0, 0, None, None, None, None, None],
    }  # fmt: skip
    return batch(at_ms, frames=FRAMES, film_ms=1000 * EVERY_S * n, faces=face)


async def respond(
    number: int, of: int, port: int, token: str, seconds: float, heard: Heard
) -> None:
    """One visit, from its page to its end."""
    await asyncio.sleep(COME_S * number / of)
    browser = Browser(port, heard)
    page = await browser.ask("GET", f"/r/{token}", "{token}")
    read = page.split('"read": "')[1].split('"')[0]
    asked = {"read": read, "respondent": f"P{number:03}", "device": True}
    begun = json.loads(await browser.ask("POST", f"/r/{token}/begin", "begin", asked))
    key, secret = begun["visit"], begun["secret"]
    await browser.ask("POST", f"/r/{token}/start", "start", {"visit": key, "device": True})
    began, wall = time.monotonic(), 1000 * time.time()
    for n in range(int(seconds / EVERY_S)):
        text = numbers(number, n, wall + 1000 * EVERY_S * n)
        value = {"visit": key, "n": n, "data": text, "signature": sign(secret, n, text)}
        await asyncio.sleep(max(0.0, began + EVERY_S * (n + 1) - time.monotonic()))
        await browser.ask("POST", f"/r/{token}/numbers", "numbers", value)
    await browser.ask("POST", f"/r/{token}/end", "end", {"visit": key, "how": "done"})
    await browser.close()


async def generate(port: int, token: str, n: int, seconds: float) -> Heard:
    heard: Heard = defaultdict(list)
    async with asyncio.TaskGroup() as group:
        for number in range(n):
            group.create_task(respond(number, n, port, token, seconds, heard))
    return heard


if __name__ == "__main__":
    os.nice(15)
    arguments = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    sys.stdout.write(json.dumps(asyncio.run(generate(*arguments))))
