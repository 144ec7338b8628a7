"""``open_store``: the store for whoever asks, as owner or as the owner's client.

It has a part for each subject (``store.sessions.get(id)``, ``store.jobs.list(kind=…)``) and
one way to change anything (``store.run(RenameSession(…))``). Both sides work alike. A client
whose owner goes away finds the next one, or becomes the owner itself; nobody ever meets a
lock error.
"""

from __future__ import annotations

import atexit
import json
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pandas as pd
import pyarrow as pa

from fer_core.errors import StoreError, disk_full
from fer_core.home import Home
from fer_core.storage.accounts.rows import Accounts
from fer_core.storage.codec import Row, rows, to_json
from fer_core.storage.commands import Command, result_of, to_wire
from fer_core.storage.course import Courses
from fer_core.storage.database import Database, Writer
from fer_core.storage.jobs import Jobs
from fer_core.storage.lab.evaluations import Evaluations
from fer_core.storage.lab.labels import Labels
from fer_core.storage.lab.models import Models, TrainingRuns
from fer_core.storage.markers import Markers
from fer_core.storage.reading import Query
from fer_core.storage.recommend.catalogue import CatalogueItems
from fer_core.storage.recommend.feedback import FeedbackGiven
from fer_core.storage.removal.receipts import Receipts
from fer_core.storage.repair.doctor import Checks
from fer_core.storage.respondents import Respondents
from fer_core.storage.sessions import Sessions
from fer_core.storage.settings import Settings
from fer_core.storage.shares import Shares
from fer_core.storage.sharing.client import Client, OwnerGone
from fer_core.storage.sharing.owner import Owner
from fer_core.storage.sharing.ownership import OwnerLock, owner_pid
from fer_core.storage.studies import Studies
from fer_core.storage.timeline.archiving import Archive
from fer_core.storage.timeline.ingest import Ingester
from fer_core.storage.timeline.queries import Timeline
from fer_core.threads import ThreadState

T = TypeVar("T")
R = TypeVar("R", bound=Row)
_open: weakref.WeakSet[Store] = weakref.WeakSet()


@atexit.register
def _close_what_is_open() -> None:
    """A program that ends without closing still leaves a tidy file and no socket behind."""
    for store in list(_open):
        if store.pid == os.getpid():  # a forked child must not end its parent's
            store.close()


_PATIENCE_S = 15.0
_TAKE_OVER_EVERY_S = 1.0


class Store:
    """The store, from any thread and any process. Use as a context manager."""

    def __init__(self, home: Home, *, take_over: bool, look_after: bool) -> None:
        self.home = home
        self.pid = os.getpid()
        self._make_subjects()
        self._columns: dict[str, frozenset[str]] | None = None
        self._look_after = look_after
        self._changing = threading.RLock()
        self._stop = threading.Event()
        self._side: Owner | Client = self._find_side()
        self._successor: threading.Thread | None = None
        if take_over and isinstance(self._side, Client):
            self._successor = threading.Thread(
                target=self._wait_to_own, name="rapt-successor", daemon=True
            )
            self._successor.start()
        _open.add(self)

    def _make_subjects(self) -> None:
        """The parts of the store, each of which asks this one."""
        self.sessions = Sessions(self)
        self.timeline = Timeline(self)
        self.archive = Archive(self)
        self.studies = Studies(self)
        self.markers = Markers(self)
        self.respondents = Respondents(self)
        self.courses = Courses(self)
        self.shares = Shares(self)
        self.jobs = Jobs(self)
        self.models = Models(self)
        self.training_runs = TrainingRuns(self)
        self.evaluations = Evaluations(self)
        self.labels = Labels(self)
        self.settings = Settings(self)
        self.catalogue = CatalogueItems(self)
        self.feedback = FeedbackGiven(self)
        self.checks = Checks(self)
        self.accounts = Accounts(self)
        self.receipts = Receipts(self)

    @property
    def is_owner(self) -> bool:
        return isinstance(self._side, Owner)

    @property
    def database(self) -> Database:
        """The owner's database. StoreError in any other process."""
        return self._owner().database

    @property
    def stamp(self) -> str | None:
        """Another after every change of the store; None where another process is the owner."""
        side = self._side
        return side.database.stamp if isinstance(side, Owner) else None

    @property
    def scope(self) -> str:
        """The same for all who see the same studies; "" for whoever sees every one."""
        return ""

    @property
    def ingester(self) -> Ingester:
        return self._owner().ingester

    def select(self, query: Query) -> pa.Table:
        """The rows of one SELECT."""
        sent = replace(query, params=json.loads(to_json(dict(query.params))))
        return self._ask(lambda side: side.select(sent))

    def kept(self, query: Query, kind: type[R]) -> tuple[R, ...]:
        """The rows of one SELECT, each as a ``kind``. The owner reads them once until a table
        changes that the query names: for what is asked at every request."""
        side = self._side
        if not isinstance(side, Owner):
            return tuple(rows(kind, self.select(query)))
        more = kind, to_json(dict(query.params))
        return side.database.answers.get(
            query.sql, more, lambda: tuple(rows(kind, self.select(query)))
        )

    def arrow(self, sql: str, params: Mapping[str, object] | None = None) -> pa.Table:
        """The rows of one SELECT with bound parameters (``$name``)."""
        return self.select(Query(sql, params or {}))

    def frame(self, sql: str, params: Mapping[str, object] | None = None) -> pd.DataFrame:
        """The same as a DataFrame."""
        found: pd.DataFrame = self.arrow(sql, params).to_pandas()
        return found

    def columns(self) -> dict[str, frozenset[str]]:
        """The columns of every table; they stay the same as long as the store is open."""
        if self._columns is None:
            found = self.select(
                Query("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal")
            )
            gathered: dict[str, set[str]] = {}
            for one in found.to_pylist():
                gathered.setdefault(one["table_name"], set()).add(one["column_name"])
            self._columns = {table: frozenset(names) for table, names in gathered.items()}
        return self._columns

    def check_study(self, study: str) -> None:
        """NotAllowed where whoever asks may not add to the study of this name or id."""

    def run(self, command: Command[T], *, timeout_s: float = 30.0) -> T:
        """Have a command carried out, once, and return its result.

        The owner does it at once. A client leaves it in the inbox and waits; after
        ``timeout_s`` it still stands and is carried out later.
        """
        name, payload = to_wire(command)
        side = self._side
        if isinstance(side, Owner):
            return result_of(command, side.carry_out(name, payload))
        order_id = side.leave(name, payload)
        until = time.monotonic() + timeout_s
        while True:
            found = self._ask(lambda side: side.outcome(order_id))
            if found is not None:
                return result_of(command, found.value())
            if time.monotonic() > until:
                raise StoreError(
                    f"The command {name} was left for the store's owner, who has not taken it yet.",
                    "It will be carried out as soon as the owner gets to it.",
                )
            time.sleep(0.1)

    def sync(self) -> None:
        """Return when all commands and shards that are on the disk now are in the store."""
        self._ask(lambda side: side.sync())

    def threads(self) -> list[ThreadState]:
        """How the threads of the store's owner fare; ``rapt doctor`` and ``/healthz`` tell."""
        return self._ask(lambda side: side.threads())

    def backup(self, target: Path) -> Path:
        """Copy the store to a file."""
        self._ask(lambda side: side.backup(target.resolve()))
        return target

    def erase(self) -> bool:
        """Write the store anew without what was deleted; False where a job still holds some."""
        return self._ask(lambda side: side.erase())

    def checkpoint(self) -> None:
        """Move the log into the database file; a client leaves that to the owner."""
        if isinstance(self._side, Owner):
            self._side.database.checkpoint()

    @contextmanager
    def transaction(self) -> Iterator[Writer]:
        """A cursor to write with, for the owner alone; everyone else runs commands."""
        with self._owner().database.transaction() as cursor:
            yield cursor

    def close(self) -> None:
        self._stop.set()
        if self._successor is not None:
            self._successor.join(timeout=30)
        with self._changing:
            if isinstance(self._side, Owner):
                self._side.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _owner(self) -> Owner:
        if isinstance(self._side, Owner):
            return self._side
        raise StoreError(f"Process {owner_pid(self.home)} owns the store; this one runs commands.")

    def _ask(self, question: Callable[[Owner | Client], T]) -> T:
        """Put a question to the owner, whoever that is by the time of the answer."""
        until = time.monotonic() + _PATIENCE_S
        while True:
            side = self._side
            try:
                return question(side)
            except OwnerGone as e:
                if self._stop.is_set():
                    raise StoreError("The store is closed.") from e
                if time.monotonic() > until:
                    raise _unreachable(self.home) from e
                with self._changing:
                    if self._side is side:
                        self._side = self._find_side()

    def _find_side(self) -> Owner | Client:
        until = time.monotonic() + _PATIENCE_S
        while True:
            lock = OwnerLock.take(self.home)
            if lock is not None:
                return Owner(self.home, lock, look_after=self._look_after)
            try:
                return Client(self.home)
            except OwnerGone as e:
                if time.monotonic() > until:
                    raise _unreachable(self.home) from e
                time.sleep(0.03)

    def _wait_to_own(self) -> None:
        """A server that came second takes the store over when the first owner ends."""
        while not self._stop.wait(_TAKE_OVER_EVERY_S):
            with self._changing:
                if isinstance(self._side, Owner):
                    return
                lock = OwnerLock.take(self.home)
                if lock is not None:
                    self._side = Owner(self.home, lock, look_after=self._look_after)
                    return


def _unreachable(home: Home) -> StoreError:
    return StoreError(
        f"Process {owner_pid(home)} holds the store {home.database} but does not answer.",
        "End that process, then try again.",
    )


def open_store(home: Home, *, take_over: bool = False, look_after: bool = True) -> Store:
    """The store of a home; makes it where there is none.

    ``take_over``: a client becomes the owner when the present owner ends (for servers).
    ``look_after=False``: no thread takes commands and shards; ``sync`` does (for tests).
    """
    try:
        return Store(home, take_over=take_over, look_after=look_after)
    except OSError as e:
        why = (
            "the disk is full" if disk_full(e) else f"{e.strerror or e} ({e.filename or home.root})"
        )
        raise StoreError(
            f"The store in {home.root} cannot be opened: {why}.",
            "Make room, or give its user the permission back: rapt doctor --repair.",
        ) from e
