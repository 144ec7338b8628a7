"""Bring a store to this version's tables: named steps, in order, in one transaction.

Each ``NNN_name.sql`` beside this file is a step, called ``NNN-name`` in the store. A
released one is never edited: what comes later is another file.

The table ``migrations`` lists the steps a store has had. A store that lacks some is
copied aside and then brought forward; a store that has one this program does not know
was made by a newer Rapt and is refused, because writing to it could lose what it holds.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fer_core.errors import StoreError
from fer_core.files import replacing


@dataclass(frozen=True, slots=True)
class Migration:
    name: str
    sql: str


def _load() -> tuple[Migration, ...]:
    files = sorted(Path(__file__).parent.glob("[0-9]*.sql"))
    return tuple(Migration(f.stem.replace("_", "-"), f.read_text("utf-8")) for f in files)


MIGRATIONS: tuple[Migration, ...] = _load()


def applied(connection: Any) -> list[str]:
    """The names of the steps this store has had; empty for a new one."""
    known = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'migrations'"
    ).fetchone()[0]
    if not known:
        return []
    rows = connection.execute("SELECT name FROM migrations ORDER BY name").fetchall()
    return [row[0] for row in rows]


def missing(had: list[str]) -> list[Migration]:
    """The steps still to do. StoreError where the store knows more than this program."""
    names = [step.name for step in MIGRATIONS]
    newer = [name for name in had if name not in names]
    if newer:
        raise StoreError(
            f"This store was made by a newer version of Rapt (it has {', '.join(newer)}).",
            "Update Rapt, or point --home at another folder.",
        )
    return [step for step in MIGRATIONS if step.name not in had]


def migrate(connection: Any, steps: list[Migration]) -> None:
    """Apply ``steps`` in one transaction: all of them or none."""
    connection.execute("BEGIN")
    try:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations (name VARCHAR PRIMARY KEY, applied TIMESTAMP)"
        )
        for step in steps:
            connection.execute(step.sql)
            connection.execute("INSERT INTO migrations VALUES (?, ?)", [step.name, now()])
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def copy_aside(database: Path, label: str) -> Path:
    """Copy a store that nobody has open, with its log, beside itself; returns the copy."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    target = database.with_name(f"{database.stem}.before-{label}.{stamp}{database.suffix}")
    with replacing(target, mode=0o600) as part:
        shutil.copyfile(database, part)
    return target


def now() -> datetime:
    """The time as the store keeps it: UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)
