"""Data sets: added by path, dropped on the page, inspected."""

from __future__ import annotations

import errno
import os
import random
import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from dashboard.lab.data import data as data_sets
from dashboard.shared.web.upload.uploads import Arrived
from fer_core.errors import DataError
from fer_core.home import Home
from fer_core.jobs.data_inspection import inspect_data
from fer_core.labels import EMOTIONS
from fer_core.storage import Store
from fer_core.training.datasets import load
from tests.training.sets import some_faces, write_csv, write_folders


def arrive(home: Home, source: Path) -> Arrived:
    path = home.uploads / "abc" / source.name
    path.parent.mkdir(parents=True)
    path.write_bytes(source.read_bytes())
    return Arrived(path, source.name, path.stat().st_size, "abc", {"for": "data"})


def zipped(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.rglob("*.png"):
            archive.write(file, Path(folder.name) / file.relative_to(folder))
        archive.writestr("__MACOSX/faces/happy/._1.png", b"x")
        archive.writestr("readme.txt", b"x")
    return path


def test_a_dropped_zip_becomes_a_data_set_and_leaves_no_upload(
    home: Home, store: Store, tmp_path: Path
) -> None:
    folder = write_folders(tmp_path / "faces", some_faces(14))
    said = data_sets.take_in(home, store, arrive(home, zipped(tmp_path / "faces.zip", folder)))
    one = data_sets.known(store)[0]
    assert (said["data_id"], one.imported, one.here) == (one.data_id, True, True)
    assert len(load(one.path)["train"]) == 14
    assert not any(home.uploads.rglob("*.zip"))
    assert [job.title for job in store.jobs.list(kind="look")] == ["faces"]
    data_sets.remove(home, store, one.data_id)
    assert not Path(one.path).exists()
    assert not data_sets.known(store)


def test_an_archive_that_leads_out_of_its_folder_is_refused_whole(
    home: Home, store: Store, tmp_path: Path
) -> None:
    def refuse(entry: zipfile.ZipInfo | str) -> None:
        path = tmp_path / "bad.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(entry, b"x")
        with pytest.raises(DataError, match="outside"):
            data_sets.take_in(home, store, arrive(home, path))
        assert not any(data_sets.folder(home).iterdir())

    refuse("../happy/1.png")
    link = zipfile.ZipInfo("happy/1.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    refuse(link)


def test_a_zip_damaged_in_the_middle_of_a_file_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "torn.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("happy/1.png", random.Random(0).randbytes(4000) + b"0" * 4000)
    content = bytearray(path.read_bytes())
    content[60:90] = b"\xff" * 30
    path.write_bytes(content)
    with pytest.raises(DataError, match="cannot be unpacked"):
        data_sets.unpack(path, tmp_path / "out")


def test_what_is_no_data_set_is_refused_at_once(home: Home, store: Store, tmp_path: Path) -> None:
    wrong = tmp_path / "sales.csv"
    wrong.write_text("day,sum\n1,2\n")
    with pytest.raises(DataError, match="columns day, sum"):
        data_sets.take_in(home, store, arrive(home, wrong))
    for given in ("relative.csv", str(tmp_path / "none.csv"), str(tmp_path)):
        with pytest.raises(DataError):
            data_sets.add_path(store, given)
    assert not data_sets.known(store)


def test_a_path_is_added_once_and_its_files_stay_where_they_are(
    home: Home, store: Store, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "faces.csv", (some_faces(14), "Training"))
    one = data_sets.add_path(store, f" '{path}' ")
    assert data_sets.add_path(store, str(path)).data_id == one.data_id
    assert len(data_sets.known(store)) == 1
    data_sets.remove(home, store, one.data_id)
    assert path.exists()


def test_a_look_counts_copies_within_and_across_and_names_broken_rows(tmp_path: Path) -> None:
    train, test = some_faces(21), some_faces(14, seed=5)
    test.images[0] = train.images[3]
    test.images[1] = train.images[4] + 5  # the same face, lit otherwise
    train.images[20] = train.images[13]
    path = write_csv(tmp_path / "f.csv", (train, "Training"), (test, "PublicTest"))
    path.write_text(path.read_text() + "9,1,Training\n")
    look = inspect_data(load(path))
    first, second = look.splits
    assert (first.name, first.faces, first.exact) == ("train", 21, 1)
    assert (second.exact_in_train, second.near_in_train) == (1, 1)
    assert look.problems == (("line 37", "the label is '9', not 0 to 6"),)
    assert set(look.strips) == set(EMOTIONS)


def test_a_full_disk_is_not_called_a_damaged_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "faces.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("angry/1.png", b"x" * 100)
    (tmp_path / "out").mkdir()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(DataError, match="no room on this disk") as told:
        data_sets.unpack(path, tmp_path / "out")
    assert "Pack it anew" not in told.value.hint
