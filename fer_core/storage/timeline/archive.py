"""Old timelines as Parquet files below the home: how they are written, queried and taken back.

The table ``archived`` says whose rows lie in a file, one file a session, in folders by study and
month. It changes in one transaction with the table ``timeline``, so a session's rows are always
in one of the two. A file that it does not name is a leftover (``sweep``) or a find (``adopt``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from fer_core.errors import StoreError
from fer_core.files import lock, replacing, sha256_of_file
from fer_core.home import Home
from fer_core.storage.migrations import now
from fer_core.storage.reading import Query, names_table, with_tables
from fer_core.storage.timeline.shards import STORED_SCHEMA

if TYPE_CHECKING:
    from fer_core.storage.database import Writer

#: Under which name a query's cursor has the archived rows.
_ROWS: Final = "archived_rows"
_BOTH: Final = f"(SELECT * FROM main.timeline UNION ALL BY NAME SELECT * FROM {_ROWS})"
_TEXTS: Final = ["session_id", "why_not", "emotion"]
_FLOATS: Final = [one.name for one in STORED_SCHEMA if pa.types.is_floating(one.type)]
_GROUP: Final = 100_000  # rows
#: A page that is not as it was written is an error, not other numbers.
_CHECKED: Final = ds.ParquetFileFormat(
    default_fragment_scan_options=ds.ParquetFragmentScanOptions(page_checksum_verification=True)
)
_IDS: Final = "(SELECT unnest($ids::VARCHAR[]))"
_FOLDERS: Final = "study=*/month=*"


class ArchiveMoved(StoreError):
    """A file went while it was read: its rows are in the table now, or it is lost."""


def reach(cursor: Any, query: Query, home: Home) -> tuple[Query, list[Path]]:
    """A query as it reads the archived rows too, and the files that it then reads.

    Whoever reads the timeline binds the ids of the sessions it reads: only their files are opened.
    """
    ids = sorted(_texts(query.params.values()))
    if not ids or not names_table(query.sql, "timeline"):
        return query, []
    sql = f"SELECT file FROM archived WHERE session_id IN {_IDS}"
    files = [home.root / name for (name,) in cursor.execute(sql, {"ids": ids}).fetchall()]
    if not files:
        return query, []
    check_there(files)
    cursor.register(_ROWS, _rows_of(files))
    if "main.timeline" in query.sql:  # without what somebody may not see
        return replace(query, sql=query.sql.replace("main.timeline", _BOTH)), files
    return replace(query, sql=with_tables(query.sql, {"timeline": f"SELECT * FROM {_BOTH}"})), files


def _rows_of(files: Iterable[Path]) -> ds.Dataset:
    return ds.dataset([str(path) for path in files], STORED_SCHEMA, format=_CHECKED)


def check_there(files: Iterable[Path]) -> None:
    """ArchiveMoved where one of the files is gone."""
    for path in files:
        if not path.is_file():
            raise ArchiveMoved(
                f"The archived timeline {path} is gone.", "Put it back from a backup."
            )


def _texts(values: Iterable[object]) -> set[str]:
    found = set()
    for value in values:
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, list | tuple):
            found |= {one for one in value if isinstance(one, str)}
    return found


def file_of(session_id: str, study_id: str | None, created: datetime) -> str:
    """Where in the home a session's timeline is archived."""
    return f"archive/study={study_id or 'none'}/month={created:%Y-%m}/{session_id}.parquet"


def put(cursor: Writer, home: Home, session_id: str, name: str) -> int:
    """Move a session's rows from the table into a file; how many. The caller asks for erasure.

    StoreError where a backup is under way: it copies table and files one after the other.
    """
    rows = cursor.arrow("SELECT * FROM timeline WHERE session_id = ? ORDER BY rowid", [session_id])
    if not rows.num_rows:
        return 0
    path = home.root / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = lock(home.archive_lock)
    if held is None:
        raise StoreError("A backup is being made.", "Archive when it is done.")
    try:
        with replacing(path, mode=0o600) as part:
            write_rows(rows, part)
            _compare(cursor, session_id, part)
        cursor.execute("DELETE FROM timeline WHERE session_id = ?", [session_id])
        note(cursor, session_id, name, home)
    finally:
        held.release()
    return int(rows.num_rows)


def write_rows(rows: pa.Table, path: Path) -> None:
    """Write a timeline as the archive has it."""
    pq.write_table(
        rows, path, compression="zstd", row_group_size=_GROUP,
        use_dictionary=_TEXTS, use_byte_stream_split=_FLOATS, write_page_checksum=True,
    )  # fmt: skip


def note(cursor: Writer, session_id: str, name: str, home: Home) -> None:
    """Say that a session's rows lie in a file that is there."""
    path = home.root / name
    cursor.execute(
        "INSERT INTO archived VALUES (?, ?, ?, ?, ?, ?)",
        [session_id, name, pq.read_metadata(path).num_rows, path.stat().st_size,
         sha256_of_file(path), now()],
    )  # fmt: skip


def _compare(cursor: Writer, session_id: str, path: Path) -> None:
    """StoreError unless the file holds the rows that the table does."""
    names = ", ".join(STORED_SCHEMA.names)
    counted = f"SELECT count(*), sum(hash({names})) FROM"
    there = cursor.execute(f"{counted} timeline WHERE session_id = ?", [session_id]).fetchall()
    with cursor.having(_ROWS, _rows_of([path])):
        if cursor.execute(f"{counted} {_ROWS}").fetchall() != there:
            raise StoreError(f"The timeline of {session_id} was not written as it is.")


def take_back(cursor: Writer, session_id: str) -> int:
    """Move a session's archived rows into the table again; how many there were.

    Everything that changes a timeline, or works out anew what follows from it, does so first.
    """
    found = cursor.execute("SELECT file, digest FROM archived WHERE session_id = ?", [session_id])
    archived = found.fetchone()
    if archived is None:
        return 0
    path = cursor.home.root / archived[0]
    check_there([path])
    if sha256_of_file(path) != archived[1]:
        raise StoreError(
            f"The archived timeline {path} is damaged.",
            "Put it back from a backup, or analyse the recording again.",
        )
    rows = pq.read_table(path, partitioning=None)
    known = [name for name in STORED_SCHEMA.names if name in rows.column_names]
    cursor.insert_arrow("timeline", rows.select(known))
    cursor.execute("DELETE FROM archived WHERE session_id = ?", [session_id])
    cursor.after.append(lambda: discard(cursor.home, session_id))
    return int(rows.num_rows)


def files(home: Home) -> dict[str, Path]:
    """Every file of the archive, by the id of its session."""
    return {path.stem: path for path in home.archive.glob(f"{_FOLDERS}/[!.]*.parquet")}


def discard(home: Home, session_id: str) -> bool:
    """Remove a session's files from the archive; False while a backup copies it."""
    return _remove(home, list(home.archive.glob(f"{_FOLDERS}/{session_id}.parquet")))


def sweep(home: Home, named: Mapping[str, str], gone: set[str]) -> bool:
    """Remove files that ``named`` (file by session) does not name, of sessions whose rows are in
    the table or that are deleted (``gone``); False while a backup copies the archive."""
    there = files(home).items()
    return _remove(home, [path for key, path in there if key in gone and key not in named])


def _remove(home: Home, paths: list[Path]) -> bool:
    if not paths:
        return True
    held = lock(home.archive_lock)
    if held is None:
        return False
    try:
        for path in paths:
            path.unlink(missing_ok=True)
            for folder in path.parents[:2]:
                with suppress(OSError):  # others lie there
                    folder.rmdir()
    finally:
        held.release()
    return True


def adopt(cursor: Writer, home: Home) -> int:
    """Enter files that nobody names, as a rebuilt store finds them; how many.

    Not of sessions that are deleted, or whose rows the table has.
    """
    known = cursor.execute(
        "SELECT session_id FROM archived UNION SELECT session_id FROM deletions "
        "UNION SELECT session_id FROM timeline"
    )
    had = {session_id for (session_id,) in known.fetchall()}
    found = {key: path for key, path in files(home).items() if key not in had}
    for session_id, path in found.items():
        note(cursor, session_id, path.relative_to(home.root).as_posix(), home)
    return len(found)
