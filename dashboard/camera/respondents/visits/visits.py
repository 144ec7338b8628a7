"""All respondents of this process: they come, their film is recorded, they go or are given up.

A visit's state changes on the media loop alone. What blocks (the store, the detector, the
end of a session) runs in threads.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from dashboard.camera.connection.event_loop import MediaLoop
from dashboard.camera.respondents import course_visits
from dashboard.camera.respondents.course_visits import ALONE, Coming
from dashboard.camera.respondents.device_files import DeviceFiles
from dashboard.camera.respondents.own_device import new_secret
from dashboard.camera.respondents.refusals import RespondentRefused, gone
from dashboard.camera.respondents.visit import Visit
from dashboard.camera.respondents.visits.camera import Cameras
from dashboard.camera.respondents.visits.parts import Parts
from dashboard.camera.respondents.visits.recording import Recordings
from dashboard.camera.respondents.visits.screens import Screens
from fer_core.errors import RaptError
from fer_core.home import Home
from fer_core.storage import Store
from fer_core.storage.links import Link
from fer_core.storage.respondents import MarkResponse, ResponseState

log = logging.getLogger(__name__)

#: How long a film waits for its browser to come back, and a check for the first picture.
LOST_S: Final = 60.0
IDLE_S: Final = 5 * 60.0
#: … how long an own device may be silent: the numbers come when the connection does.
OWN_LOST_S: Final = 10 * 60.0
#: … and between the films of a course, where its owner answers questions.
OWN_IDLE_S: Final = 30 * 60.0
#: How long a check and a whole visit may last: a place is not held for ever.
LONGEST_CHECK_S: Final = 30 * 60.0
LONGEST_S: Final = 6 * 3600.0
#: How long after the end a respondent can still take everything back.
TAKEN_BACK_S: Final = 3600.0


class Visits:
    """All respondents of this process."""

    def __init__(self, home: Home, store: Callable[[], Store], loop: MediaLoop) -> None:
        self._store, self._loop = store, loop
        self._warm = threading.Event()
        self._parts = Parts.of(home, store)
        self.places, self.device = self._parts.places, DeviceFiles(home)
        self.screens = Screens(self._parts)
        self._cameras = Cameras(self._parts)
        self._recordings = Recordings(self._parts, self.device)
        self._tending = loop.submit(self._tend())

    def warm(self) -> None:
        """Load the networks while someone reads; the next who begins need not wait for it."""
        if not self._warm.is_set():
            self._warm.set()
            threading.Thread(target=self._load, name="warm", daemon=True).start()

    def _load(self) -> None:
        try:
            self._parts.engines()
        except RaptError:
            log.exception("Respondents cannot be measured yet")
            self._warm.clear()

    def link(self, token: str) -> Link | None:
        """The link of an address; asks the store, so call it in a thread."""
        return self._store().respondents.link_of_token(token)

    # -- what the page asks for, on the media loop ------------------------------------------

    async def begin(
        self,
        link: Link,
        respondent: str,
        address: str = "",
        coming: Coming = ALONE,
        own: bool = False,
    ) -> Visit:
        """Someone agreed to what the link says; ``own``: their device may be able to read them."""
        if own:
            with self.places.coming(address):
                return await self._enter(link, respondent, address, coming, own)
        async with self.places.entrance:
            self.places.check_waiting(address, own)
            await self.places.check_room()
            return await self._enter(link, respondent, address, coming, own)

    async def _enter(
        self, link: Link, respondent: str, address: str, coming: Coming, own: bool
    ) -> Visit:
        visit = await asyncio.to_thread(self._begin, link, respondent, coming, own)
        visit.address = address
        self.places.visits[visit.key] = visit
        return visit

    def _begin(self, link: Link, respondent: str, coming: Coming, own: bool) -> Visit:
        store = self._store()
        key = secrets.token_urlsafe(24)
        engines = None if own else self._parts.engines()
        try:
            place = store.run(course_visits.begun(link, key, respondent, coming))
        except RaptError as error:
            raise self.places.why_not(link, error) from error
        secret = new_secret() if own else ""
        if link.course is not None:
            visit = course_visits.make(store, link, key, place, engines, coming.language)
            visit.secret = secret
            return visit
        path = Path(store.studies.stimulus(place.stimulus_id).path or "")
        if not path.is_file():
            store.run(MarkResponse(response_id=place.response_id, state=ResponseState.WITHDRAWN))
            log.error("The film of link %s is not where it was", link.link_id)
            raise RespondentRefused(
                "The film cannot be shown just now.", "Please tell the people who sent you here."
            )
        return Visit(key, link, place, path, engines, secret=secret)

    async def connect(self, key: str, sdp: str) -> str:
        """The browser's camera; again after a break, with the same key."""
        return await self._cameras.connect(self.places.known(key), sdp)

    async def start(self, key: str, own: bool = False) -> int:
        """The check is passed: the film begins, and its recording with it. The number of the
        batch that is wanted first of an own device."""
        visit = self.places.known(key)
        await self._recordings.start(visit, own)
        return visit.batches

    async def numbers(self, key: str, n: int, text: str, signature: str) -> int:
        """A batch of numbers; the number of the batch that is wanted next."""
        return await self._recordings.numbers(self.places.known(key), n, text, signature)

    async def end(self, key: str, how: ResponseState) -> bool:
        """``done``, ``broken`` or ``withdrawn``, the last also after the end; whether anything
        is kept."""
        visit = self.places.visits.get(key)
        if visit is None:
            if how is ResponseState.WITHDRAWN and await asyncio.to_thread(
                course_visits.withdraw, self._store(), key
            ):
                return False
            raise gone()
        await self._finish(visit, how)
        return how is not ResponseState.WITHDRAWN and visit.live is not None and visit.live.begun

    # -- the end --------------------------------------------------------------------------------

    async def close(self) -> None:
        """The server goes: what was recorded is kept."""
        self._tending.cancel()
        for visit in list(self.places.visits.values()):
            await self._finish(visit, ResponseState.BROKEN)
        self._recordings.close()

    async def _finish(self, visit: Visit, how: ResponseState) -> None:
        if visit.step == "over" and how is not ResponseState.WITHDRAWN:
            return
        if visit.screens:
            await self.screens.leave(visit, how)
            return
        before = visit.step
        await visit.close()
        async with visit.lock:
            live = visit.live
            if live is not None and before == "film":
                await asyncio.to_thread(
                    live.stop, "stopped" if how is ResponseState.DONE else str(how)
                )
            kept = live is not None and live.begun
            if how is ResponseState.WITHDRAWN and kept:
                await asyncio.to_thread(self._parts.records.delete_session, visit)
            await self._parts.records.mark(visit, how if kept else ResponseState.WITHDRAWN)

    async def _tend(self) -> None:
        """Ask for the clocks, and end visits whose browser has gone."""
        while True:
            await asyncio.sleep(0.5)
            now = time.monotonic()
            for visit in list(self.places.visits.values()):
                if visit.step == "over":
                    if now - visit.heard > TAKEN_BACK_S:
                        del self.places.visits[visit.key]
                    continue
                if visit.peer is not None:
                    visit.peer.ping()
                silent, longest = _patience(visit)
                if now - visit.heard > silent or now - visit.begun > longest:
                    self._parts.background.start(self._finish(visit, ResponseState.BROKEN))


def _patience(visit: Visit) -> tuple[float, float]:
    """How long a visit may be silent and last at this step, in seconds."""
    watching = visit.step == "film"
    silent, longest = (LOST_S, LONGEST_S) if watching else (IDLE_S, LONGEST_CHECK_S)
    if visit.screens:
        longest = LONGEST_S
        if visit.own_reads:
            silent = OWN_IDLE_S
    if watching and visit.own is not None:
        silent = OWN_LOST_S
    return silent, longest
