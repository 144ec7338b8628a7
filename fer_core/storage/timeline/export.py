"""Timelines as files to keep: CSV or Parquet, written a stretch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from fer_core.errors import StoreError
from fer_core.files import replacing
from fer_core.storage.timeline.shards import TIMELINE_SCHEMA

if TYPE_CHECKING:
    from fer_core.storage.store import Store

FORMATS: Final = ("csv", "parquet")
_STRETCH_MS: Final = 5 * 60_000


def export_timelines(
    store: Store, session_ids: Sequence[str], target: Path, form: str | None = None
) -> int:
    """Write the sessions' rows, in the columns that every export has; how many there were.

    ``form`` follows from the file's ending where it is not given. The file appears when it
    is whole; memory stays flat for CSV and Parquet.
    """
    form = form or target.suffix.lstrip(".").lower()
    if form not in FORMATS:
        raise StoreError(
            f"There is no export as {form or target.name!r}.", f"Choose {', '.join(FORMATS)}."
        )
    stretches = (table for id_ in session_ids for table in timeline_stretches(store, id_))
    write = {"csv": _write_csv, "parquet": _write_parquet}[form]
    try:
        with replacing(target) as part:
            return write(stretches, part)
    except OSError as error:
        raise StoreError(
            f"{target} cannot be written: {error.strerror}.", "Check the folder and the disk."
        ) from error


def timeline_rows(store: Store, session_id: str) -> int:
    """How many rows its timeline has."""
    return store.timeline.count(session_id)


def timeline_stretches(store: Store, session_id: str) -> Iterator[pa.Table]:
    """A session's rows in order, some minutes at a time."""
    last = store.timeline.last_ms(session_id)
    end = -1 if last is None else last
    columns = ", ".join(TIMELINE_SCHEMA.names)
    for begin in range(0, end + 1, _STRETCH_MS):
        yield store.arrow(
            f"SELECT {columns} FROM timeline WHERE session_id = $id "
            "AND t_ms >= $begin AND t_ms < $end ORDER BY frame, viewer",
            {"id": session_id, "begin": begin, "end": begin + _STRETCH_MS},
        ).cast(TIMELINE_SCHEMA)


def _write_csv(stretches: Iterator[pa.Table], path: Path) -> int:
    rows = 0
    options = pa_csv.WriteOptions(quoting_style="needed")
    with pa_csv.CSVWriter(path, TIMELINE_SCHEMA, write_options=options) as out:
        for table in stretches:
            out.write_table(_no_formulas(table))
            rows += table.num_rows
    return rows


def _no_formulas(table: pa.Table) -> pa.Table:
    """The same with texts that a spreadsheet does not run (``text.FORMULA``)."""
    for at, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            texts = pc.replace_substring_regex(
                table.column(at), pattern=r"^([=+\-@\t\r])", replacement=r"'\1"
            )
            table = table.set_column(at, field, texts)
    return table


def _write_parquet(stretches: Iterator[pa.Table], path: Path) -> int:
    rows = 0
    with pq.ParquetWriter(path, TIMELINE_SCHEMA, compression="zstd") as out:
        for table in stretches:
            out.write_table(table)
            rows += table.num_rows
    return rows
