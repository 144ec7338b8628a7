"""Put a backup in a home's place, there or elsewhere: checked whole before anything is replaced.

Paths below the old home become paths below the new one. What was forgotten for good, in the home
or beside the backup, is removed before anybody can read it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from fer_core import problems
from fer_core.errors import StoreError, disk_full
from fer_core.files import read_json, sync_folder, write_json
from fer_core.home import Home
from fer_core.keeping.backup import MANIFEST, Filed, Manifest, read_manifest, scratch
from fer_core.storage import open_store
from fer_core.storage.copying import move_paths
from fer_core.storage.removal import erasure, forgotten
from fer_core.storage.sharing.ownership import OwnerLock, owner_pid
from fer_core.storage.tables import TABLES
from fer_core.storage.timeline.session_file import FILE

_BLOCK: Final = 1 << 20
DATABASE: Final = Home(Path()).database.name


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore brought back."""

    sessions: int
    files: int
    forgotten: int  # entries of the list that were in the backup and are not any more
    without_recordings: int  # sessions whose recording the backup does not hold


def restore(home: Home, archive: Path, *, replace: bool = False) -> Restored:
    """Put a backup's store and folders in the place of the home's.

    StoreError where there is a store already and ``replace`` is not said, where a process has it
    open, or where the backup is damaged: then nothing was changed.
    """
    about = read_manifest(archive)
    if home.database.exists() and not replace:
        raise StoreError(
            f"There is a store in {home.root} already.",
            "Restore into another --home, or give --replace: what is there now is removed.",
        )
    home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = OwnerLock.take(home)
    if lock is None:
        raise StoreError(
            f"Process {owner_pid(home)} has the store of {home.root} open.",
            "End `rapt serve` and other commands there, then restore.",
        )
    try:
        beside = archive.with_name(forgotten.FILE)
        entries = forgotten.add(home.forgotten, forgotten.read(beside))
        with scratch(home.root) as work:
            whole = work / "whole"
            unpack(archive, about, whole)
            move_home(whole, about.home, str(home.root))
            # the home's own goes, also where an older backup has none
            (whole / home.archive.name).mkdir(mode=0o700, exist_ok=True)
            shutil.rmtree(home.restored, ignore_errors=True)
            erasure.ask(home)  # no page of the new store holds an old path either
            whole.replace(home.restored)
        sync_folder(home.root)
    except OSError as error:
        raise _not_restored(home, error) from error
    finally:
        lock.release()
    with open_store(home, look_after=False) as store:  # puts it in place and forgets
        store.sync()
        store.erase()
        found = store.sessions.overview()
        recordings = store.frame("SELECT path FROM sessions WHERE path NOT NULL")["path"]
    lacking = sum(not Path(path).exists() for path in recordings if path.startswith(str(home.root)))
    problems.problems(home)
    known = about.forgotten
    return Restored(found.sessions, len(about.files), max(0, len(entries) - known), lacking)


def _not_restored(home: Home, error: OSError) -> StoreError:
    if disk_full(error):
        return StoreError(
            "The disk is full: nothing was restored, and nothing changed.",
            f"Make room for the backup in {home.root}, then try again.",
        )
    return StoreError(f"The backup could not be put into {home.root}: {error.strerror or error}.")


def unpack(archive: Path, about: Manifest, target: Path) -> None:
    """Write every file of a backup, checked against its manifest. StoreError where one differs."""
    target.mkdir(mode=0o700)
    try:
        with zipfile.ZipFile(archive) as packed:
            there = {entry.filename for entry in packed.infolist()} - {MANIFEST}
            if there < set(about.files):
                raise StoreError(f"{archive} lacks files that its manifest names.", "Take another.")
            for name, filed in about.files.items():
                _unpack_one(packed, name, filed, target)
    except (zipfile.BadZipFile, EOFError, ValueError) as error:
        raise _damaged(archive, str(error)) from error


def _unpack_one(packed: zipfile.ZipFile, name: str, filed: Filed, target: Path) -> None:
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts:
        raise _damaged(Path(packed.filename or ""), f"{name!r} leads out of it")
    path = target.joinpath(*parts)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with packed.open(name) as source, path.open("xb") as out:
        while block := source.read(_BLOCK):
            size += len(block)
            if size > filed.bytes:
                break
            digest.update(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    if size != filed.bytes or digest.hexdigest() != filed.sha256:
        raise _damaged(Path(packed.filename or ""), f"{name} is not as it was written")
    os.utime(path, ns=(filed.mtime_ns, filed.mtime_ns))


def _damaged(archive: Path, why: str) -> StoreError:
    return StoreError(
        f"The backup {archive} is damaged: {why}.", "Nothing was changed; take another backup."
    )


def move_home(folder: Path, old: str, new: str) -> None:
    """In a store and session files that nobody has open, let what was below ``old`` lie below
    ``new``."""
    if old == new:
        return
    columns = {table.name: table.paths for table in TABLES if table.paths}
    move_paths(folder / DATABASE, columns, old, new)
    inside = old.rstrip("/") + "/"
    for path in (folder / "sessions").glob(f"*/{FILE}"):
        try:
            value = read_json(path)
        except (ValueError, OSError):
            continue  # damaged when it was backed up: named when it is read
        if not isinstance(value, dict):
            continue
        where = value.get("path")
        if isinstance(where, str) and where.startswith(inside):
            written = path.stat().st_mtime_ns
            write_json(path, {**value, "path": f"{new}/{where.removeprefix(inside)}"})
            os.utime(path, ns=(written, written))  # the store has followed it already
