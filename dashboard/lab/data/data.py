"""The data sets at hand: named by a path, dropped on the page, or made of one's own labels."""

from __future__ import annotations

import csv
import io
import shutil
import stat
import struct
import zipfile
import zlib
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from dashboard.shared.web.upload.uploads import SPARE, Arrived
from fer_core.errors import DataError, disk_full
from fer_core.files import JsonObject
from fer_core.home import Home
from fer_core.jobs import queue
from fer_core.jobs.data_inspection import (
    DataInspection,
    inspect_data,
    inspection_path,
    known_inspection,
)
from fer_core.jobs.own_labels import OwnFaces, folder_files, own_faces, verdicts, write_kaggle
from fer_core.storage import Store, new_id
from fer_core.storage.jobs import Job
from fer_core.storage.settings import DATA_SETS_SETTING, SetSetting
from fer_core.training.datasets import SPLITS, emotion_of, from_labels
from fer_core.training.readers.folders import PICTURES, emotion_folders

#: An archive may not hold more than this, unpacked.
MOST_FILES: Final = 400_000
MOST_BYTES: Final = 8_000_000_000
FOR_DATA: Final = "data"  # what an upload says it is for


@dataclass(frozen=True, slots=True)
class Known:
    """A data set that was added; ``imported`` ones lie in the home."""

    data_id: str
    name: str
    path: str
    imported: bool
    added: str

    @property
    def here(self) -> bool:
        return Path(self.path).exists()


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a data set: its inspection, and the job that makes one."""

    inspection: DataInspection | None
    job: Job | None


def folder(home: Home) -> Path:
    return home.root / "data-sets"


def known(store: Store) -> list[Known]:
    """Every data set that was added, in that order."""
    return [Known(**one) for one in store.settings.get(DATA_SETS_SETTING, []) if _is_known(one)]


def _is_known(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {one.name for one in fields(Known)}
        and all(isinstance(one, bool if key == "imported" else str) for key, one in value.items())
    )


def _write(store: Store, sets: list[Known]) -> None:
    store.run(SetSetting(name=DATA_SETS_SETTING, value=[asdict(one) for one in sets]))


def add_path(store: Store, given: str) -> Known:
    """Add a data set that lies on this machine; it stays where it is."""
    text = given.strip().strip("\"'")
    path = Path(text).expanduser()
    if not text or not path.is_absolute():
        raise DataError("A data set is named by its full path.", "Start it with / or ~.")
    path = path.resolve()
    check(path)
    sets = known(store)
    for one in sets:
        if one.path == str(path):
            inspect(store, one)
            return one
    return _add(store, sets, Known(new_id("data_set"), path.name, str(path), False, _now()))


def add_imported(store: Store, name: str, path: Path) -> Known:
    """Add a data set that lies in the home; removing it deletes its folder."""
    return _add(store, known(store), Known(path.parent.name, name, str(path), True, _now()))


def _add(store: Store, sets: list[Known], one: Known) -> Known:
    _write(store, [*sets, one])
    inspect(store, one)
    return one


def check(path: Path) -> None:
    """Refuse at once what is no data set, without reading all of it."""
    if path.is_dir():
        if not list(path.glob("*_labels.npz")):
            emotion_folders(path)
        return
    if not path.is_file():
        raise DataError(f"There is no file or folder {path}.", "Check the path.")
    try:
        with path.open(newline="", encoding="utf-8") as lines:
            header = [name.strip().lower() for name in next(csv.reader(lines), [])]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path.name} is no CSV file.", "Give Kaggle's CSV or a folder.") from error
    if "emotion" not in header or "pixels" not in header:
        raise DataError(
            f"{path.name} has the columns {', '.join(header)[:80] or 'of an empty file'}, "
            "not emotion, pixels and Usage.",
            "Give a CSV as Kaggle's FER2013 has it, or a zip of a folder for each emotion.",
        )


def take_in(home: Home, store: Store, arrived: Arrived) -> JsonObject:
    """A data set that was dropped on the page: a CSV, or a zip of emotion folders."""
    data_id = new_id("data_set")
    name = Path(arrived.name).stem
    target = folder(home) / data_id
    target.mkdir(parents=True)
    try:
        if zipfile.is_zipfile(arrived.path):
            unpack(arrived.path, target / name)
            path = _top(target / name)
        else:
            path = target / arrived.name
            shutil.move(arrived.path, path)
        check(path)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    finally:
        arrived.path.unlink(missing_ok=True)
        if arrived.path.parent.is_dir() and not any(arrived.path.parent.iterdir()):
            arrived.path.parent.rmdir()
    one = _add(store, known(store), Known(data_id, name, str(path), True, _now()))
    return {"name": one.name, "data_id": one.data_id, "duplicate": False}


#: How damaged, encrypted and unknown archives show, in their list or in the middle of a file.
DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError,
    OSError, struct.error, OverflowError, IndexError,
)  # fmt: skip
#: Pictures hardly shrink, and a CSV of grey levels by three: what unpacks to more is no data set.
MOST_UNPACKED: Final = 25
ALWAYS_FINE: Final = 100_000_000


def _no_room(archive: Path) -> DataError:
    return DataError(f"There is no room on this disk for {archive.name}.", "Make room.")


def unpack(archive: Path, target: Path) -> int:
    """Pictures and CSV files out of an archive, and nothing that leads out of the folder."""
    count = size = 0
    try:
        with zipfile.ZipFile(archive) as content:
            for entry in content.infolist():
                parts = Path(entry.filename.replace("\\", "/")).parts
                ending = Path(entry.filename).suffix.lower()
                link = stat.S_ISLNK(entry.external_attr >> 16)
                if link or ".." in parts or entry.filename.startswith(("/", "\\")):
                    raise DataError(
                        f"{archive.name} names a place outside of it ({entry.filename}).",
                        "Pack the folder anew.",
                    )
                hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
                if entry.is_dir() or hidden or ending not in (*PICTURES, ".csv"):
                    continue
                count, size = count + 1, size + entry.file_size
                if size > max(ALWAYS_FINE, MOST_UNPACKED * archive.stat().st_size):
                    raise DataError(
                        f"{archive.name} unpacks to more than {MOST_UNPACKED} times its size.",
                        "Unpack it yourself and name the folder's path.",
                    )
                if size > shutil.disk_usage(target.parent).free - SPARE:
                    raise _no_room(archive)
                if count > MOST_FILES or size > MOST_BYTES:
                    raise DataError(
                        f"{archive.name} holds more than {MOST_FILES:,} files or "
                        f"{MOST_BYTES / 1e9:.0f} GB.",
                        "Unpack it yourself and name the folder's path.",
                    )
                path = target.joinpath(*parts)
                path.parent.mkdir(parents=True, exist_ok=True)
                with content.open(entry) as source, path.open("wb") as out:
                    shutil.copyfileobj(source, out)
    except DAMAGED as error:
        if isinstance(error, OSError) and disk_full(error):
            raise _no_room(archive) from error
        raise DataError(f"{archive.name} cannot be unpacked: {error}.", "Pack it anew.") from error
    if not count:
        raise DataError(
            f"{archive.name} holds no picture and no CSV.", "Pack a folder for each emotion."
        )
    return count


def _top(path: Path) -> Path:
    """Past folders that only hold another one: archives often have one around all of it."""
    while True:
        inside = sorted(path.iterdir())
        if len(inside) != 1:
            return path
        one = inside[0]
        if one.is_file():
            return one if one.suffix.lower() == ".csv" else path
        if emotion_of(one.name) is not None or one.name.lower() in SPLITS:
            return path
        path = one


def remove(home: Home, store: Store, data_id: str) -> None:
    """Take a data set off the list; one that was dropped here is deleted."""
    sets = known(store)
    gone = [one for one in sets if one.data_id == data_id]
    _write(store, [one for one in sets if one.data_id != data_id])
    inspection_path(home, data_id).unlink(missing_ok=True)
    if gone and gone[0].imported:
        shutil.rmtree(folder(home) / data_id, ignore_errors=True)


def inspect(store: Store, one: Known) -> str:
    """Queue the inspection of a data set; the job's id."""
    spec = {"path": one.path, "data_id": one.data_id}
    return queue.enqueue(store, "look", spec, title=one.name, priority=1)


def found(home: Home, store: Store, one: Known) -> Found:
    """What is known of it now."""
    jobs = store.jobs.list(kind="look", limit=200)
    job = next((job for job in jobs if job.spec.get("data_id") == one.data_id), None)
    return Found(known_inspection(home, one.data_id), job)


def labelled(store: Store) -> int:
    """How many faces have an emotion of one's own."""
    return sum(one.emotion is not None for one in verdicts(store.labels.list()))


def own(home: Home, store: Store) -> tuple[OwnFaces, DataInspection | None]:
    """One's own labels as a data set; they change with every key, so nothing is kept."""
    faces = own_faces(store, home)
    if not len(faces):
        return faces, None
    return faces, inspect_data(from_labels(faces.crops, faces.emotions, faces.held_out.copy()))


def own_csv(home: Home, store: Store) -> bytes:
    """One's own labels in Kaggle's layout."""
    faces = own_faces(store, home)
    target = home.cache / f"own-{new_id('scratch_file')}.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        write_kaggle(faces, target)
        return target.read_bytes()
    finally:
        target.unlink(missing_ok=True)


def own_zip(home: Home, store: Store) -> bytes:
    """The same as pictures, a folder an emotion."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in folder_files(own_faces(store, home)):
            archive.writestr(name, content)
    return out.getvalue()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
