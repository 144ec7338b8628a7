"""A visit of a course goes from screen to screen, and on again after a break or a restart."""

from __future__ import annotations

import asyncio
import hmac
import time

from dashboard.camera.respondents import course_visits
from dashboard.camera.respondents.refusals import gone
from dashboard.camera.respondents.visit import Visit
from dashboard.camera.respondents.visits.parts import Parts
from fer_core.files import JsonObject
from fer_core.storage.course import AnswerStep, GoBack, Position
from fer_core.storage.links import Link
from fer_core.storage.respondents import ResponseState


class Screens:
    """The courses of all visits, on the media loop."""

    def __init__(self, parts: Parts) -> None:
        self._parts, self._places, self._store = parts, parts.places, parts.store

    async def resume(
        self, link: Link, key: str, address: str = "", secret: str = ""
    ) -> tuple[Visit, bool]:
        """A course goes on where its last screen was acknowledged, also after a restart; and
        whether an own device may go on to read: it knows the visit's secret, and is not told it
        again."""
        visit = self._places.visits.get(key)
        if visit is None or not visit.screens or visit.link.link_id != link.link_id:
            async with self._places.entrance:
                self._places.check_waiting(address, own=False)
                visit = await asyncio.to_thread(self._load, link, key)
                visit.address = address
                self._places.visits[key] = visit
        visit.heard = time.monotonic()
        await self.film_over(visit)
        known = bool(visit.secret) and hmac.compare_digest(visit.secret.encode(), secret.encode())
        return visit, known

    def _load(self, link: Link, key: str) -> Visit:
        """A visit as the store knows it."""
        visit = course_visits.load(self._store(), link, key, self._parts.engines())
        if visit is None:
            raise gone()
        return visit

    async def go(
        self, key: str, at: int, answers: JsonObject, late: bool = False
    ) -> tuple[Visit, Position]:
        """A respondent is done with a screen of the course; ``late``: its time is over."""
        visit = self._places.known(key)
        if not visit.screens:
            raise gone()
        await self.film_over(visit)
        step = AnswerStep(
            response_id=visit.place.response_id, at=at, answers=dict(answers), late=late
        )
        return visit, await self._step(visit, step)

    async def back(self, key: str) -> tuple[Visit, Position]:
        """Back to the screen before, where that does no harm."""
        visit = self._places.known(key)
        return visit, await self._step(visit, GoBack(response_id=visit.place.response_id))

    async def _step(self, visit: Visit, step: AnswerStep | GoBack) -> Position:
        visit.heard = time.monotonic()
        position = await asyncio.to_thread(self._store().run, step)
        visit.at = position.step
        if position.state.over and not position.wrong:
            await self.leave(visit, position.state)
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
                    await self._parts.records.mark(visit, ResponseState.RECORDING)
                    await asyncio.to_thread(
                        course_visits.keep, self._store(), live.session_id, tuple(visit.told)
                    )
            visit.next_recording()

    async def leave(self, visit: Visit, how: ResponseState) -> None:
        """Somebody left a course: it can go on later, unless they take everything back."""
        await self.film_over(visit)
        await visit.close()
        if how is ResponseState.WITHDRAWN:
            await asyncio.to_thread(self._store().sync)
            await asyncio.to_thread(course_visits.withdraw, self._store(), visit.key)
        self._places.visits.pop(visit.key, None)
