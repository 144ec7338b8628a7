"""One WebRTC connection from a browser: pictures with their camera time, messages both ways.

Everything here runs on the media loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import av
from aiortc import (
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtcrtpreceiver import RTCRtpReceiver

from dashboard.camera.connection.aiortc_internals import hear_reports, rtp_origin
from dashboard.camera.connection.clock import BrowserClock, CameraClock
from dashboard.camera.connection.network import IceServer
from dashboard.camera.connection.wire import LONGEST_MESSAGE, now_ms, number
from fer_core.errors import RaptError
from fer_core.files import JsonObject

log = logging.getLogger(__name__)

MOST_MESSAGES_A_SECOND: Final = 60
GATHER_S: Final = 8.0


def server_configuration(servers: Sequence[IceServer]) -> RTCConfiguration:
    """For our end. The list is never absent: without one the library asks a public server."""
    return RTCConfiguration(
        iceServers=[
            RTCIceServer(one.url, one.username or None, one.credential or None) for one in servers
        ]
    )


class Peer:
    """``picture(frame, placed)`` is called for each picture, ``placed`` being its time on the
    browser's clock (None: not known yet); ``message`` for each message; ``lost`` once."""

    def __init__(
        self,
        servers: Sequence[IceServer],
        *,
        picture: Callable[[av.VideoFrame, float | None], None],
        message: Callable[[JsonObject], None],
        lost: Callable[[Peer], None],
    ) -> None:
        self.browser = BrowserClock()
        self.camera = CameraClock(self.browser)
        self.pictures = 0
        self.pair = ""  # the kinds of the two ends that found each other
        self._picture, self._message, self._lost = picture, message, lost
        self._peer = RTCPeerConnection(server_configuration(servers))
        self._channel: RTCDataChannel | None = None
        self._pings: dict[int, float] = {}
        self._pinged = 0
        self._heard: list[float] = []
        self._pump: asyncio.Task[None] | None = None
        self._over = False
        self._peer.on("track", self._on_track)
        self._peer.on("datachannel", self._on_channel)
        self._peer.on("connectionstatechange", self._on_state)

    async def answer(self, sdp: str) -> str:
        """Our description for the browser's."""
        try:
            await self._peer.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
            await self._peer.setLocalDescription(await self._peer.createAnswer())
        except (ValueError, IndexError, KeyError, AssertionError) as error:
            await self.close()
            raise RaptError("The browser's description of its camera cannot be read.") from error
        return str(self._peer.localDescription.sdp)

    def send(self, value: Mapping[str, object]) -> None:
        channel = self._channel
        if channel is not None and channel.readyState == "open" and channel.bufferedAmount < 65_536:
            channel.send(json.dumps(value))

    def ping(self) -> None:
        """Ask what the browser's clock shows."""
        self._pinged += 1
        for old in [n for n in self._pings if n < self._pinged - 20]:
            del self._pings[old]
        self._pings[self._pinged] = now_ms()
        self.send({"k": "ping", "n": self._pinged})

    async def close(self) -> None:
        self._over = True
        if self._pump is not None:
            self._pump.cancel()
        await self._peer.close()

    # -- events of the library ---------------------------------------------------------

    def _on_track(self, track: MediaStreamTrack) -> None:
        if track.kind != "video" or self._pump is not None:
            return
        receiver = next(one for one in self._peer.getReceivers() if one.track is track)
        hear_reports(receiver, lambda rtp, ntp: self.camera.reported(rtp, ntp, now_ms()))
        self._pump = asyncio.ensure_future(self._take(track, receiver))

    def _on_channel(self, channel: RTCDataChannel) -> None:
        if self._channel is not None:
            return
        self._channel = channel
        channel.on("message", self._on_message)
        self.ping()

    async def _on_state(self) -> None:
        if self._peer.connectionState in ("failed", "closed") and not self._over:
            self._over = True
            self._lost(self)
            await self.close()

    def _on_message(self, given: str | bytes) -> None:
        now = now_ms()
        self._heard = [one for one in self._heard if now - one < 1000]
        if len(given) > LONGEST_MESSAGE or len(self._heard) >= MOST_MESSAGES_A_SECOND:
            return
        self._heard.append(now)
        try:
            value = json.loads(given)
        except ValueError:
            return
        if not isinstance(value, dict):
            return
        if value.get("k") == "pong":
            sent, at = self._pings.pop(value.get("n", 0), None), number(value.get("at"))
            if sent is not None and at is not None:
                self.browser.answered(sent, at, now)
            return
        try:
            self._message(value)
        except Exception:
            log.exception("A browser's message could not be taken")

    async def _take(self, track: MediaStreamTrack, receiver: RTCRtpReceiver) -> None:
        """Pictures until the stream ends. One that fails is logged, and the next is taken."""
        failures = 0
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if not isinstance(frame, av.VideoFrame) or frame.pts is None:
                    continue
                self.pictures += 1
                try:
                    rtp = (frame.pts + rtp_origin(receiver)) & 0xFFFFFFFF
                    self._picture(frame, self.camera.place(rtp, now_ms()))
                except Exception:
                    failures += 1
                    if failures in (1, 10, 100, 1000):
                        log.exception("A picture could not be taken (%d so far)", failures)
