"""A respondent's camera: its connection, the check of its pictures, what it shows of the film."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

import av

from dashboard.camera.connection import network
from dashboard.camera.connection.wire import number, pixels
from dashboard.camera.respondents.camera_check import judge, message
from dashboard.camera.respondents.film_clock import Shown
from dashboard.camera.respondents.refusals import RespondentRefused, gone
from dashboard.camera.respondents.visit import Visit
from dashboard.camera.respondents.visits.parts import Parts
from fer_core.files import JsonObject
from fer_core.live import LiveSession
from fer_core.storage.course import MOST_RATINGS

if TYPE_CHECKING:
    from dashboard.camera.connection.peer import Peer

CHECK_EVERY_S: Final = 0.35


class Cameras:
    """The cameras of all visits, on the media loop."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def connect(self, visit: Visit, sdp: str) -> str:
        """Answer a browser's offer; again after a break, in place of the connection before."""
        from dashboard.camera.connection.peer import Peer  # WebRTC: with the first camera

        if "m=video" not in sdp:
            raise RespondentRefused("No camera is offered.", "Reload the page.", 400)
        if visit.own is not None:
            raise RespondentRefused("Your face is read on your device.", "Reload the page.", 400)
        if visit.own_reads and visit.placed:  # from now on their pictures are read here
            async with self._parts.places.entrance:
                await self._parts.places.check_room()
                visit.own_reads = False
        if visit.engines is None:
            visit.engines = await asyncio.to_thread(self._parts.engines)
        await visit.hang_up()
        servers = await asyncio.to_thread(network.ice_servers, self._parts.store())
        peer = Peer(
            servers,
            picture=lambda frame, placed: self._picture(visit, peer, frame, placed),
            message=lambda value: self._message(visit, value),
            lost=lambda which: self._lost(visit, which),
        )
        visit.peer = peer
        visit.heard = time.monotonic()
        answer = await peer.answer(sdp)
        if visit.step == "over":  # it ended meanwhile
            await peer.close()
            raise gone()
        return answer

    def _picture(
        self, visit: Visit, peer: Peer, frame: av.VideoFrame, placed: float | None
    ) -> None:
        if visit.peer is not peer:
            return
        visit.heard = time.monotonic()
        if peer.pictures == 1 and not visit.placed:
            self._parts.background.start(self._parts.places.try_to_take(visit))
        if visit.step == "check":
            self._check(visit, peer, frame)
        elif visit.step == "film" and visit.live is not None and placed is not None:
            self._record(visit, frame, placed)

    def _check(self, visit: Visit, peer: Peer, frame: av.VideoFrame) -> None:
        now = time.monotonic()
        if visit.checking or now - visit.checked < CHECK_EVERY_S:
            return
        visit.checking, visit.checked = True, now
        self._parts.background.start(self._judge(visit, peer, frame))

    async def _judge(self, visit: Visit, peer: Peer, frame: av.VideoFrame) -> None:
        try:
            rgb = await asyncio.to_thread(pixels, frame)
            assert visit.engines is not None
            peer.send(message(await asyncio.to_thread(judge, rgb, visit.engines.detector)))
        finally:
            visit.checking = False

    def _record(self, visit: Visit, frame: av.VideoFrame, placed: float) -> None:
        live, clock, peer = visit.live, visit.clock, visit.peer
        assert isinstance(live, LiveSession)
        assert clock is not None
        t_ms = clock.tick(placed)
        if t_ms is None:
            return
        if peer is not None:
            visit.method, visit.round_trip_ms = peer.camera.method, peer.browser.round_trip_ms
        if clock.offset_ms is not None and not visit.aligned and live.begun:
            visit.aligned = True
            self._parts.background.start(asyncio.to_thread(live.align, clock.offset_ms))
            self._parts.background.start(self._parts.records.name_session(visit))
        live.offer(pixels(frame), t_ms)

    def _message(self, visit: Visit, value: JsonObject) -> None:
        if value.get("k") == "film":
            at, t = number(value.get("at")), number(value.get("t"))
            if at is not None and t is not None and t >= 0:
                visit.film.reported(Shown(at, t, value.get("playing") is True))
        elif value.get("k") == "rate" and visit.step == "film" and len(visit.told) < MOST_RATINGS:
            t, told = number(value.get("t")), number(value.get("v"))
            if t is not None and told is not None and t >= 0 and -1 <= told <= 100:
                visit.told.append((t, told))

    def _lost(self, visit: Visit, peer: Peer) -> None:
        if visit.peer is peer:
            visit.peer = None
            visit.heard = time.monotonic()
