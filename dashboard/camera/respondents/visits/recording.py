"""A film's recording, from a camera's pictures or from the numbers of a respondent's device."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from dashboard.camera.respondents import course_visits
from dashboard.camera.respondents.device_files import DeviceFiles
from dashboard.camera.respondents.film_clock import SessionClock
from dashboard.camera.respondents.own_device import OwnDevice
from dashboard.camera.respondents.refusals import RespondentRefused, gone
from dashboard.camera.respondents.visit import Visit
from dashboard.camera.respondents.visits.parts import Parts
from fer_core.errors import RaptError
from fer_core.live import LiveSession, LiveSpec
from fer_core.live.numbers import NumbersSession
from fer_core.storage.respondents import ResponseState

#: Batches of numbers that are taken at a time: most of one is waiting for the disk.
TAKERS: Final = 4


class Recordings:
    """Begins the recordings of all visits, on the media loop."""

    def __init__(self, parts: Parts, device: DeviceFiles) -> None:
        self._parts, self._device = parts, device
        # of their own, so that no batch waits for a thread that waits for the store
        self._takers = ThreadPoolExecutor(TAKERS, thread_name_prefix="numbers")

    async def start(self, visit: Visit, own: bool = False) -> None:
        """The check is passed: from now on what is seen is kept; ``own``: by the respondent's
        own device, which sends numbers."""
        if visit.step != "check":
            return
        film = visit.screen.film if visit.screen else None
        if visit.screens and (film is None or film.clutter):
            raise RespondentRefused("This film is not recorded.", "Reload the page.", 409)
        if own and visit.secret and visit.peer is None:
            await self._start_own(visit)
            return
        if visit.peer is None or not visit.peer.pictures:
            raise RespondentRefused(
                "No picture of your camera has come yet.", "Wait a moment, then try again."
            )
        await self._parts.places.take(visit)
        if visit.step == "check":
            await self._start_camera(visit)

    async def _start_camera(self, visit: Visit) -> None:
        """Pictures are measured here from now on."""
        visit.step = "film"
        visit.clock = SessionClock(visit.film)
        spec, engines = _spec(visit), visit.engines
        assert engines is not None
        async with visit.lock:
            try:
                visit.live = await asyncio.to_thread(LiveSession, self._parts.home, spec, engines)
            except (RaptError, OSError):
                if visit.step == "film":
                    visit.step = "check"
                raise
            await self._begun(visit, visit.live.session_id)

    async def _begun(self, visit: Visit, session_id: str, marked: bool = False) -> None:
        """Note whose recording of which film has begun; ``marked``: with its place already."""
        if visit.screens:
            store = self._parts.store()
            await asyncio.to_thread(course_visits.show_film, store, visit, session_id)
        if not marked:
            await self._parts.records.mark(visit, ResponseState.RECORDING)

    async def _start_own(self, visit: Visit) -> None:
        """Numbers come from now on."""
        visit.own_reads = True
        versions = await asyncio.to_thread(self._device.versions)
        spec = _spec(visit)
        assert spec.stimulus is not None
        film = await asyncio.to_thread(self._parts.store().studies.stimulus, spec.stimulus)
        async with visit.lock:
            if visit.step != "check":
                return
            session = await asyncio.to_thread(NumbersSession, self._parts.home, spec, versions)
            own = OwnDevice(
                visit.film, session, film.length_ms, visit.secret, visit.batches, visit.told
            )
            before, marked = visit.method, not visit.placed
            visit.own, visit.method = own, "device"
            try:
                await self._parts.places.take(visit)
                if visit.step != "check":
                    raise gone()
            except BaseException:
                visit.own, visit.method = None, before
                await asyncio.to_thread(session.stop, "refused")
                raise
            visit.live, visit.clock = session, own.clock
            visit.step = "film"
            await self._begun(visit, session.session_id, marked)

    def close(self) -> None:
        self._takers.shutdown(wait=False)

    async def numbers(self, visit: Visit, n: int, text: str, signature: str) -> int:
        """Take batch ``n`` of numbers; the number of the batch that is wanted next."""
        own = visit.own
        if own is None or visit.step != "film":
            raise gone()
        visit.heard = time.monotonic()
        async with visit.lock:
            if visit.step != "film":
                raise gone()
            begun = own.session.begun
            taking = partial(own.take, n, text, signature)
            wanted = await asyncio.get_running_loop().run_in_executor(self._takers, taking)
            if own.session.begun and not begun:
                await self._parts.records.mark(visit, ResponseState.RECORDING)
        return wanted


def _spec(visit: Visit) -> LiveSpec:
    place, film = visit.place, visit.screen.film if visit.screen else None
    return LiveSpec(
        name=place.respondent,
        settings=visit.settings,
        study=visit.link.study_id,
        stimulus=film.stimulus_id if film else place.stimulus_id,
        condition=place.condition,
        respondent=place.respondent,
        source="respondent",
        tags=("remote", "own device") if visit.own_reads else ("remote",),
    )
