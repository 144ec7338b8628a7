"""Files: written whole or not at all, locked between processes, known by their digest.

Everything that Rapt writes and that somebody may read meanwhile goes through ``replacing``
or one of the functions made from it: a reader sees the old file or the new one, never half.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import secrets
import stat
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from filelock import BaseFileLock

    #: Any value of JSON, as it is read from a file or a request, or written to one. Of what is
    #: read, arrays are lists and objects dictionaries.
    Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]
    JsonObject = dict[str, Json]
else:  # whoever asks for a field's type at run time learns that it is a dictionary
    Json, JsonObject = object, dict[str, object]

#: How a half-written file ends; a killed process may leave one.
PART = ".part"


@contextmanager
def replacing(path: Path, *, mode: int | None = None) -> Iterator[Path]:
    """A path to write to; what was written there takes ``path``'s place at the end.

    The file's content is on the disk before it gets its name. When the body raises, ``path``
    stays as it was and nothing is left over. ``mode`` is the new file's permissions: what the
    body writes is never readable by more people than that.
    """
    part = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}{PART}")
    try:
        if mode is not None:
            os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Replace a file's content in one step; its folder is made where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path, mode=mode) as part:
        part.write_bytes(content)


def write_text(path: Path, text: str) -> None:
    """Replace a text file, UTF-8, in one step."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: Any) -> None:
    """Replace a JSON file in one step."""
    write_text(path, json.dumps(value, ensure_ascii=False))


def read_json(path: Path) -> Any | None:
    """A JSON file's value, or None where there is no such file. ValueError where it is no JSON."""
    try:
        return parse_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except IsADirectoryError as error:
        raise ValueError("it is a folder") from error


def parse_json(text: bytes | str) -> Any:
    """The value of a JSON text. ValueError for whatever else: not UTF-8, or nested too deep."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("its JSON is nested too deep") from error


def remove_parts(folder: Path) -> None:
    """Remove what killed writers left half-written in a folder."""
    for part in folder.glob(f"*{PART}"):
        part.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make sure that a folder's new names survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# -- locks ------------------------------------------------------------------------------


def lock(path: Path, *, wait_s: float = 0.0) -> BaseFileLock | None:
    """Take the lock on a file, or None where another holds it for longer than ``wait_s``.

    The lock goes with ``release()``, and with the process however it ends; a forked child
    does not keep it.
    """
    from filelock import Timeout

    taken = _file_lock(path)
    try:
        taken.acquire(timeout=wait_s)
    except Timeout:
        return None
    return taken


def _file_lock(path: Path) -> BaseFileLock:
    from filelock import FileLock

    # No soft locks: they would outlive a killed process. One hold for all threads: a session
    # begins in one thread and ends in another.
    return FileLock(
        path, mode=0o600, thread_local=False, fallback_to_soft=False, poll_interval=0.01
    )


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock on a file, after waiting for it for as long as it takes."""
    with _file_lock(path):
        yield


def is_locked(path: Path) -> bool:
    """Whether some process holds the lock on a file. Looking makes no file."""
    if not path.exists():
        return False
    taken = lock(path)
    if taken is None:
        return True
    taken.release()
    return False


def lock_to_inherit(path: Path, *, wait_s: float = 0.0) -> int | None:
    """As ``lock``, but an open descriptor, for a child process to inherit.

    flock belongs to the open file and not to the process: a child that inherits the
    descriptor holds the lock as well, and keeps it when the parent closes its own. (A
    ``FileLock`` keeps its descriptor to itself, so this lock is taken without it.)
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    until = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        except BlockingIOError:
            if time.monotonic() >= until:
                os.close(handle)
                return None
            time.sleep(0.01)


# -- digests and names ------------------------------------------------------------------


def sha256_of(content: bytes) -> str:
    """The SHA-256 digest of some bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def sha256_of_file(path: Path) -> str:
    """The SHA-256 digest of a file's content; memory stays flat however large it is."""
    # O_NONBLOCK: a pipe that nobody writes to would hold us for ever
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "not a file", str(path))
        return hashlib.file_digest(file, "sha256").hexdigest()


def safe_name(name: str, limit: int = 80) -> str:
    """Any text as the name of a file to write: letters, digits, ``-_ .``; never empty."""
    kept = "".join(c if c.isalnum() or c in "-_ ." else "_" for c in name).strip(" .")
    return kept[:limit] or "session"


def safe_file_name(given: str, limit: int = 120) -> str:
    """A file name that came from elsewhere: one part that any system takes.

    Never a path, never hidden; at most ``limit`` bytes, and its ending is kept.
    """
    name = unicodedata.normalize("NFC", given).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(c for c in name if c.isprintable() and c not in '<>:"|?*').strip(" .")
    stem, dot, end = name.rpartition(".")
    if not dot or len(end) > 10:
        stem, end = name, ""
    room = limit - len(end.encode()) - 1
    stem = stem.encode()[:room].decode("utf-8", "ignore").strip(" .") or "recording"
    return f"{stem}.{end}" if end else stem
