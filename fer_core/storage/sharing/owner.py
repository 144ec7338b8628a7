"""The owner's side of the store: the database, the socket, and the thread that looks after
new shards and commands."""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from fer_core.errors import RaptError, StoreError
from fer_core.files import replacing
from fer_core.home import Home
from fer_core.storage.database import Database
from fer_core.storage.reading import Query
from fer_core.storage.sessions.commands import remove_files
from fer_core.storage.sharing.inbox import Outcome, carry_out, outcome, take_inbox
from fer_core.storage.sharing.ownership import OwnerLock, clear_socket, place_socket
from fer_core.storage.sharing.server import Server
from fer_core.storage.sharing.wire import Question, Value
from fer_core.storage.timeline.ingest import Ingester

log = logging.getLogger(__name__)

EVERY_S = 0.5
_ORDERS_KEPT = "30 days"


class Owner:
    """Holds the lock, the connection and the socket until ``close``."""

    def __init__(self, home: Home, lock: OwnerLock, *, look_after: bool = True) -> None:
        self._home = home
        self._lock = lock
        self._stop = threading.Event()
        self._keeper: threading.Thread | None = None
        try:
            self.database = Database(home.database)
        except BaseException:
            lock.release()
            raise
        try:
            self.ingester = Ingester(self.database, home)
            self._server = Server(
                place_socket(home),
                self.database,
                {
                    "hello": lambda _: {"pid": os.getpid()},
                    "take": self._on_take,
                    "sync": self._on_sync,
                    "backup": self._on_backup,
                },
            )
        except BaseException:
            self.database.close()
            lock.release()
            raise
        if look_after:
            self._keeper = threading.Thread(
                target=self._look_after, name="rapt-keeper", daemon=True
            )
            self._keeper.start()

    def select(self, query: Query) -> pa.Table:
        return self.database.select(query)

    def carry_out(self, name: str, payload: dict[str, object]) -> Any:
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

    def backup(self, target: Path) -> None:
        """Copy the store, as it is between two changes, to ``target``."""
        try:
            with replacing(target, mode=0o600) as part, self.database.quiet():
                shutil.copyfile(self._home.database, part)
        except OSError as e:
            raise StoreError(f"The store cannot be copied to {target}: {e.strerror}.") from e

    def _look_after(self) -> None:
        self._guarded(self._finish_old_business)
        while not self._stop.wait(EVERY_S):
            self._guarded(self._once)

    def _once(self) -> None:
        take_inbox(self.database, self._home)
        for problem in self.ingester.step(at_once=False).problems:
            log.warning("%s", problem)

    def _guarded(self, work: Callable[[], None]) -> None:
        """One bad round must not end the thread that everything waits for; it is logged."""
        try:
            work()
        except (RaptError, OSError, ValueError, KeyError, duckdb.Error, pa.ArrowException):
            if not self._stop.is_set():
                log.exception("looking after the store failed; it is tried again")

    def _finish_old_business(self) -> None:
        """Complete deletions that a crash cut short, and forget old commands."""
        left = Query("SELECT session_id, upload FROM deletions WHERE NOT files_gone")
        for row in self.database.select(left).to_pylist():
            remove_files(self._home, row["session_id"], row["upload"])
        with self.database.transaction() as cursor:
            cursor.execute("UPDATE deletions SET files_gone = true WHERE NOT files_gone")
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
        self._stop.set()
        self._server.stop_listening()
        if self._keeper is not None:
            self._keeper.join(timeout=30)
        self.database.close()
        self._server.close()
        clear_socket(self._home)
        self._lock.release()
