"""What the store is told of a visit: its state, its session, how its clock was aligned."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from dashboard.camera.respondents.visit import Visit
from fer_core.errors import RaptError
from fer_core.files import JsonObject
from fer_core.storage import Store
from fer_core.storage.respondents import MarkResponse, ResponseState
from fer_core.storage.sessions import DeleteSession

log = logging.getLogger(__name__)


class Records:
    """Notes of all visits."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store

    async def mark(self, visit: Visit, state: ResponseState) -> None:
        """Keep a visit's state. What its study's deletion made impossible is logged."""

        def note() -> None:
            self._store().run(_mark(visit, state))

        try:
            await asyncio.to_thread(note)
        except RaptError:  # its study was deleted meanwhile
            log.exception("What became of a respondent could not be noted")

    async def name_session(self, visit: Visit) -> None:
        """Note which session it is, so that a killed server does not lose that."""
        async with visit.lock:
            if visit.step == "film":
                await self.mark(visit, ResponseState.RECORDING)

    def delete_session(self, visit: Visit) -> None:
        """Delete what was recorded; asks the store, so call it in a thread."""
        assert visit.live is not None
        store = self._store()
        store.sync()
        if store.sessions.exists(visit.live.session_id):
            store.run(DeleteSession(session_id=visit.live.session_id))


def alignment(visit: Visit) -> JsonObject | None:
    """How the film's clock was aligned, for the store; None where it is not known yet."""
    if not visit.method:
        return None
    return {
        "method": visit.method,
        "round_trip_ms": round(visit.round_trip_ms),
        "offset_ms": visit.clock.offset_ms if visit.clock else None,
    }


def _mark(visit: Visit, state: ResponseState) -> MarkResponse:
    live = visit.live
    return MarkResponse(
        response_id=visit.place.response_id,
        state=state,
        session_id=live.session_id if live is not None and live.begun else None,
        alignment=alignment(visit),
    )
