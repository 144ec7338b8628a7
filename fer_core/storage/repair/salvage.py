"""Take out of a damaged store what can still be read, into a new one.

The damaged files are only read. Of the log as much is used as is whole; a table that cannot be
read at once is read in pieces, and pieces that are damaged are left out and counted.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import duckdb

from fer_core.errors import StoreError
from fer_core.storage.connecting import LOG_BEGINS
from fer_core.storage.repair.log_sum import log_of

_PIECES: Final = (122_880, 2048)  # rows: a row group, then a vector of it


@dataclass(slots=True)
class Salvaged:
    """What was read: rows a table, and of which tables how many rows could not be."""

    log_bytes: int  # of the log that were used
    of_log: int
    rows: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)


def salvage(database: Path, target: Path, work: Path) -> Salvaged | None:
    """Copy what is readable of a store that nobody has open; None where its file is unreadable."""
    seen = work / "damaged.duckdb"
    _link(database, seen)
    used = _usable_log(database, seen)
    if used is None:
        return None
    found = Salvaged(used, _length(log_of(database)))
    try:
        with duckdb.connect(str(target), config={"memory_limit": "2GB"}) as fresh:
            _copy_tables(seen, fresh, found)
            fresh.execute("CHECKPOINT")
    except duckdb.Error as error:
        raise StoreError(f"What was read could not be written: {error}") from error
    target.chmod(0o600)
    return found


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, target)


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _usable_log(database: Path, seen: Path) -> int | None:
    """The most bytes of the log with which the store opens; None: it does not without it either."""
    log = log_of(database).read_bytes() if log_of(database).exists() else b""
    if not log.startswith(LOG_BEGINS):
        log = b""  # DuckDB would pass over all of it
    low, high = 0, len(log)
    if not _opens(seen, b""):
        return None
    if _opens(seen, log):
        return len(log)
    while high - low > 1:  # what is whole stays whole with more of it, until the damage
        middle = (low + high) // 2
        if _opens(seen, log[:middle]):
            low = middle
        else:
            high = middle
    _opens(seen, log[:low])
    return low


def _opens(seen: Path, log: bytes) -> bool:
    """Whether the store opens with this log, which stays beside it."""
    if log:
        log_of(seen).write_bytes(log)
    else:
        log_of(seen).unlink(missing_ok=True)
    try:
        with duckdb.connect(str(seen), read_only=True) as store:
            return bool(store.execute("SELECT count(*) FROM duckdb_tables()").fetchone()[0])
    except duckdb.Error:
        return False


def _copy_tables(seen: Path, fresh: Any, found: Salvaged) -> None:
    with duckdb.connect(str(seen), read_only=True) as old:
        about = old.execute(
            "SELECT table_name, sql, estimated_size FROM duckdb_tables() WHERE NOT internal "
            "ORDER BY table_name"
        ).fetchall()
    for table, sql, size in about:
        fresh.execute(sql)
        with _reading(seen) as old:
            rows = _read(old, f'SELECT * FROM "{table}"')
        if rows is not None:
            _insert(fresh, table, rows)
            found.rows[table] = rows.num_rows
        else:
            found.rows[table], found.lost[table] = _piece_by_piece(seen, fresh, table, int(size))


def _piece_by_piece(seen: Path, fresh: Any, table: str, size: int) -> tuple[int, int]:
    """Rows read and rows lost of a table that cannot be read whole."""
    read = 0
    large, small = _PIECES
    for start in range(0, size, large):
        rows = _span(seen, table, start, start + large)
        if rows is not None:
            _insert(fresh, table, rows)
            read += rows.num_rows
            continue
        for piece in range(start, min(size, start + large), small):
            rows = _span(seen, table, piece, piece + small)
            if rows is not None:
                _insert(fresh, table, rows)
                read += rows.num_rows
    return read, max(0, size - read)


def _span(seen: Path, table: str, start: int, end: int) -> Any | None:
    with _reading(seen) as old:  # anew for each: an error of the file ends a connection for good
        return _read(old, f'SELECT * FROM "{table}" WHERE rowid >= {start} AND rowid < {end}')


@contextlib.contextmanager
def _reading(seen: Path) -> Any:
    store = duckdb.connect(str(seen), read_only=True, config={"memory_limit": "2GB"})
    try:
        yield store
    finally:
        with contextlib.suppress(duckdb.Error):
            store.close()


def _read(store: Any, sql: str) -> Any | None:
    try:
        return store.sql(sql).to_arrow_table()
    except duckdb.Error:
        return None


def _insert(fresh: Any, table: str, rows: Any) -> None:
    if rows.num_rows:
        fresh.register("incoming", rows)
        try:
            fresh.execute(f'INSERT INTO "{table}" BY NAME SELECT * FROM incoming')
        finally:
            fresh.unregister("incoming")
