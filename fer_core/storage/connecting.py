"""How the store's file is opened: who may hold it, whether its log is whole, what to do if not."""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from fer_core.errors import StoreDamaged, StoreError
from fer_core.storage.repair.log_sum import check_log, log_of

#: How a log begins (DuckDB 2.0): the entry that names its version.
LOG_BEGINS = b"\x64\x00\x62\x65\x00"


def connect(path: Path, wait_s: float) -> Any:
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
                    f"The store {path} cannot be opened: {first_line(e)}",
                    "Make room, or give its user the permission back: rapt doctor --repair.",
                ) from e
            if not _is_held(e):
                raise StoreDamaged(
                    f"The store {path} cannot be opened: {first_line(e)}", _way_out(path)
                ) from e
            if time.monotonic() > until:
                raise StoreError(
                    f"Another program has the store {path} open: {first_line(e)}",
                    "Close the program that is named there, then try again.",
                ) from e
            time.sleep(0.05)
        except duckdb.Error as e:
            raise StoreDamaged(
                f"The store {path} is not readable: {first_line(e)}", _way_out(path)
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


def first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
