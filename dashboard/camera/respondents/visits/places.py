"""Who takes part now, and how many may: those who wait for their camera, those with a place."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from dashboard.camera.respondents.data import most_sessions
from dashboard.camera.respondents.refusals import RespondentRefused, closed, full, gone
from dashboard.camera.respondents.visit import Visit
from dashboard.camera.respondents.visits.records import alignment
from fer_core.errors import RaptError
from fer_core.storage import Store
from fer_core.storage.links import Link
from fer_core.storage.respondents import TakePlace

log = logging.getLogger(__name__)

#: Of those who agreed and have shown no picture yet: in all, and from one address.
MOST_WAITING: Final = 200
MOST_WAITING_FROM_ONE: Final = 40
#: The same of those whose own device can read them: they cost this machine next to nothing.
MOST_OWN_WAITING: Final = 1000
MOST_OWN_WAITING_FROM_ONE: Final = 300


class Places:
    """The visits of this process by their keys, and the places they take."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store
        self.visits: dict[str, Visit] = {}
        self._coming: list[str] = []  # addresses of own devices whose visit is being made
        self.entrance = asyncio.Lock()  # two who come at once cannot share the last place

    def find(self, key: str) -> Visit | None:
        """A visit that is not over."""
        visit = self.visits.get(key)
        return visit if visit is not None and visit.step != "over" else None

    def known(self, key: str) -> Visit:
        """The same; RespondentRefused where it is not here any more."""
        visit = self.find(key)
        if visit is None:
            raise gone()
        return visit

    def count(self) -> int:
        """Respondents whose pictures are read here: one of theirs came."""
        return sum(
            visit.placed and not visit.own_reads and visit.step != "over"
            for visit in self.visits.values()
        )

    def check_waiting(self, address: str, own: bool) -> None:
        """Refuse one more who has shown no picture yet, where many such wait already."""
        waiting = [
            v.address
            for v in self.visits.values()
            if not v.placed and v.step != "over" and bool(v.secret) == own
        ]
        if own:
            waiting += self._coming
        from_here = waiting.count(address)
        most = MOST_OWN_WAITING if own else MOST_WAITING
        if len(waiting) >= most or from_here >= (
            MOST_OWN_WAITING_FROM_ONE if own else MOST_WAITING_FROM_ONE
        ):
            raise full()

    @contextmanager
    def coming(self, address: str) -> Iterator[None]:
        """One more whose own device can read them waits, as soon as there is room for it."""
        self.check_waiting(address, True)
        self._coming.append(address)
        try:
            yield
        finally:
            self._coming.remove(address)

    async def check_room(self) -> None:
        """Refuse one more whose pictures would be read here, where there is no room."""
        if self.count() >= await asyncio.to_thread(most_sessions, self._store()):
            raise full()

    async def take(self, visit: Visit) -> None:
        """The place counts from the first picture: RespondentRefused where none is left."""
        if visit.own is not None:
            await self._take(visit)  # none of this machine's: those who come need not queue
            return
        async with self.entrance:
            if visit.placed or visit.step == "over":
                return
            await self.check_room()
            await self._take(visit)

    async def _take(self, visit: Visit) -> None:
        """Take one of the link's places; the store sees to it that two cannot share the last."""
        if visit.placed or visit.step == "over":
            return
        own = visit.own is not None  # its film begins at once
        take = TakePlace(
            response_id=visit.place.response_id, recording=own, alignment=alignment(visit)
        )
        try:
            await asyncio.to_thread(self._store().run, take)
        except RaptError as error:
            raise await asyncio.to_thread(self.why_not, visit.link, error) from error
        visit.placed = True

    async def try_to_take(self, visit: Visit) -> None:
        """Take a place where one is left; who finds none is told when the film would start."""
        try:
            await self.take(visit)
        except RespondentRefused as refused:
            log.info("A respondent waits for a place: %s", refused.message)

    def why_not(self, link: Link, error: RaptError) -> RaptError:
        """Why a link takes nobody: for a respondent's eyes where it is closed, else ``error``."""
        now = self._store().respondents.link_of_token(link.token)
        why = now.closed if now else "revoked"
        return closed(why) if why else error
