"""Who owns the store: a file lock, and a socket path that always fits."""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
import tempfile
import weakref
from pathlib import Path

from fer_core.errors import StoreError
from fer_core.home import Home

_LONGEST = 100  # bytes; the system's limit for a socket's path is 104 to 108

_held: weakref.WeakSet[OwnerLock] = weakref.WeakSet()


class OwnerLock:
    """The lock on ``owner.lock``. Held by one process; gone when it ends, however it ends."""

    def __init__(self, handle: int) -> None:
        self._handle: int | None = handle
        _held.add(self)

    @classmethod
    def take(cls, home: Home) -> OwnerLock | None:
        """The lock, or None where another holds it."""
        try:
            home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(home.owner_lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as e:
            raise StoreError(
                f"The folder {home.root} cannot be used: {e.strerror}.",
                "Check its permissions, or choose another with --home.",
            ) from e
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        return cls(handle)

    def release(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _let_go_in_child() -> None:
    """A forked child must not keep the lock of a parent that dies."""
    for lock in list(_held):
        lock.release()


os.register_at_fork(after_in_child=_let_go_in_child)


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
    name = hashlib.sha256(os.fsencode(home.root)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"rapt-{os.getuid()}-{name}"
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        seen = folder.lstat()
        ours = stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.getuid()
        if not ours or stat.S_IMODE(seen.st_mode) != 0o700:
            folder = Path(tempfile.mkdtemp(prefix="rapt-"))
    path = folder / "owner.sock"
    part = note.with_suffix(".part")
    part.write_text(str(path), encoding="utf-8")
    part.replace(note)
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
