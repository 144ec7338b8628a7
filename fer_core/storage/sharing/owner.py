"""The owner's side of the store: the database, the socket, the thread for shards and commands."""

from __future__ import annotations

import logging
import os
import shutil
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from fer_core import problems
from fer_core.errors import StoreError
from fer_core.files import JsonObject, replacing
from fer_core.home import Home
from fer_core.storage.database import Database
from fer_core.storage.reading import Query
from fer_core.storage.removal import erasure
from fer_core.storage.removal.forgotten import replay
from fer_core.storage.repair.restoring import finish_restore
from fer_core.storage.sharing.inbox import Outcome, carry_out, outcome, take_inbox
from fer_core.storage.sharing.ownership import OwnerLock, clear_socket, place_socket
from fer_core.storage.sharing.server import Server
from fer_core.storage.sharing.wire import Question, Value
from fer_core.storage.timeline.ingest import Ingester
from fer_core.threads import StandingThread, ThreadState, standing_threads

log = logging.getLogger(__name__)

EVERY_S = 0.5
_ORDERS_KEPT = "30 days"


class Owner:
    """Holds the lock, the connection and the socket until ``close``."""

    def __init__(self, home: Home, lock: OwnerLock, *, look_after: bool = True) -> None:
        self._home = home
        self._lock = lock
        self._said: set[str] = set()
        self._erasing = threading.Lock()
        self._keeper = StandingThread(
            "keeper", self._once, EVERY_S, first=self._finish_old_business
        )
        try:
            finish_restore(home)
            self.database = Database(home.database)
        except BaseException:
            lock.release()
            raise
        try:
            self._replay()
            self.ingester = Ingester(self.database, home)
            self._server = Server(
                place_socket(home),
                self.database,
                {
                    "hello": lambda _: {"pid": os.getpid()},
                    "take": self._on_take,
                    "sync": self._on_sync,
                    "backup": self._on_backup,
                    "erase": lambda _: {"done": self.erase()},
                    "threads": lambda _: {"threads": [asdict(one) for one in self.threads()]},
                },
            )
        except BaseException:
            self.database.close()
            lock.release()
            raise
        if look_after:
            self._keeper.start()

    def select(self, query: Query) -> pa.Table:
        return self.database.select(query)

    def carry_out(self, name: str, payload: JsonObject) -> Any:
        """Do a command now; its result as JSON values."""
        return carry_out(self.database, self._home, name, payload)

    def outcome(self, order_id: str) -> Outcome | None:
        """What became of a command that lies in the inbox: it is taken now."""
        take_inbox(self.database, self._home)
        return outcome(self.database, order_id)

    def sync(self) -> None:
        """Take all commands and shards that are there now."""
        take_inbox(self.database, self._home)
        self.ingester.step()  # once: a running session writes more shards meanwhile

    def threads(self) -> list[ThreadState]:
        """How the threads fare that this process should not be without."""
        return standing_threads()

    def backup(self, target: Path) -> None:
        """Copy the store, as it is between two changes, to ``target``."""
        try:
            with replacing(target, mode=0o600) as part, self.database.quiet():
                shutil.copyfile(self._home.database, part)
        except OSError as e:
            raise StoreError(f"The store cannot be copied to {target}: {e.strerror}.") from e

    def _replay(self) -> None:
        """Remove what was forgotten and is here again: a crash, or a restored backup."""
        try:
            replay(self.database, self._home)
        except StoreError as damaged:
            log.error("%s", damaged)
            problems.note(self._home, self._home.forgotten, damaged.message)

    def erase(self) -> bool:
        """Write the database anew without what was deleted, now."""
        with self._erasing:
            return erasure.finish(self.database, self._home)

    def _once(self) -> None:
        take_inbox(self.database, self._home)
        for problem in self.ingester.step(at_once=False).problems:
            if problem not in self._said:  # a session that stays damaged is tried again and again
                log.warning("%s", problem)
                self._said.add(problem)
        if erasure.is_due(self._home):
            self.erase()

    def _finish_old_business(self) -> None:
        """Complete deletions that a crash cut short, and forget old commands."""
        self.erase()
        with self.database.transaction() as cursor:
            cursor.execute(
                f"DELETE FROM orders WHERE taken < now()::TIMESTAMP - INTERVAL '{_ORDERS_KEPT}'"
            )

    def _on_take(self, head: Question) -> Value:
        found = self.outcome(str(head["order_id"]))
        return {"outcome": None if found is None else asdict(found)}

    def _on_sync(self, head: Question) -> Value:
        self.sync()
        return {}

    def _on_backup(self, head: Question) -> Value:
        self.backup(Path(str(head["target"])))
        return {}

    def close(self) -> None:
        """Stop the threads, then the database, then let the lock go: the next owner may come."""
        self._server.stop_listening()
        self._keeper.stop(wait_s=30)
        try:
            self.erase()
        except (StoreError, OSError):
            log.exception("What was deleted is erased when the store is opened again")
        self.database.close()
        self._server.close()
        clear_socket(self._home)
        self._lock.release()
