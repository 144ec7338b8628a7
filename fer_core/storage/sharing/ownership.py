"""Who owns the store: a file lock, and a socket path that always fits."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from fer_core.errors import StoreError
from fer_core.files import lock, sha256_of, write_text
from fer_core.home import Home

if TYPE_CHECKING:
    from filelock import BaseFileLock

_LONGEST = 100  # bytes; the system's limit for a socket's path is 104 to 108


class OwnerLock:
    """The lock on ``owner.lock``. Held by one process; gone when it ends, however it ends."""

    def __init__(self, held: BaseFileLock) -> None:
        self._held = held

    @classmethod
    def take(cls, home: Home) -> OwnerLock | None:
        """The lock, or None where another holds it."""
        try:
            home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            home.make_private()
            held = lock(home.owner_lock)
        except OSError as e:
            raise StoreError(
                f"The folder {home.root} cannot be used: {e.strerror}.",
                "Check its permissions, or choose another with --home.",
            ) from e
        if held is None:
            return None
        home.owner_lock.write_text(f"{os.getpid()}\n", encoding="ascii")  # for owner_pid
        return cls(held)

    def release(self) -> None:
        self._held.release()


def owner_pid(home: Home) -> int | None:
    """The process that owns the store, as far as the lock file tells."""
    try:
        return int(home.owner_lock.read_text().strip())
    except (FileNotFoundError, ValueError):
        return None


def place_socket(home: Home) -> Path:
    """Where this owner's socket goes; a deep home gets a short private folder instead."""
    note = _note(home)
    if len(os.fsencode(home.owner_socket)) <= _LONGEST:
        note.unlink(missing_ok=True)
        return home.owner_socket
    name = sha256_of(os.fsencode(home.root))[:16]
    folder = Path(tempfile.gettempdir()) / f"rapt-{os.getuid()}-{name}"
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        seen = folder.lstat()
        ours = stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.getuid()
        if not ours or stat.S_IMODE(seen.st_mode) != 0o700:
            folder = Path(tempfile.mkdtemp(prefix="rapt-"))
    path = folder / "owner.sock"
    write_text(note, str(path))
    return path


def find_socket(home: Home) -> Path:
    """Where the owner's socket is, whether or not anybody listens there."""
    try:
        return Path(_note(home).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return home.owner_socket


def clear_socket(home: Home) -> None:
    """Leave nothing of the socket behind. The owner's last act before it lets the lock go."""
    path = find_socket(home)
    path.unlink(missing_ok=True)
    if path != home.owner_socket:
        _note(home).unlink(missing_ok=True)
        if path.parent.is_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()


def _note(home: Home) -> Path:
    return home.root / "owner.sock.path"
