"""Backups: one zip with the store as it is between two changes, and what belongs to it.

It can be made while Rapt runs. The manifest comes last and holds a checksum of every file: an
archive that was cut short has none and is no backup. Each says how much of the list of what was
forgotten it already follows.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fer_core import __version__
from fer_core.errors import StoreError, disk_full
from fer_core.files import PART, locked, parse_json, replacing
from fer_core.home import Home
from fer_core.places import PLACES, InBackup
from fer_core.storage.copying import write_compact
from fer_core.storage.removal import forgotten
from fer_core.storage.settings import SetSetting
from fer_core.storage.tables import TABLES

if TYPE_CHECKING:
    from fer_core.storage import Store

ENDING: Final = ".rapt.zip"
MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
#: Folders elsewhere to which backups were written: the list of what was forgotten goes there too.
PLACES_SETTING: Final = "backup.places"
_BLOCK: Final = 1 << 20
#: Packed already: deflating them again only costs time.
_PACKED: Final = {".parquet", ".npz", ".mp4", ".webm", ".mkv", ".mov", ".jpg", ".png", ".tflite"}


@dataclass(frozen=True, slots=True)
class Filed:
    """One file of a backup."""

    sha256: str
    bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    made: str
    home: str  # where it was made: paths below it are moved when it is restored
    whole: bool  # with recordings, data sets and trainings
    rows: dict[str, int]
    files: dict[str, Filed] = field(default_factory=dict)
    forgotten: int = 0  # so many entries of the list are not in it
    rapt: str = __version__
    format: int = FORMAT


def back_up(store: Store, folder: Path | None = None, *, whole: bool = False) -> Path:
    """Write a backup into a folder, else the home's; its path. Safe while everything runs."""
    home = store.home
    target = (folder or home.backups).expanduser().resolve()
    _remember_place(store, target)
    try:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(target / ".lock"):
            sweep(target)
            name = f"rapt-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}{ENDING}"
            known = len(forgotten.read(home.forgotten))
            # what the store says is archived lies there until both are copied
            with scratch(target) as work, locked(home.archive_lock):
                raw, compact = work / "raw.duckdb", work / "store.duckdb"
                store.backup(raw)
                rows = write_compact(raw, compact, empty=_left_out())
                raw.unlink()
                about = Manifest(
                    made=datetime.now(UTC).isoformat(timespec="seconds"),
                    home=str(home.root), whole=whole, rows=rows, forgotten=known,
                )  # fmt: skip
                pack(home, compact, target / name, about)
            _copy_list(home, target)
    except OSError as error:
        raise _not_written(target, error) from error
    return target / name


def _not_written(target: Path, error: OSError) -> StoreError:
    if disk_full(error):
        return StoreError(
            f"The disk is full: no backup was written to {target}.",
            "Make room there, or write it to another folder with --to.",
        )
    return StoreError(
        f"A backup cannot be written to {target}: {error.strerror or error}.",
        "Check the path and who may write there.",
    )


def pack(home: Home, database: Path, target: Path, about: Manifest) -> None:
    """Write an archive from a home's folders and a copy of its store."""
    with replacing(target, mode=0o600) as part, zipfile.ZipFile(part, "w") as archive:
        about.files[home.database.name] = _add(archive, database, home.database.name)
        for path in contents(home, whole=about.whole):
            name = path.relative_to(home.root).as_posix()
            try:
                about.files[name] = _add(archive, path, name)
            except FileNotFoundError:
                continue  # removed meanwhile, as a deleted session's
        archive.writestr(MANIFEST, json.dumps(asdict(about)), zipfile.ZIP_DEFLATED)


def contents(home: Home, *, whole: bool) -> Iterator[Path]:
    """The files beside the store that a backup holds. Locks and half-written files are none."""
    wanted = {InBackup.ALWAYS} | ({InBackup.WHOLE} if whole else set())
    for place in PLACES:
        if place.backup not in wanted or place.name == home.database.name:
            continue
        for root, folders, files in os.walk(home.root / place.name):
            folders.sort()
            for name in sorted(files):
                path = Path(root, name)
                if not (name.endswith((PART, ".lock")) or name.startswith(".")) and path.is_file():
                    yield path


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> Filed:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        found = os.fstat(file.fileno())
        entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        packed = path.suffix.lower() in _PACKED
        entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        entry.external_attr = 0o600 << 16
        with archive.open(entry, "w", force_zip64=True) as out:
            while block := file.read(_BLOCK):
                digest.update(block)
                size += len(block)
                out.write(block)
    return Filed(digest.hexdigest(), size, found.st_mtime_ns)


def read_manifest(path: Path) -> Manifest:
    """What a backup says of itself. StoreError where it is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            value: dict[str, Any] = parse_json(archive.read(MANIFEST))
        if value["format"] > FORMAT:
            raise StoreError(f"{path} was made by a newer version of Rapt.", "Update Rapt.")
        files = {name: Filed(**one) for name, one in value.pop("files").items()}
        return Manifest(**value, files=files)
    except FileNotFoundError as error:
        raise StoreError(f"There is no backup {path}.", "Check its name and folder.") from error
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise StoreError(
            f"{path} is no backup, or damaged: {error}.", "Take another; `rapt backup --list`."
        ) from error


def backups(folder: Path) -> list[Path]:
    """The backups of a folder, oldest first."""
    return sorted(folder.glob(f"rapt-*{ENDING}"))


def keep_newest(folder: Path, number: int) -> list[Path]:
    """Remove all backups of a folder but the newest ``number``; the removed ones."""
    old = backups(folder)[:-number] if number else []
    for path in old:
        path.unlink(missing_ok=True)
    return old


def known_places(store: Store) -> list[Path]:
    """The folders to which backups were written, the home's own first."""
    kept = (one for one in store.settings.get(PLACES_SETTING, []) if isinstance(one, str))
    return list(dict.fromkeys([store.home.backups, *map(Path, kept)]))


def _remember_place(store: Store, folder: Path) -> None:
    known = known_places(store)
    if folder not in known:
        store.run(SetSetting(name=PLACES_SETTING, value=[str(p) for p in (*known[1:], folder)]))


def _copy_list(home: Home, folder: Path) -> None:
    entries = forgotten.read(home.forgotten)
    if entries and folder != home.root:
        forgotten.add(folder / forgotten.FILE, entries)


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A folder for half-made things, which goes at the end, or with the next backup."""
    work = Path(tempfile.mkdtemp(prefix=".work-", dir=folder))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Remove what a killed backup left; only the holder of the folder's lock may."""
    for left in folder.glob(".work-*"):
        shutil.rmtree(left, ignore_errors=True)
    for left in folder.glob(f".rapt-*{PART}"):
        left.unlink(missing_ok=True)


def _left_out() -> tuple[str, ...]:
    return tuple(table.name for table in TABLES if not table.backup)
