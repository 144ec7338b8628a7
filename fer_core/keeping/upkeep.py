"""What is done at night: a backup, and the removal of what is past its time; each a job."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fer_core.errors import StoreError
from fer_core.files import JsonObject
from fer_core.home import Home
from fer_core.jobs.kinds import Progress
from fer_core.jobs.queue import enqueue
from fer_core.keeping import rules
from fer_core.keeping.backup import back_up, backups, keep_newest
from fer_core.keeping.forget import clean_backups
from fer_core.keeping.retention import clock_is_behind, due, remove_due
from fer_core.storage import open_store
from fer_core.storage.shares import RemoveEndedShares
from fer_core.threads import StandingThread
from fer_core.types import JobStatus

if TYPE_CHECKING:
    from fer_core.storage import Store

log = logging.getLogger(__name__)

EVERY_S: Final = 600.0
#: The hour of the machine's own day at which the night's work begins.
HOUR: Final = 3
#: A job that failed is tried again after this long.
_AGAIN: Final = timedelta(hours=6)


class Upkeep:
    """Queues the night's work; one in the process that starts jobs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = StandingThread("upkeep", self.look, EVERY_S)

    def start(self) -> None:
        """Begin to look every ten minutes."""
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._thread.stop()

    def look(self, now: datetime | None = None) -> list[str]:
        """Queue what is due; the kinds of the jobs queued."""
        store, moment = self._store, now or datetime.now().astimezone()
        if not store.is_owner:
            return []
        if clock_is_behind(store, moment.timestamp()):
            log.warning(
                "The clock is earlier than the store's last change: nothing is removed now."
            )
            return []
        queued = []
        if rules.value_of(store, rules.KEEP) and moment >= _next_backup(store, moment):
            queued += _queue(store, "backup", "Nightly backup", moment)
        if store.shares.ended():
            store.run(RemoveEndedShares())
        if due(store, moment.timestamp()):
            queued += _queue(store, "retention", "Remove what is past its time", moment)
        return queued


def _queue(store: Store, kind: str, title: str, now: datetime) -> list[str]:
    """Queue a job, unless one waits, runs, or failed a short while ago."""
    last = store.jobs.list(kind=kind, limit=1)
    if last and not last[0].status.over:
        return []
    if last and last[0].status is not JobStatus.DONE:
        ended = (last[0].finished or last[0].created).replace(tzinfo=UTC)
        if now - ended < _AGAIN:
            return []
    enqueue(store, kind, {}, title=title)
    return [kind]


def nightly_folder(store: Store) -> Path:
    """Where nightly backups go."""
    chosen = rules.value_of(store, rules.FOLDER)
    return Path(chosen) if chosen else store.home.backups


def _next_backup(store: Store, now: datetime) -> datetime:
    """The first three after the last backup, or after the store was made."""
    there = backups(nightly_folder(store)) if nightly_folder(store).is_dir() else []
    if there:
        last = datetime.fromtimestamp(max(path.stat().st_mtime for path in there), UTC)
    else:
        made = store.frame("SELECT min(applied) AS t FROM migrations")["t"][0]
        last = made.to_pydatetime().replace(tzinfo=UTC)
    local = last.astimezone(now.tzinfo)
    at = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return at if at > local else at + timedelta(days=1)


def back_up_job(home: Home, spec: JsonObject, progress: Progress) -> Mapping[str, object]:
    """The job of kind ``backup``."""
    progress(0, 1, "Writing the backup")
    with open_store(home) as store:
        folder = nightly_folder(store)
        made = back_up(store, folder, whole=rules.value_of(store, rules.WHOLE))
        clean_backups(store)
        gone = keep_newest(folder, rules.value_of(store, rules.KEEP))
    progress(1, 1, "")
    return {"path": str(made), "bytes": made.stat().st_size, "removed": len(gone)}


def retention_job(home: Home, spec: JsonObject, progress: Progress) -> Mapping[str, object]:
    """The job of kind ``retention``."""
    with open_store(home) as store:
        if clock_is_behind(store):
            raise StoreError(
                "The machine's clock is earlier than the store's last change.",
                "Set the clock; until then nothing is removed for its age.",
            )
        removed = remove_due(store, lambda done, total: progress(done, total), progress.should_stop)
    return {"removed": len(removed)}
