"""A browser's camera on one side, a live session on the other: frames in, drawn pictures out.

streamlit-webrtc's worker holds the connection. Its own START button is not used: it talks
through reruns of the page, which lose one start in five under load and take the keyboard
into a frame of their own (decision 104). Our page sends its offer to a route instead.

Frames come on the event loop and are only handed over there. Pictures go back when they are
drawn, each once, and only the newest: nothing queues up, so nothing comes late.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Sequence

import av
from aiortc import MediaStreamTrack
from aiortc.contrib.media import MediaRelay
from aiortc.mediastreams import MediaStreamError

from dashboard.camera.connection.aiortc_internals import install_prompt_buffers
from dashboard.camera.connection.network import IceServer
from dashboard.camera.connection.peer import server_configuration
from dashboard.camera.live.run import Run
from dashboard.camera.live.webrtc_worker import Connection, event_loop
from fer_core.errors import RaptError

log = logging.getLogger(__name__)

#: Seconds that a thread may keep the interpreter while another waits (Python's own: 0.005). The
#: event loop and each analysis hand it over hundreds of times a picture: with twenty faces,
#: waiting for it took longer than the work.
SWITCH_S = 0.0005


class ConnectionFailed(RaptError):
    """The browser's offer could not be answered."""


class FrameSink:
    """Takes the camera's frames off the connection. A frame that fails is counted, not raised."""

    def __init__(self, take: Callable[[av.VideoFrame], None], ended: Callable[[], None]) -> None:
        self._take, self._ended = take, ended
        self._track: MediaStreamTrack | None = None
        self._task: asyncio.Task[None] | None = None

    def addTrack(self, track: MediaStreamTrack) -> None:  # noqa: N802 - streamlit-webrtc's name
        self._track = track

    def hasTrack(self) -> bool:  # noqa: N802
        return self._track is not None

    def start(self) -> None:
        assert self._track is not None
        self._task = asyncio.get_running_loop().create_task(self._watch(self._track))

    def stop(self) -> None:
        task, self._task, self._track = self._task, None, None
        if task is not None:
            task.get_loop().call_soon_threadsafe(task.cancel)

    async def _watch(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, av.VideoFrame):
                    self._take(frame)
        except MediaStreamError:
            pass  # the camera's stream is over
        finally:
            self._ended()


class Pictures(MediaStreamTrack):
    """What the browser sees: the newest drawn picture, each once."""

    kind = "video"

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._where = loop
        self._lock = threading.Lock()
        self._newest: av.VideoFrame | None = None
        self._there = asyncio.Event()

    def show(self, picture: av.VideoFrame) -> None:
        """From any thread; a picture that was not fetched yet is replaced."""
        with self._lock:
            self._newest = picture
        if not self._where.is_closed():
            self._where.call_soon_threadsafe(self._there.set)

    async def recv(self) -> av.VideoFrame:
        while True:
            if self.readyState != "live":
                raise MediaStreamError
            with self._lock:
                picture, self._newest = self._newest, None
            if picture is not None:
                return picture
            self._there.clear()
            if self._newest is None:
                await self._there.wait()

    def stop(self) -> None:
        super().stop()
        if not self._where.is_closed():
            self._where.call_soon_threadsafe(self._there.set)


class NewestOnly(MediaRelay):
    """The usual relay queues without a bound: pictures would come later and later."""

    def subscribe(self, track: MediaStreamTrack, buffered: bool = True) -> MediaStreamTrack:
        return super().subscribe(track, buffered=buffered and not isinstance(track, Pictures))


def connect(run: Run, sdp: str, servers: Sequence[IceServer]) -> str:
    """Answer a browser's offer for a run. Blocks for as long as addresses are gathered."""
    sys.setswitchinterval(SWITCH_S)
    loop = event_loop()
    pictures = Pictures(loop)
    connection = Connection(
        server_configuration(servers),
        source=pictures,
        sink=FrameSink(run.take, run.ended),
        relay=NewestOnly(),
        loop=loop,
    )

    def hang_up() -> None:
        pictures.stop()
        connection.close()

    run.wire(pictures.show, hang_up)
    try:
        local = connection.answer(sdp)
    except Exception as error:  # what aiortc raises for an offer it cannot read has no one type
        log.exception("An offer could not be answered.")
        run.drop()
        raise ConnectionFailed(
            "The server could not answer this browser's camera.",
            "Reload the page and try again; if it fails again, check the connection.",
        ) from error
    install_prompt_buffers(connection.peer)
    return str(local.sdp)
