"""A respondent's page in headless Chromium, seen from outside: its requests, pictures and film."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, Request, Response

from tests.e2e import clocks

PEER: Final = "a peer connection is made"
#: No connection for pictures may be made; whoever tries is told no, and noted.
NO_PEER: Final = f"""
window.RTCPeerConnection = window.webkitRTCPeerConnection = class {{
  constructor() {{ console.debug("{PEER}"); throw new Error("none"); }}
}};
"""
#: Which number of the camera's clock each picture shows that goes to the reader, and what both
#: clocks showed when.
CLOCKS: Final = (
    clocks.WATCHER
    + """
window.read = [];
const post = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (message, moved) {
  if (message?.what === 'read' && message.value.picture) {
    const { picture, tMs } = message.value;
    read.push([readClock(picture), performance.timeOrigin + tMs]);
  }
  return post.call(this, message, moved);
};
"""
)
DROPS: Final = """() => { const q = document.querySelector('video[src], #film > video')
.getVideoPlaybackQuality(); return [q.droppedVideoFrames, q.totalVideoFrames]; }"""


@dataclass
class Sent:
    """What left the pages of one context, and which batches the server said that it has."""

    bodies: list[tuple[str, bytes]] = field(default_factory=list)
    batches: dict[int, list[float]] = field(default_factory=dict)  # number: times of its pictures
    times_sent: dict[int, int] = field(default_factory=dict)
    acknowledged: int = 0  # all batches below this number
    wrong: list[str] = field(default_factory=list)
    peers: int = 0  # connections for pictures that were tried
    servers: set[str] = field(default_factory=set)  # that the pages asked

    def note(self, request: Request) -> None:
        name, body = request.url.rsplit("/", 1)[-1], request.post_data_buffer or b""
        self.bodies.append((name, body))
        self.servers.add(urlsplit(request.url).netloc)
        if name == "numbers":
            value = json.loads(body)
            data = json.loads(value["data"])
            assert set(data) <= {"size", "film", "frames", "told"}, set(data)
            n = int(value["n"])
            self.batches[n] = [at for at, _ in data["frames"]]
            self.times_sent[n] = self.times_sent.get(n, 0) + 1

    def hear(self, response: Response) -> None:
        if not (response.url.endswith("/numbers") and response.ok):
            return
        try:
            self.acknowledged = max(self.acknowledged, response.json()["next"])
        except Error:  # the page was left before it came: it knows of no answer
            return

    def listen(self, said: ConsoleMessage) -> None:
        self.peers += said.text == PEER
        if said.type == "error":
            self.wrong.append(said.text)

    @property
    def pictures(self) -> int:
        """Of the batches that the server acknowledged."""
        return sum(len(self.batches[n]) for n in range(self.acknowledged))


def watched(context: BrowserContext, sent: Sent) -> Page:
    """A new page whose requests and errors are noted."""
    page = context.new_page()
    page.on("request", sent.note)
    page.on("response", sent.hear)
    page.on("pageerror", lambda error: sent.wrong.append(str(error)))
    page.on("console", sent.listen)
    page.add_init_script(NO_PEER)
    return page


def misplaced(page: Page, batches: dict[int, list[float]], placed: list[int]) -> np.ndarray:
    """By how much each picture's place on the film misses what the film showed, in ms.

    ``placed``: its place on the film as the session has it, in the order of all batches.
    """
    read, taken, shown = page.evaluate("[read, taken, shown]")
    film = [(at, number * 1000 / 25) for number, at, playing in shown if number and playing]
    at, film_ms = np.array(film, float).T
    moments: dict[int, float] = {}
    for number, captured, *_ in taken:
        moments.setdefault(number, captured)
    numbers = {round(when, 1): number for number, when in read}
    sent = [when for n in sorted(batches) for when in batches[n]]
    # pictures before the film's first report have no place
    found = []
    for when, ms in zip(sent[len(sent) - len(placed) :], placed, strict=True):
        moment = moments.get(numbers.get(round(when, 1), -1))
        if moment is not None and at[0] <= moment <= at[-1]:
            found.append(ms - np.interp(moment, at, film_ms))
    return np.array(found)


def renderers() -> list[int]:
    """The browsers' page processes below this process."""
    parents: dict[int, int] = {}
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            parents[int(folder.name)] = int(
                (folder / "stat").read_text().rsplit(")", 1)[1].split()[1]
            )
            if b"--type=renderer" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile

    def below(pid: int) -> bool:
        while pid > 1:
            pid = parents.get(pid, 0)
            if pid == os.getpid():
                return True
        return False

    return [one for one in found if below(one)]


SLICE_S: Final = 0.02


@contextmanager
def slowed(times: int) -> Iterator[None]:
    """Pages, all threads of theirs, run for one part in ``times`` of the time: they are stopped
    for the rest of each slice. (What developers' tools slow down is the main thread alone.)"""
    over = threading.Event()

    def turns() -> None:
        pids = renderers()
        while not over.is_set():
            time.sleep(SLICE_S / times)
            _tell(pids, signal.SIGSTOP)
            time.sleep(SLICE_S * (times - 1) / times)
            _tell(pids, signal.SIGCONT)

    thread = threading.Thread(target=turns, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _tell(pids: list[int], what: signal.Signals) -> None:
    for pid in list(pids):
        try:
            os.kill(pid, what)
        except ProcessLookupError:
            pids.remove(pid)
