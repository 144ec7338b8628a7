"""The one DuckDB connection of the owner: safe reads from any thread, writes one at a time.

Every read gets a cursor of its own, in a read-only transaction. The statement's type
alone is no guard: DuckDB's parser calls ``WITH x AS (INSERT … RETURNING …) SELECT …`` a
SELECT. Files and settings are out of reach of SQL altogether (``enable_external_access``).
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from fer_core.errors import StoreDamaged, StoreError
from fer_core.files import replacing
from fer_core.storage import migrations
from fer_core.storage.reading import Query
from fer_core.storage.repair.log_sum import LogSum, check_log, log_of

log = logging.getLogger(__name__)

_BATCH = 100_000
_MOST_BYTES = 1 << 30  # of one answer
#: How a log begins (DuckDB 2.0): the entry that names its version.
LOG_BEGINS = b"\x64\x00\x62\x65\x00"


class Writer:
    """A cursor inside a transaction. Answers are read at once: DuckDB refuses the next
    statement on a cursor whose last answer still has rows to give."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        self._rows: list[tuple[Any, ...]] = []
        self.names: list[str] = []

    def execute(self, sql: str, params: Mapping[str, Any] | Sequence[Any] = ()) -> Writer:
        done = self._cursor.execute(sql, params or None)
        self.names = [column[0] for column in done.description or ()]
        self._rows = done.fetchall() if self.names else []
        return self

    def executemany(self, sql: str, params: Sequence[Sequence[Any]]) -> None:
        if params:
            self._cursor.executemany(sql, params)

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows[0] if self._rows else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows

    def value(self, sql: str, params: Mapping[str, Any] | Sequence[Any] = ()) -> Any:
        """The first column of the first row; None where there is no row."""
        row = self.execute(sql, params).fetchone()
        return None if row is None else row[0]

    def insert_arrow(self, table: str, rows: pa.Table) -> None:
        """Millions of rows a second; single inserts manage thousands."""
        self._cursor.register("incoming", rows)
        try:
            self.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming")
        finally:
            self._cursor.unregister("incoming")

    def select_arrow(self, sql: str, params: Sequence[Any] = ()) -> pa.Table:
        """The answer as columns, for many rows."""
        return self._cursor.sql(sql, params=list(params)).to_arrow_table()

    def update_arrow(self, table: str, rows: pa.Table, keys: Sequence[str]) -> None:
        """Set the other columns of the rows that have the same keys."""
        changes = ", ".join(f"{n} = incoming.{n}" for n in rows.column_names if n not in keys)
        same = " AND ".join(f"{table}.{name} = incoming.{name}" for name in keys)
        self._cursor.register("incoming", rows)
        try:
            self.execute(f"UPDATE {table} SET {changes} FROM incoming WHERE {same}")
        finally:
            self._cursor.unregister("incoming")


class Database:
    """An open store. Use ``select`` from any thread and ``transaction`` to write."""

    def __init__(self, path: Path, wait_s: float = 10.0) -> None:
        self.path = path
        self.copied_aside: Path | None = None
        self._writing = threading.RLock()
        self._closing = False
        self._ended = False  # by a fatal error: it is opened anew before the next use
        self._waiting = False  # new cursors wait
        self._cursors: set[Any] = set()
        self._cursors_changed = threading.Condition()
        self._log = LogSum(path)
        self._born, self._changes = uuid.uuid4().hex, 0
        self._connection = self._open(wait_s)
        self._note_log()

    def _open(self, wait_s: float) -> Any:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = not self.path.exists()
        connection = _connect(self.path, wait_s)
        try:
            had = migrations.applied(connection)
            todo = migrations.missing(had)
            if todo and not fresh and had:
                connection.execute("CHECKPOINT")
                connection.close()
                self.copied_aside = migrations.copy_aside(self.path, todo[0].name)
                connection = _connect(self.path, wait_s)
            if todo:
                migrations.migrate(connection, todo)
            connection.execute("SET lock_configuration = true")
        except duckdb.Error as e:
            connection.close()
            raise StoreError(
                f"The store {self.path} could not be brought to this version: {_line(e)}",
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
        with self._mended(), self._cursor() as cursor:
            timer = threading.Timer(query.seconds, cursor.interrupt)
            timer.daemon = True
            timer.start()
            try:
                cursor.execute("BEGIN TRANSACTION READ ONLY")
                return _read(cursor, query)
            except duckdb.InterruptException as e:
                raise StoreError(
                    f"A query was stopped after {query.seconds:.0f} s.", "Ask for fewer sessions."
                ) from e
            except (duckdb.Error, pa.ArrowException) as e:
                raise StoreError(f"The store refused a query: {_line(e)}") from e
            finally:
                timer.cancel()

    @contextmanager
    def transaction(self) -> Iterator[Writer]:
        """A cursor to write with; committed at the end, rolled back on any error.

        Writers wait for one another, so two threads never meet a write conflict.
        """
        with self._mended(), self._writing, self._cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                yield Writer(cursor)
                cursor.execute("COMMIT")
                self._changes += 1
                self._note_log()
            except duckdb.Error as e:
                _roll_back(cursor)
                raise StoreError(
                    f"The store could not keep a change: {_line(e)}", "Check the free disk space."
                ) from e
            except BaseException:
                _roll_back(cursor)
                raise

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
            raise StoreError(f"The store's connection has ended: {_line(error)}") from error

    def _reopen(self) -> None:
        with self._writing, self._alone():
            if not self._ended:
                return  # another thread was quicker
            self._connection.close()
            self._connection = _connect(self.path, 10.0)
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
                        raise StoreError(f"The store did not come to rest: {_line(e)}") from e
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
                    _copy(self.path, part)
                    part.chmod(0o600)
                    if log_of(self.path).exists() and log_of(self.path).stat().st_size:
                        raise StoreError(f"The log {log_of(self.path)} did not come to rest.")
            except (duckdb.Error, OSError) as e:
                raise StoreError(f"The store could not be rewritten: {_line(e)}") from e
            finally:
                self._connection = _connect(self.path, 10.0)
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
            self._connection.close()


def write_compact(source: Path, target: Path, empty: Sequence[str] = ()) -> dict[str, int]:
    """Write a store that nobody has open into a new file, without what was deleted; rows a table.

    The tables ``empty`` have none there.
    """
    try:
        _copy(source, target, empty)
        target.chmod(0o600)
        with duckdb.connect(str(target), read_only=True) as fresh:
            names = fresh.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
            return {
                name: int(fresh.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])
                for (name,) in names
            }
    except duckdb.Error as e:
        raise StoreError(f"The store could not be copied: {_line(e)}") from e


def move_paths(database: Path, columns: Mapping[str, Sequence[str]], old: str, new: str) -> None:
    """In a store that nobody has open, let paths below one folder lie below another."""
    inside, there = f"{old.rstrip('/')}/", f"{new.rstrip('/')}/"
    plain = (inside, there)
    in_json = (json.dumps(inside)[1:-1], json.dumps(there)[1:-1])
    try:
        with duckdb.connect(str(database)) as store:
            for table, names in columns.items():
                for name, (before, after) in product(names, {plain, in_json}):
                    store.execute(
                        f"UPDATE {table} SET {name} = replace({name}, $old, $new) "
                        f"WHERE contains({name}, $old)",
                        {"old": before, "new": after},
                    )
            store.execute("CHECKPOINT")
    except duckdb.Error as e:
        raise StoreError(f"The paths of a restored store could not be set: {_line(e)}") from e


def _copy(source: Path, target: Path, empty: Sequence[str] = ()) -> None:
    """Write everything in one store's file into a new one, but no row of the tables ``empty``."""
    with duckdb.connect(str(target), config={"memory_limit": "2GB"}) as fresh:
        fresh.execute(f"ATTACH {_quoted(source)} AS old (READ_ONLY)")
        name = fresh.execute("SELECT current_database()").fetchone()[0]
        escaped = name.replace('"', '""')
        if empty:
            fresh.execute(f'COPY FROM DATABASE old TO "{escaped}" (SCHEMA)')
            tables = fresh.execute(
                "SELECT table_name FROM duckdb_tables() WHERE database_name = 'old' ORDER BY 1"
            ).fetchall()
            for (table,) in tables:
                if table not in empty:
                    fresh.execute(f'INSERT INTO "{table}" SELECT * FROM old."{table}"')
        else:
            fresh.execute(f'COPY FROM DATABASE old TO "{escaped}"')
        fresh.execute("DETACH old")
        fresh.execute("CHECKPOINT")


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _connect(path: Path, wait_s: float) -> Any:
    """Open the file, waiting while a process that is just dying still holds DuckDB's lock."""
    _check_log(path)
    until = time.monotonic() + wait_s
    while True:
        try:
            return duckdb.connect(
                str(path),
                config={
                    "enable_external_access": "false",
                    "python_enable_replacements": "false",
                    "threads": max(1, min(4, os.cpu_count() or 1)),
                    "memory_limit": "2GB",
                },
            )
        except duckdb.IOException as e:
            if _is_refused(e):
                raise StoreError(
                    f"The store {path} cannot be opened: {_line(e)}",
                    "Make room, or give its user the permission back: rapt doctor --repair.",
                ) from e
            if not _is_held(e):
                raise StoreDamaged(
                    f"The store {path} cannot be opened: {_line(e)}", _way_out(path)
                ) from e
            if time.monotonic() > until:
                raise StoreError(
                    f"Another program has the store {path} open: {_line(e)}",
                    "Close the program that is named there, then try again.",
                ) from e
            time.sleep(0.05)
        except duckdb.Error as e:
            raise StoreDamaged(
                f"The store {path} is not readable: {_line(e)}", _way_out(path)
            ) from e


def _check_log(path: Path) -> None:
    """StoreError where the log's beginning or its end is damaged: DuckDB would pass over all of it,
    or over its last entry, and so over changes that were acknowledged, without a word."""
    try:
        with log_of(path).open("rb") as log:
            head = log.read(len(LOG_BEGINS))
    except FileNotFoundError:
        return
    if head and not LOG_BEGINS.startswith(head) and head != LOG_BEGINS:
        raise StoreDamaged(
            f"The store's log {log_of(path)} is damaged at its beginning: "
            f"{log_of(path).stat().st_size:,} bytes of changes since the last checkpoint.",
            _way_out(path),
        )
    check_log(path, _way_out(path))


def _is_held(error: Exception) -> bool:
    """Whether another process has the file open; "block" in a message is no lock."""
    return "lock on file" in str(error).lower() or "conflicting lock" in str(error).lower()


def _is_refused(error: Exception) -> bool:
    """Whether the system refuses the file, for want of room or of a permission."""
    said = str(error)
    return any(why in said for why in ("Permission denied", "No space left", "Read-only file"))


def _way_out(path: Path) -> str:
    """What is left where the store does not open; only what is there is promised."""
    said = ["Copy the whole folder before anything else."]
    if log_of(path).exists():
        when = datetime.fromtimestamp(path.stat().st_mtime).strftime("%d %B %Y %H:%M")
        said.append(
            f"Without its log ({log_of(path).name}, moved elsewhere) the store may open as it was "
            f"on {when}; changes since then are in the log alone."
        )
    copies = sorted(path.parent.glob(f"{path.stem}.before-*"))
    if copies:
        said.append(f"An older copy lies beside it: {copies[-1].name}.")
    if any(path.parent.glob("backups/*.rapt.zip")):
        said.append("`rapt backup --list` names the backups, `rapt restore` puts one back.")
    said.append(
        "`rapt doctor --recover` sets it aside and rebuilds what can be read, also from the "
        "timelines in sessions/*/shards."
    )
    return " ".join(said)


def _roll_back(cursor: Any) -> None:
    try:
        cursor.execute("ROLLBACK")
    except duckdb.Error as e:
        log.debug("there was nothing left to roll back: %s", e)


def _only_a_select(sql: str) -> None:
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as e:
        raise StoreError(f"The store refused a query: {_line(e)}") from e
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


def _line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
