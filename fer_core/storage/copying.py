"""Whole stores written into new files: without what was deleted, and where paths have moved."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import duckdb

from fer_core.errors import StoreError
from fer_core.storage.connecting import first_line


def write_compact(source: Path, target: Path, empty: Sequence[str] = ()) -> dict[str, int]:
    """Write a store that nobody has open into a new file, without what was deleted; rows a table.

    The tables ``empty`` have none there.
    """
    try:
        copy_store(source, target, empty)
        target.chmod(0o600)
        with duckdb.connect(str(target), read_only=True) as fresh:
            names = fresh.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
            return {
                name: int(fresh.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])
                for (name,) in names
            }
    except duckdb.Error as e:
        raise StoreError(f"The store could not be copied: {first_line(e)}") from e


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
        raise StoreError(f"The paths of a restored store could not be set: {first_line(e)}") from e


def copy_store(source: Path, target: Path, empty: Sequence[str] = ()) -> None:
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
