"""Respondents who are here now: from consent over the camera check to the end of the film.

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
from typing import TYPE_CHECKING, Any, Final

import av

from dashboard.camera.connection import network
from dashboard.camera.connection.event_loop import MediaLoop
from dashboard.camera.connection.wire import number, pixels
from dashboard.camera.respondents import course_visits
from dashboard.camera.respondents.camera_check import judge, message
from dashboard.camera.respondents.course_visits import ALONE, Coming
from dashboard.camera.respondents.data import most_sessions
from dashboard.camera.respondents.device_files import DeviceFiles
from dashboard.camera.respondents.film_clock import SessionClock, Shown
from dashboard.camera.respondents.own_device import OwnDevice, new_secret
from dashboard.camera.respondents.refusals import RespondentRefused, closed, full, gone
from dashboard.camera.respondents.visit import Visit
from fer_core.errors import RaptError
from fer_core.files import JsonObject
from fer_core.home import Home
from fer_core.live import Engines, LiveSession, LiveSpec
from fer_core.live.numbers import NumbersSession
from fer_core.storage import Store
from fer_core.storage.course import MOST_RATINGS, AnswerStep, GoBack, Position
from fer_core.storage.respondents import (
    BeginResponse,
    Link,
    MarkResponse,
    ResponseState,
    TakePlace,
)
from fer_core.storage.sessions import DeleteSession
from fer_core.types import AnalysisSettings

if TYPE_CHECKING:
    from dashboard.camera.connection.peer import Peer

log = logging.getLogger(__name__)

CHECK_EVERY_S: Final = 0.35
#: How long a film waits for its browser to come back, and a check for the first picture.
LOST_S: Final = 60.0
IDLE_S: Final = 5 * 60.0
#: Of those who agreed and have shown no picture yet: in all, and from one address.
MOST_WAITING: Final = 200
MOST_WAITING_FROM_ONE: Final = 40
#: The same of those whose own device can read them: they cost this machine next to nothing.
MOST_OWN_WAITING: Final = 1000
MOST_OWN_WAITING_FROM_ONE: Final = 300
#: … and how long one of them may be silent: the numbers come when the connection does.
OWN_LOST_S: Final = 10 * 60.0
#: How long a check and a whole visit may last: a place is not held for ever.
LONGEST_CHECK_S: Final = 30 * 60.0
LONGEST_S: Final = 6 * 3600.0
#: How long after the end a respondent can still take everything back.
TAKEN_BACK_S: Final = 3600.0


class Visits:
    """All respondents of this process."""

    def __init__(self, home: Home, store: Callable[[], Store], loop: MediaLoop) -> None:
        self._home, self._store, self._loop = home, store, loop
        self._visits: dict[str, Visit] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._warm = threading.Event()
        self._entrance = asyncio.Lock()  # two who come at once cannot share the last place
        self.device = DeviceFiles(home)
        self._tending = loop.submit(self._tend())

    def warm(self) -> None:
        """Load the networks while someone reads; the next who begins need not wait for it."""
        if not self._warm.is_set():
            self._warm.set()
            threading.Thread(target=self._load, name="warm", daemon=True).start()

    def _load(self) -> None:
        try:
            Engines.open(self._home, AnalysisSettings())
        except RaptError:
            log.exception("Respondents cannot be measured yet")
            self._warm.clear()

    def link(self, token: str) -> Link | None:
        """The link of an address; asks the store, so call it in a thread."""
        return self._store().respondents.link_of_token(token)

    def count(self) -> int:
        """Respondents whose pictures are read here: one of theirs came."""
        return sum(
            visit.placed and visit.own is None and visit.step != "over"
            for visit in self._visits.values()
        )

    def _must_wait(self, address: str, own: bool) -> None:
        """Refuse one more who has shown no picture yet, where many such wait already."""
        waiting = [
            v
            for v in self._visits.values()
            if not v.placed and v.step != "over" and bool(v.secret) == own
        ]
        from_here = sum(visit.address == address for visit in waiting)
        most = MOST_OWN_WAITING if own else MOST_WAITING
        if len(waiting) >= most or from_here >= (
            MOST_OWN_WAITING_FROM_ONE if own else MOST_WAITING_FROM_ONE
        ):
            raise full()

    def find(self, key: str) -> Visit | None:
        visit = self._visits.get(key)
        return visit if visit is not None and visit.step != "over" else None

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
        store = self._store()
        async with self._entrance:
            self._must_wait(address, own)
            if not own and self.count() >= await asyncio.to_thread(most_sessions, store):
                raise full()
            visit = await asyncio.to_thread(self._begin, store, link, respondent, coming, own)
            visit.address = address
            self._visits[visit.key] = visit
        return visit

    async def resume(self, link: Link, key: str, address: str = "") -> Visit:
        """A course goes on where its last screen was acknowledged, also after a restart."""
        visit = self._visits.get(key)
        if visit is None or not visit.screens or visit.link.link_id != link.link_id:
            async with self._entrance:
                self._must_wait(address, own=False)
                visit = await asyncio.to_thread(self._again, link, key)
                visit.address = address
                self._visits[key] = visit
        visit.heard = time.monotonic()
        await self.film_over(visit)
        return visit

    def _again(self, link: Link, key: str) -> Visit:
        """A visit as the store knows it."""
        store = self._store()
        engines = self._engines()
        visit = course_visits.load(store, link, key, engines)
        if visit is None:
            raise gone()
        return visit

    async def go(
        self, key: str, at: int, answers: JsonObject, late: bool = False
    ) -> tuple[Visit, Position]:
        """A respondent is done with a screen of the course; ``late``: its time is over."""
        visit = self._known(key)
        if not visit.screens:
            raise gone()
        await self.film_over(visit)
        step = AnswerStep(
            response_id=visit.place.response_id, at=at, answers=dict(answers), late=late
        )
        return visit, await self._step(visit, step)

    async def back(self, key: str) -> tuple[Visit, Position]:
        """Back to the screen before, where that does no harm."""
        visit = self._known(key)
        return visit, await self._step(visit, GoBack(response_id=visit.place.response_id))

    async def _step(self, visit: Visit, step: AnswerStep | GoBack) -> Position:
        visit.heard = time.monotonic()
        position = await asyncio.to_thread(self._store().run, step)
        visit.at = position.step
        if position.state.over and not position.wrong:
            await self._leave_course(visit, position.state)
        return position

    async def film_over(self, visit: Visit) -> None:
        """End the recording of a course's film, with what was told while it played."""
        if visit.step != "film" or not visit.screens:
            return
        visit.step = "check"
        async with visit.lock:
            live = visit.live
            if live is not None:
                await asyncio.to_thread(live.stop, "stopped")
                if live.begun:
                    await self._mark(visit, ResponseState.RECORDING)
                    await asyncio.to_thread(
                        course_visits.keep, self._store(), live.session_id, tuple(visit.told)
                    )
            visit.next_recording()

    async def _take_place(self, visit: Visit) -> None:
        """The place counts from the first picture: RespondentRefused where none is left."""
        store = self._store()
        async with self._entrance:
            if visit.placed or visit.step == "over":
                return
            here = visit.own is None
            if here and self.count() >= await asyncio.to_thread(most_sessions, store):
                raise full()
            take = TakePlace(response_id=visit.place.response_id)
            try:
                await asyncio.to_thread(store.run, take)
            except RaptError as error:
                raise await asyncio.to_thread(self._why_not, visit.link, error) from error
            visit.placed = True

    async def _try_place(self, visit: Visit) -> None:
        try:
            await self._take_place(visit)
        except RespondentRefused as refused:
            log.info("A respondent waits for a place: %s", refused.message)

    def _begin(self, store: Store, link: Link, respondent: str, coming: Coming, own: bool) -> Visit:
        key = secrets.token_urlsafe(24)
        engines = None if own else self._engines()
        try:
            place = store.run(
                BeginResponse(
                    link_id=link.link_id,
                    consent=coming.consent or link.consent,
                    respondent=respondent,
                    **course_visits.columns(link, key, coming),
                )
            )
        except RaptError as error:
            raise self._why_not(link, error) from error
        if link.course is not None:
            engines = engines or self._engines()
            return course_visits.make(store, link, key, place, engines, coming.language)
        path = Path(store.studies.stimulus(place.stimulus_id).path or "")
        if not path.is_file():
            store.run(MarkResponse(response_id=place.response_id, state=ResponseState.WITHDRAWN))
            log.error("The film of link %s is not where it was", link.link_id)
            raise RespondentRefused(
                "The film cannot be shown just now.", "Please tell the people who sent you here."
            )
        return Visit(key, link, place, path, engines, secret=new_secret() if own else "")

    def _engines(self) -> Engines:
        return Engines.open(self._home, AnalysisSettings())

    def _why_not(self, link: Link, error: RaptError) -> RaptError:
        """Why a link takes nobody, in words for a respondent where it is closed."""
        now = self._store().respondents.link_of_token(link.token)
        why = now.closed if now else "revoked"
        return closed(why) if why else error

    async def connect(self, key: str, sdp: str) -> str:
        """The browser's camera; again after a break, with the same key."""
        from dashboard.camera.connection.peer import Peer  # WebRTC: with the first camera

        visit = self._known(key)
        if "m=video" not in sdp:
            raise RespondentRefused("No camera is offered.", "Reload the page.", 400)
        if visit.own is not None:
            raise RespondentRefused("Your face is read on your device.", "Reload the page.", 400)
        if visit.engines is None:
            visit.engines = await asyncio.to_thread(self._engines)
        if visit.peer is not None:
            old, visit.peer = visit.peer, None
            await old.close()
        servers = await asyncio.to_thread(network.ice_servers, self._store())
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

    async def start(self, key: str, own: bool = False) -> None:
        """The check is passed: from now on what is seen is kept; ``own``: by the respondent's
        own device, which sends numbers."""
        visit = self._known(key)
        if visit.step != "check":
            return
        if own and visit.secret and visit.peer is None:
            await self._start_own(visit)
            return
        if visit.peer is None or not visit.peer.pictures:
            raise RespondentRefused(
                "No picture of your camera has come yet.", "Wait a moment, then try again."
            )
        await self._take_place(visit)
        if visit.step != "check":
            return
        film = visit.screen.film if visit.screen else None
        if visit.screens and (film is None or film.clutter):
            raise RespondentRefused("This film is not recorded.", "Reload the page.", 409)
        visit.step = "film"
        visit.clock = SessionClock(visit.film)
        spec, engines = self._spec(visit), visit.engines
        assert engines is not None
        async with visit.lock:
            try:
                visit.live = await asyncio.to_thread(LiveSession, self._home, spec, engines)
            except (RaptError, OSError):
                if visit.step == "film":
                    visit.step = "check"
                raise
            if film is not None:
                await asyncio.to_thread(
                    course_visits.show_film, self._store(), visit, visit.live.session_id
                )
            await self._mark(visit, ResponseState.RECORDING)

    @staticmethod
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

    async def _start_own(self, visit: Visit) -> None:
        """Numbers come from now on."""
        visit.own_reads = True
        try:
            versions = await asyncio.to_thread(self.device.versions)
            film = await asyncio.to_thread(self._store().studies.stimulus, visit.place.stimulus_id)
            async with visit.lock:
                if visit.step != "check":
                    return
                session = await asyncio.to_thread(
                    NumbersSession, self._home, self._spec(visit), versions
                )
                visit.own = OwnDevice(visit.film, session, film.length_ms, visit.secret)
            await self._take_place(visit)
        except BaseException:
            if visit.own is not None:
                await asyncio.to_thread(visit.own.session.stop, "refused")
            visit.own = None
            raise
        visit.live, visit.clock = visit.own.session, visit.own.clock
        visit.method, visit.step = "device", "film"
        async with visit.lock:
            await self._mark(visit, ResponseState.RECORDING)

    async def numbers(self, key: str, n: int, text: str, signature: str) -> int:
        """A batch of numbers; the number of the batch that is wanted next."""
        visit = self._known(key)
        own = visit.own
        if own is None or visit.step != "film":
            raise gone()
        visit.heard = time.monotonic()
        async with visit.lock:
            if visit.step != "film":
                raise gone()
            begun = own.session.begun
            wanted = await asyncio.to_thread(own.take, n, text, signature)
            if own.session.begun and not begun:
                await self._mark(visit, ResponseState.RECORDING)
        return wanted

    async def end(self, key: str, how: ResponseState) -> bool:
        """``done``, ``broken`` or ``withdrawn``, the last also after the end; whether anything
        is kept."""
        visit = self._visits.get(key)
        if visit is None:
            if how is ResponseState.WITHDRAWN and await asyncio.to_thread(
                course_visits.withdraw, self._store(), key
            ):
                return False
            raise gone()
        await self._finish(visit, how)
        return how is not ResponseState.WITHDRAWN and visit.live is not None and visit.live.begun

    async def close(self) -> None:
        """The server goes: what was recorded is kept."""
        self._tending.cancel()
        for visit in list(self._visits.values()):
            await self._finish(visit, ResponseState.BROKEN)

    # -- pictures and messages ------------------------------------------------------------------

    def _picture(
        self, visit: Visit, peer: Peer, frame: av.VideoFrame, placed: float | None
    ) -> None:
        if visit.peer is not peer:
            return
        visit.heard = time.monotonic()
        if peer.pictures == 1 and not visit.placed:
            self._spawn(self._try_place(visit))
        if visit.step == "check":
            self._check(visit, peer, frame)
        elif visit.step == "film" and visit.live is not None and placed is not None:
            self._record(visit, frame, placed)

    def _check(self, visit: Visit, peer: Peer, frame: av.VideoFrame) -> None:
        now = time.monotonic()
        if visit.checking or now - visit.checked < CHECK_EVERY_S:
            return
        visit.checking, visit.checked = True, now
        self._spawn(self._judge(visit, peer, frame))

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
            self._spawn(asyncio.to_thread(live.align, clock.offset_ms))
            self._spawn(self._name(visit))
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

    # -- the end --------------------------------------------------------------------------------

    def _known(self, key: str) -> Visit:
        visit = self.find(key)
        if visit is None:
            raise gone()
        return visit

    async def _finish(self, visit: Visit, how: ResponseState) -> None:
        if visit.step == "over" and how is not ResponseState.WITHDRAWN:
            return
        if visit.screens:
            await self._leave_course(visit, how)
            return
        before, visit.step = visit.step, "over"
        visit.heard = time.monotonic()
        peer, visit.peer = visit.peer, None
        if peer is not None:
            await peer.close()
        async with visit.lock:
            live = visit.live
            if live is not None and before == "film":
                await asyncio.to_thread(
                    live.stop, "stopped" if how is ResponseState.DONE else str(how)
                )
            kept = live is not None and live.begun
            if how is ResponseState.WITHDRAWN and kept:
                await asyncio.to_thread(self._forget, visit)
            await self._mark(visit, how if kept else ResponseState.WITHDRAWN)

    async def _leave_course(self, visit: Visit, how: ResponseState) -> None:
        """Somebody left a course: it can go on later, unless they take everything back."""
        await self.film_over(visit)
        visit.step = "over"
        visit.heard = time.monotonic()
        peer, visit.peer = visit.peer, None
        if peer is not None:
            await peer.close()
        if how is ResponseState.WITHDRAWN:
            await asyncio.to_thread(self._store().sync)
            await asyncio.to_thread(course_visits.withdraw, self._store(), visit.key)
        self._visits.pop(visit.key, None)

    async def _name(self, visit: Visit) -> None:
        """Note which session it is, so that a killed server does not lose that."""
        async with visit.lock:
            if visit.step == "film":
                await self._mark(visit, ResponseState.RECORDING)

    def _forget(self, visit: Visit) -> None:
        assert visit.live is not None
        store = self._store()
        store.sync()
        if store.sessions.exists(visit.live.session_id):
            store.run(DeleteSession(session_id=visit.live.session_id))

    async def _mark(self, visit: Visit, state: ResponseState) -> None:
        clock, live = visit.clock, visit.live
        alignment = {
            "method": visit.method,
            "round_trip_ms": round(visit.round_trip_ms),
            "offset_ms": clock.offset_ms if clock else None,
        }

        def note() -> None:
            self._store().run(
                MarkResponse(
                    response_id=visit.place.response_id,
                    state=state,
                    session_id=live.session_id if live is not None and live.begun else None,
                    alignment=alignment if visit.method else None,
                )
            )

        try:
            await asyncio.to_thread(note)
        except RaptError:  # its study was deleted meanwhile
            log.exception("What became of a respondent could not be noted")

    async def _tend(self) -> None:
        """Ask for the clocks, and end visits whose browser has gone."""
        while True:
            await asyncio.sleep(0.5)
            now = time.monotonic()
            for visit in list(self._visits.values()):
                if visit.step == "over":
                    if now - visit.heard > TAKEN_BACK_S:
                        del self._visits[visit.key]
                    continue
                if visit.peer is not None:
                    visit.peer.ping()
                watching = visit.step == "film"
                silent, longest = (LOST_S, LONGEST_S) if watching else (IDLE_S, LONGEST_CHECK_S)
                if visit.screens:
                    longest = LONGEST_S
                if watching and visit.own is not None:
                    silent = OWN_LOST_S
                if now - visit.heard > silent or now - visit.begun > longest:
                    self._spawn(self._finish(visit, ResponseState.BROKEN))

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("A respondent's work failed", exc_info=error)
