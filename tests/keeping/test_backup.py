"""A backup is made while the store is used, and a restore shows the same numbers, to the digit."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from fer_core.errors import StoreError
from fer_core.home import Home
from fer_core.keeping import backup as backing
from fer_core.keeping.backup import back_up, backups, keep_newest, read_manifest
from fer_core.keeping.restore import restore
from fer_core.storage import Store, open_store
from fer_core.storage.sessions import RenameSession
from fer_core.storage.studies import AddStudy
from fer_core.storage.tables import TABLES
from tests.keeping.conftest import NAME, planted, responded, study_with, traces

Rapt = Callable[..., tuple[int, object, str]]


def tables(store: Store) -> dict[str, pd.DataFrame]:
    """Every row of every table that a backup holds."""
    return {
        table.name: store.frame(f"SELECT * FROM {table.name} ORDER BY ALL")
        for table in TABLES
        if table.backup and table.name != "settings"
    }


def full(home: Home, store: Store) -> Path:
    film = planted(home, store, "s1", NAME, 1, study="Spring")
    planted(home, store, "s2", "Someone Else", 2, study="Spring")
    _, _, link = study_with(store, "Autumn", film)
    responded(store, link, "s1", NAME)
    return film


def test_a_restore_elsewhere_shows_the_same_to_the_digit(
    home: Home, store: Store, tmp_path: Path
) -> None:
    film = full(home, store)
    before, faces = tables(store), sorted((home.root / "sessions").rglob("*.npz"))
    archive = back_up(store, tmp_path / "elsewhere", whole=True)
    other = Home(tmp_path / "other" / "home")
    found = restore(other, archive)
    assert (found.sessions, found.without_recordings) == (2, 0)
    with open_store(other, look_after=False) as copy:
        after = tables(copy)
        assert copy.sessions.get("s1").path == str(film).replace(str(home.root), str(other.root))
        assert Path(copy.sessions.get("s1").path or "").read_bytes() == film.read_bytes()
        for name, rows in before.items():
            moved = rows.copy()
            for column in rows.select_dtypes(["object", "string"]):
                moved[column] = [
                    one.replace(str(home.root), str(other.root)) if isinstance(one, str) else one
                    for one in rows[column]
                ]
            moved = moved.astype(rows.dtypes)
            pd.testing.assert_frame_equal(moved, after[name], check_exact=True, obj=name)
        copy.sync()
        assert all(check.ok for check in copy.checks.integrity())
    assert [p.relative_to(home.root) for p in faces] == [
        p.relative_to(other.root) for p in sorted((other.root / "sessions").rglob("*.npz"))
    ]
    assert traces(other.root, str(home.root).encode()) == []


def test_changes_made_while_it_is_written_are_in_it_whole_or_not_at_all(
    home: Home, store: Store, tmp_path: Path
) -> None:
    full(home, store)
    stop = threading.Event()

    def change() -> None:
        number = 0
        while not stop.is_set():
            store.run(RenameSession(session_id="s1", name=f"one {number}"))
            store.run(AddStudy(name=f"study {number}"))
            number += 1

    writing = threading.Thread(target=change)
    writing.start()
    archive = back_up(store, tmp_path / "out")
    stop.set()
    writing.join()
    restored = Home(tmp_path / "restored")
    restore(restored, archive)
    with open_store(restored, look_after=False) as copy:
        assert all(check.ok for check in copy.checks.integrity())
        added = len(copy.studies.list()) - 2
        assert added in (0, 1) or copy.sessions.get("s1").name in (
            f"one {added}", f"one {added - 1}"
        )  # fmt: skip


def test_recordings_are_in_a_whole_backup_alone(home: Home, store: Store, tmp_path: Path) -> None:
    full(home, store)
    small = read_manifest(back_up(store))
    whole = read_manifest(back_up(store, whole=True))
    assert not [name for name in small.files if name.startswith("uploads")]
    assert len([name for name in whole.files if name.startswith("uploads")]) == 2
    assert small.rows == {**whole.rows, "settings": small.rows["settings"]}
    assert restore(Home(tmp_path / "b"), backups(home.backups)[0]).without_recordings == 2
    assert not any(name.startswith(("start-token", "owner", "jobs")) for name in whole.files)


def test_a_deleted_row_is_in_no_backup(home: Home, store: Store, tmp_path: Path) -> None:
    full(home, store)
    store.run(RenameSession(session_id="s1", name="Renamed"))
    store.run(AddStudy(name="Zanzibar-Quillon"))
    store.database.checkpoint()
    store.run(RenameSession(session_id="s2", name="Also renamed"))
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM studies WHERE name = 'Zanzibar-Quillon'")
    archive = back_up(store)
    with zipfile.ZipFile(archive) as packed:
        assert b"Zanzibar-Quillon" not in packed.read("rapt.duckdb")


@pytest.mark.parametrize("damage", ["cut", "flipped", "none"])
def test_a_damaged_backup_is_refused_and_changes_nothing(
    home: Home, store: Store, tmp_path: Path, damage: str
) -> None:
    full(home, store)
    archive = back_up(store, tmp_path / "out")
    content = bytearray(archive.read_bytes())
    if damage == "cut":
        del content[len(content) // 2 :]
    elif damage == "flipped":
        content[len(content) // 3] ^= 1
    archive.write_bytes(content)
    target = Home(tmp_path / "target")
    with open_store(target, look_after=False) as there:
        there.run(AddStudy(name="Stays"))
    if damage == "none":
        restore(target, archive, replace=True)
    else:
        with pytest.raises(StoreError, match=r"backup|damaged"):
            restore(target, archive, replace=True)
    with open_store(target, look_after=False) as there:
        names = {study.name for study in there.studies.list()}
    assert names == ({"Spring", "Autumn"} if damage == "none" else {"Stays"})
    assert not list(target.root.glob(".work-*"))


def test_a_store_in_use_or_already_there_is_not_replaced(
    home: Home, store: Store, tmp_path: Path
) -> None:
    full(home, store)
    archive = back_up(store, tmp_path / "out")
    with pytest.raises(StoreError, match="already"):
        restore(home, archive)
    with pytest.raises(StoreError, match="has the store"):
        restore(home, archive, replace=True)


def test_a_restore_that_a_crash_cut_short_is_finished_at_the_next_start(
    home: Home, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full(home, store)
    archive = back_up(store, tmp_path / "out")
    target = Home(tmp_path / "target")
    with open_store(target, look_after=False) as there:
        there.run(AddStudy(name="Old"))

    def killed(*_: object, **__: object) -> Store:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("fer_core.keeping.restore.open_store", killed)
        with pytest.raises(KeyboardInterrupt):
            restore(target, archive, replace=True)
    assert target.restored.is_dir()
    with open_store(target, look_after=False) as there:
        assert {study.name for study in there.studies.list()} == {"Spring", "Autumn"}
    assert not target.restored.exists()


def test_so_many_are_kept_as_was_said(home: Home, store: Store) -> None:
    made = [back_up(store) for _ in range(4)]
    newest = sorted(made)[-2:]
    assert sorted(keep_newest(home.backups, 2)) == sorted(set(made) - set(newest))
    assert backups(home.backups) == newest


def test_what_a_killed_backup_left_goes_with_the_next(home: Home, store: Store) -> None:
    back_up(store)
    (home.backups / ".work-abc").mkdir()
    (home.backups / ".work-abc" / "raw.duckdb").write_text("half")
    (home.backups / ".rapt-1.rapt.abcd.zip.part").write_text("half")
    back_up(store)
    assert not list(home.backups.glob(".work-*")) + list(home.backups.glob("*.part"))


def test_no_room_is_said_and_leaves_nothing(
    home: Home, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backing, "pack", full_disk)
    with pytest.raises(StoreError, match="disk is full"):
        back_up(store)
    assert [path.name for path in home.backups.iterdir()] == [".lock"]


def test_a_backup_of_a_newer_version_is_refused(home: Home, store: Store, tmp_path: Path) -> None:
    archive = back_up(store)
    about = replace(read_manifest(archive), format=99, files={})
    backing.pack(home, home.database, archive, about)
    with pytest.raises(StoreError, match="newer"):
        restore(Home(tmp_path / "x"), archive)
