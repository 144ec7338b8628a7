"""The one DuckDB connection of the owner: safe reads from any thread, writes one at a time.

Every read gets a cursor of its own, in a read-only transaction. The statement's type
alone is no guard: DuckDB's parser calls ``WITH x AS (INSERT … RETURNING …) SELECT …`` a
SELECT. Files and settings are out of reach of SQL altogether (``enable_external_access``).
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from fer_core.errors import StoreError
from fer_core.files import replacing
from fer_core.home import Home
from fer_core.storage import migrations
from fer_core.storage.connecting import connect, first_line
from fer_core.storage.copying import copy_store
from fer_core.storage.deadlines import Deadlines
from fer_core.storage.reading import Query
from fer_core.storage.repair.log_sum import LogSum, log_of
from fer_core.storage.sharing.answers import KeptAnswers, written_by
from fer_core.storage.timeline import archive
from fer_core.storage.turns import Turns

#: What a statement's placeholders stand for, by name or in their order.
Parameters = Mapping[str, object] | Sequence[object]

log = logging.getLogger(__name__)

_BATCH = 100_000
_MOST_BYTES = 1 << 30  # of one answer


class Writer:
    """A cursor inside a transaction. Answers are read at once: DuckDB refuses the next
    statement on a cursor whose last answer still has rows to give."""

    def __init__(self, cursor: Any, home: Home, answers: KeptAnswers) -> None:
        self.home = home
        self.answers = answers  # of the whole database, as they were before this transaction
        self.after: list[Callable[[], object]] = []  # done once the transaction is kept
        self.written: set[str] = set()  # tables
        self._cursor = cursor
        self._rows: list[tuple[Any, ...]] = []
        self.names: list[str] = []

    def execute(self, sql: str, params: Parameters = ()) -> Writer:
        done = self._cursor.execute(sql, params or None)
        self._note(sql)
        self.names = [column[0] for column in done.description or ()]
        self._rows = done.fetchall() if self.names else []
        return self

    def executemany(self, sql: str, params: Sequence[Sequence[object]]) -> None:
        if params:
            self._cursor.executemany(sql, params)
            self._note(sql)

    def _note(self, sql: str) -> None:
        table = written_by(sql)
        if table is not None:
            self.written.add(table)

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows[0] if self._rows else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows

    def value(self, sql: str, params: Parameters = ()) -> Any:
        """The first column of the first row; None where there is no row."""
        row = self.execute(sql, params).fetchone()
        return None if row is None else row[0]

    def insert_arrow(self, table: str, rows: pa.Table) -> None:
        """Millions of rows a second; single inserts manage thousands."""
        with self.having("incoming", rows):
            self.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming")

    def update_arrow(self, table: str, rows: pa.Table, keys: Sequence[str]) -> None:
        """Set the other columns of the rows that have the same keys."""
        changes = ", ".join(f"{n} = incoming.{n}" for n in rows.column_names if n not in keys)
        same = " AND ".join(f"{table}.{name} = incoming.{name}" for name in keys)
        with self.having("incoming", rows):
            self.execute(f"UPDATE {table} SET {changes} FROM incoming WHERE {same}")

    def arrow(self, sql: str, params: Parameters = ()) -> pa.Table:
        """The rows of a SELECT."""
        found: pa.Table = self._cursor.sql(sql, params=params or None).to_arrow_table()
        return found

    @contextmanager
    def having(self, name: str, rows: Any) -> Iterator[None]:
        """Arrow's rows, or a data set of files, as a table of this name."""
        self._cursor.register(name, rows)
        try:
            yield
        finally:
            self._cursor.unregister(name)


class Database:
    """An open store. Use ``select`` from any thread and ``transaction`` to write."""

    def __init__(self, path: Path, wait_s: float = 10.0) -> None:
        self.path = path
        self._home = Home(path.parent)
        self.copied_aside: Path | None = None
        self._writing = Turns()
        self._closing = False
        self._ended = False  # by a fatal error: it is opened anew before the next use
        self._waiting = False  # new cursors wait
        self._cursors: set[Any] = set()
        self._cursors_changed = threading.Condition()
        self._deadlines = Deadlines()
        self._log = LogSum(path)
        self.answers = KeptAnswers()
        self._born, self._changes = uuid.uuid4().hex, 0
        self._connection = self._open(wait_s)
        self._note_log()

    def _open(self, wait_s: float) -> Any:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = not self.path.exists()
        connection = connect(self.path, wait_s)
        try:
            had = migrations.applied(connection)
            todo = migrations.missing(had)
            if todo and not fresh and had:
                connection.execute("CHECKPOINT")
                connection.close()
                self.copied_aside = migrations.copy_aside(self.path, todo[0].name)
                connection = connect(self.path, wait_s)
            if todo:
                migrations.migrate(connection, todo)
            connection.execute("SET lock_configuration = true")
        except duckdb.Error as e:
            connection.close()
            raise StoreError(
                f"The store {self.path} could not be brought to this version: {first_line(e)}",
                "Nothing was changed; a copy lies beside it if it was an older one.",
            ) from e
        except StoreError:
            connection.close()
            raise
        self.path.chmod(0o600)
        return connection

    @property
    def stamp(self) -> str:
        """As long as this stays the same, so does everything that ``select`` answers."""
        return f"{self._born}-{self._changes}"

    def select(self, query: Query) -> pa.Table:
        """The rows of a query. StoreError for anything but a SELECT, or for too many rows."""
        _only_a_select(query.sql)
        try:
            return self._select(query)
        except archive.ArchiveMoved:
            return self._select(query)  # it was taken back into the table meanwhile

    def _select(self, query: Query) -> pa.Table:
        files: list[Path] = []
        with self._mended(), self._cursor() as cursor:
            try:
                with self._deadlines.within(query.seconds, cursor.interrupt):
                    cursor.execute("BEGIN TRANSACTION READ ONLY")
                    query, files = archive.reach(cursor, query, self._home)
                    return _read(cursor, query)
            except duckdb.InterruptException as e:
                raise StoreError(
                    f"A query was stopped after {query.seconds:.0f} s.", "Ask for fewer sessions."
                ) from e
            except (duckdb.Error, pa.ArrowException, OSError) as e:
                archive.check_there(files)
                raise StoreError(f"The store refused a query: {first_line(e)}") from e

    @contextmanager
    def transaction(self) -> Iterator[Writer]:
        """A cursor to write with; committed at the end, rolled back on any error.

        Writers wait for one another, so two threads never meet a write conflict, and take turns.
        """
        with self._mended(), self._writing, self._cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                writer = Writer(cursor, self._home, self.answers)
                yield writer
                cursor.execute("COMMIT")
                self._changes += 1
                self.answers.changed(writer.written)
                self._note_log()
            except duckdb.Error as e:
                _roll_back(cursor)
                raise StoreError(
                    f"The store could not keep a change: {first_line(e)}",
                    "Check the free disk space.",
                ) from e
            except BaseException:
                _roll_back(cursor)
                raise
        for action in writer.after:
            action()

    @contextmanager
    def _mended(self) -> Iterator[None]:
        """Open the file anew where an error ended the connection, as a full disk does."""
        if self._ended:
            self._reopen()
        try:
            yield
        except StoreError as error:
            if isinstance(error.__cause__, duckdb.FatalException):
                self._ended = True
            raise
        except duckdb.Error as error:
            self._ended = True
            raise StoreError(f"The store's connection has ended: {first_line(error)}") from error

    def _reopen(self) -> None:
        with self._writing, self._alone():
            if not self._ended:
                return  # another thread was quicker
            self._connection.close()
            self._connection = connect(self.path, 10.0)
            self._connection.execute("SET lock_configuration = true")
            self._ended = False
            log.warning("The store's connection had ended; it was opened anew.")
            self._note_log()

    def _note_log(self) -> None:
        """Sum up the log. A change is kept whether or not its sum can be written."""
        try:
            self._log.note()
        except OSError as error:
            log.warning("The log's checksum could not be written: %s", error)

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        with self._cursors_changed:
            self._cursors_changed.wait_for(lambda: not self._waiting)
            if self._closing:
                raise StoreError("The store is closed.")
            cursor = self._connection.cursor()
            self._cursors.add(cursor)
        try:
            yield cursor
        finally:
            with self._cursors_changed:
                self._cursors.discard(cursor)
                cursor.close()
                self._cursors_changed.notify_all()

    def checkpoint(self) -> None:
        """Move the log into the database file."""
        with self._writing, self._cursor() as cursor:
            try:
                cursor.execute("CHECKPOINT")
            except duckdb.TransactionException:
                return  # a read is under way; the next checkpoint does it
            self._note_log()

    @contextmanager
    def quiet(self, wait_s: float = 10.0) -> Iterator[None]:
        """Everything is in the database file and nothing is written meanwhile."""
        until = time.monotonic() + wait_s
        with self._writing, self._cursor() as cursor:
            while True:
                try:
                    cursor.execute("CHECKPOINT")
                    self._note_log()
                    break
                except duckdb.Error as e:
                    if time.monotonic() > until:
                        raise StoreError(f"The store did not come to rest: {first_line(e)}") from e
                    time.sleep(0.05)
            yield

    def rewrite(self) -> None:
        """Copy what is in the store into a new file, which takes the old one's place.

        Nothing of deleted rows is in it. Reads and writes wait meanwhile; those under way are
        finished first.
        """
        with self._writing, self._alone():
            self._connection.execute("CHECKPOINT")
            self._note_log()
            self._connection.close()
            try:
                with replacing(self.path, mode=0o600) as part:
                    part.unlink()  # DuckDB makes its own, and refuses an empty one
                    copy_store(self.path, part)
                    part.chmod(0o600)
                    if log_of(self.path).exists() and log_of(self.path).stat().st_size:
                        raise StoreError(f"The log {log_of(self.path)} did not come to rest.")
            except (duckdb.Error, OSError) as e:
                raise StoreError(f"The store could not be rewritten: {first_line(e)}") from e
            finally:
                self._connection = connect(self.path, 10.0)
                self._connection.execute("SET lock_configuration = true")
                self._note_log()

    @contextmanager
    def _alone(self, wait_s: float = 30.0) -> Iterator[None]:
        """No cursor is open, and none is given, until the end."""
        with self._cursors_changed:
            if self._closing:
                raise StoreError("The store is closed.")
            self._waiting = True
            try:
                if not self._cursors_changed.wait_for(lambda: not self._cursors, timeout=wait_s):
                    raise StoreError("The store did not come to rest: a query is under way.")
                yield
            finally:
                self._waiting = False
                self._cursors_changed.notify_all()

    def close(self) -> None:
        """Stop running reads, wait for a running write, and close the file."""
        with self._writing:
            with self._cursors_changed:
                if self._closing:
                    return
                self._closing = True
                for cursor in self._cursors:
                    cursor.interrupt()
                self._cursors_changed.wait_for(lambda: not self._cursors, timeout=10)
            self._deadlines.close()
            self._connection.close()


def _roll_back(cursor: Any) -> None:
    try:
        cursor.execute("ROLLBACK")
    except duckdb.Error as e:
        log.debug("there was nothing left to roll back: %s", e)


@lru_cache(maxsize=2000)
def _only_a_select(sql: str) -> None:
    """StoreError unless it is one. The same few hundred texts are asked all day."""
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as e:
        raise StoreError(f"The store refused a query: {first_line(e)}") from e
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise StoreError("Only one SELECT at a time may be asked of the store.")


def _read(cursor: Any, query: Query) -> pa.Table:
    relation = cursor.sql(query.sql, params=dict(query.params))
    reader = relation.to_arrow_reader(_BATCH)
    batches, rows, size = [], 0, 0
    for batch in reader:
        batches.append(batch)
        rows += batch.num_rows
        size += batch.nbytes
        if size > _MOST_BYTES:
            raise StoreError(
                f"A query gives more than {_MOST_BYTES >> 20:,} MB.",
                "Ask for a shorter span or fewer columns.",
            )
        if rows > query.cap:
            raise StoreError(
                f"A query gives more than {query.cap:,} rows.",
                "Ask for a shorter span or fewer columns.",
            )
    return plain_numbers(pa.Table.from_batches(batches, reader.schema))


def plain_numbers(table: pa.Table) -> pa.Table:
    """Sums of whole numbers come as 128-bit decimals, which pandas holds as objects."""
    for position, column in enumerate(table.schema):
        if pa.types.is_decimal(column.type):
            kind = pa.int64() if column.type.scale == 0 else pa.float64()
            table = table.set_column(
                position, column.name, table.column(position).cast(kind, safe=False)
            )
    return table
