"""A session's timeline as a file to keep, made when it is asked for."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from fer_core.storage import Store
from fer_core.storage.export import export_timelines

FORMATS: Final = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def export(store: Store, session_id: str, form: str) -> bytes:
    """The whole timeline, in the columns that every export has."""
    with tempfile.TemporaryDirectory(prefix="rapt-export-") as folder:
        target = Path(folder) / f"timeline.{form}"
        export_timelines(store, [session_id], target)
        return target.read_bytes()


def file_name(name: str, form: str) -> str:
    kept = "".join(c if c.isalnum() or c in "-_ ." else "_" for c in name).strip(" .")
    return f"{kept[:80] or 'session'}.{form}"
