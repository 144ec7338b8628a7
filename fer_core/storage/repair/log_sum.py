"""The length and checksum of the store's log, written after every change.

DuckDB takes a damaged last entry of its log for one that a crash cut short, and passes over it
without a word: an acknowledged change would be gone and nobody told. With the sum it is seen.
"""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import Final

from fer_core.errors import StoreDamaged

#: The first bytes of both of a DuckDB file's headers; they change with every checkpoint.
_HEADERS: Final = ((4096, 64), (8192, 64))
_FORM: Final = struct.Struct(">128sQI")
_CHECK: Final = struct.Struct(">I")
_BLOCK: Final = 1 << 20


def log_of(database: Path) -> Path:
    """The file of changes since the last checkpoint."""
    return database.with_name(database.name + ".wal")


def sums_of(database: Path) -> Path:
    """The file with the log's length and checksum as of the last change."""
    return database.with_name(database.name + ".wal.sum")


class LogSum:
    """Follows the log of an open store; only its one writer may call ``note``."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._headers = b""
        self._length = self._sum = 0

    def note(self) -> None:
        """Write down the log as it is now: what was added to it since is summed up."""
        headers, length = _headers(self._database), _length(log_of(self._database))
        if headers != self._headers or length < self._length:
            self._headers, self._length, self._sum = headers, 0, 0
        self._sum = _sum(log_of(self._database), self._length, length, self._sum)
        self._length = length
        told = _FORM.pack(self._headers, self._length, self._sum)
        handle = os.open(sums_of(self._database), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(handle, told + _CHECK.pack(zlib.crc32(told)), 0)
        finally:
            os.close(handle)


def check_log(database: Path, hint: str) -> None:
    """StoreDamaged where the log is not what it was after the last change that was kept.

    A sum from before a checkpoint, or one that was cut short itself, says nothing.
    """
    try:
        content = sums_of(database).read_bytes()
    except FileNotFoundError:
        return
    told, check = content[: _FORM.size], content[_FORM.size :]
    if len(content) != _FORM.size + _CHECK.size or _CHECK.unpack(check)[0] != zlib.crc32(told):
        return
    headers, length, total = _FORM.unpack(told)
    if headers != _headers(database):
        return
    log, here = log_of(database), _length(log_of(database))
    if here < length:
        raise StoreDamaged(
            f"The store's log {log} has lost its end: {length - here:,} of {length:,} bytes.", hint
        )
    if _sum(log, 0, length, 0) != total:
        raise StoreDamaged(
            f"The store's log {log} is damaged: its {length:,} bytes are not as they were written.",
            hint,
        )


def _headers(database: Path) -> bytes:
    try:
        handle = os.open(database, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return b""
    try:
        return b"".join(os.pread(handle, size, at) for at, size in _HEADERS)
    finally:
        os.close(handle)


def _length(log: Path) -> int:
    try:
        return log.stat().st_size
    except FileNotFoundError:
        return 0


def _sum(log: Path, start: int, end: int, total: int) -> int:
    """The checksum of a stretch of the log, going on from that of what comes before it."""
    if end <= start:
        return total
    with log.open("rb") as file:
        file.seek(start)
        while start < end and (block := file.read(min(_BLOCK, end - start))):
            total = zlib.crc32(block, total)
            start += len(block)
    return total
