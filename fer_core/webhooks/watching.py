"""Notices what ended in the store, and has it told."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from fer_core.files import JsonObject
from fer_core.storage.reading import Query
from fer_core.threads import StandingThread
from fer_core.types import JobStatus
from fer_core.webhooks.hooks import Event, Hooks
from fer_core.webhooks.sending import send_due

if TYPE_CHECKING:
    from fer_core.storage import Store

log = logging.getLogger(__name__)
EVERY_S: Final = 2.0


class Webhooks:
    """Looks every two seconds in the process that owns the store; asks nothing without a hook."""

    def __init__(self, store: Store) -> None:
        self._store, self._hooks = store, Hooks(store.home)
        self._seen: str | None = None  # the store's stamp at the last look
        self._thread = StandingThread("webhooks", self.look, EVERY_S)
        self._thread.start()

    def close(self) -> None:
        self._thread.stop()

    def look(self, now: float | None = None) -> None:
        """Queue what ended since the last look, then send what is due."""
        if not self._store.is_owner or not self._hooks.list():
            return
        stamp = self._store.stamp
        if stamp != self._seen or not self._hooks.marked:
            notice(self._store, self._hooks, now)
            self._seen = stamp
        send_due(self._hooks, now)


def notice(store: Store, hooks: Hooks, now: float | None = None) -> int:
    """Queue what ended since the last time; how many deliveries that gave. The first time nothing
    is told: what ended before is not news."""
    before = hooks.mark()
    ended = {Event.JOB_DONE: _jobs(store), Event.SESSION_ENDED: _sessions(store),
             Event.STUDY_COMPLETE: _studies(store)}  # fmt: skip
    made = 0
    if before:
        for event, found in ended.items():
            known = before.get(str(event))
            told = set(known) if isinstance(known, list) else set()
            for key, subject in found.items():
                if key not in told:
                    made += hooks.queue(event, subject, now)
    after: JsonObject = {str(event): sorted(found) for event, found in ended.items()}
    if after != before:
        hooks.set_mark(after)
    return made


def _jobs(store: Store) -> dict[str, JsonObject]:
    """Jobs that are over, by id and try: all of them, for the one that was queued first may end
    last."""
    over = ", ".join(f"'{status}'" for status in JobStatus if status.over)
    rows = store.select(
        Query(
            f"SELECT job_id, kind, status, session_id, attempt FROM jobs WHERE status IN ({over})"
        )
    ).to_pylist()
    return {f"{row['job_id']}/{row.pop('attempt')}/{row['status']}": row for row in rows}


def _sessions(store: Store) -> dict[str, JsonObject]:
    """Live sessions and respondents' that are over."""
    rows = store.select(
        Query(
            "SELECT session_id, status, study_id FROM sessions "
            "WHERE kind = 'live' AND status <> 'running'"
        )
    ).to_pylist()
    return {row["session_id"]: row for row in rows}


def _studies(store: Store) -> dict[str, JsonObject]:
    """Studies whose links have had all the respondents that they were made for."""
    found: dict[str, JsonObject] = {}
    for study in store.studies.list():
        links = [one for one in store.respondents.links(study.study_id) if one.revoked is None]
        if links and all(one.closed == "used up" for one in links):
            uses = sum(one.uses for one in links)
            found[f"{study.study_id}/{uses}"] = {"study_id": study.study_id, "respondents": uses}
    return found
