"""Archived timelines: the same numbers from files, and whatever reaches the store reaches them."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pandas as pd
import pytest

from fer_core.access.audit import AuditLog
from fer_core.access.permissions import Identity, Role
from fer_core.errors import StoreError
from fer_core.files import locked
from fer_core.home import Home
from fer_core.keeping.backup import back_up, backups
from fer_core.keeping.forget import forget, plan_session, plan_viewer, viewers_of
from fer_core.keeping.restore import restore
from fer_core.storage import Store, open_store
from fer_core.storage.accounts.guarded import guarded
from fer_core.storage.repair.doctor import MendTables
from fer_core.storage.sessions import AssignSession, DeleteSession
from fer_core.storage.timeline import archive
from fer_core.storage.timeline.archiving import ArchiveTimeline, UnarchiveTimeline
from fer_core.storage.timeline.export import export_timelines
from fer_core.storage.timeline.viewers import EditKind, EditViewer
from tests.keeping.conftest import planted, traces, unpacked
from tests.storage.rows import say, write


@pytest.fixture
def two(home: Home, store: Store) -> Store:
    """Two sessions of two viewers each."""
    planted(home, store, "s1", "one", 1, study="Spring")
    planted(home, store, "s2", "two", 2, study="Spring")
    return store


def in_table(store: Store) -> dict[str, int]:
    """Rows by session that the store's own table holds."""
    with store.transaction() as cursor:
        found = cursor.execute("SELECT session_id, count(*) FROM timeline GROUP BY 1 ORDER BY 1")
        return {str(key): int(n) for key, n in found.fetchall()}


def shown(store: Store, folder: Path) -> dict[str, object]:
    """What pages, exports and commands get of both sessions."""
    folder.mkdir()
    export_timelines(store, ["s1", "s2"], folder / "all.csv")
    ids = ["s1", "s2"]
    found: dict[str, object] = {
        "rows": pd.concat(store.timeline.rows(one) for one in ids).to_csv(),
        "edited": pd.concat(store.timeline.rows(one, edited=True) for one in ids).to_csv(),
        "count": [store.timeline.count(one) for one in ids],
        "viewers": pd.concat(store.timeline.viewers(one) for one in ids).to_csv(),
        "named": [viewers_of(store, one) for one in ids],
        "seconds": store.timeline.seconds(ids).to_csv(),
        "corrected": store.timeline.corrected_seconds(
            ids, columns=("session_id", "viewer", "second", "p_happy", "emotion"),
            reference=[0.1] * 7, smallest=0.01, pre_roll_ms=1000,
        ).to_csv(),
        "sessions": store.sessions.list().to_csv(),
        "csv": (folder / "all.csv").read_bytes(),
    }  # fmt: skip
    return found


def test_nothing_that_is_shown_changes_and_the_rows_are_in_a_file(
    home: Home, two: Store, tmp_path: Path
) -> None:
    before = shown(two, tmp_path / "before")
    assert two.run(ArchiveTimeline(session_id="s1")) == 120
    assert two.run(ArchiveTimeline(session_id="s1")) == 0, "it lies there already"
    assert in_table(two) == {"s2": 120}
    [one] = two.archive.all()
    study_id = two.studies.get("Spring").study_id
    assert one.file.startswith(f"archive/study={study_id}/month=20")
    assert shown(two, tmp_path / "half") == before
    two.run(ArchiveTimeline(session_id="s2"))
    assert in_table(two) == {}
    two.erase()
    assert shown(two, tmp_path / "all") == before
    assert all(check.ok for check in two.checks.integrity())
    assert two.run(UnarchiveTimeline(session_id="s1")) == 120
    assert in_table(two) == {"s1": 120}
    assert shown(two, tmp_path / "back") == before
    assert list(archive.files(home)) == ["s2"]


def test_who_may_not_see_a_study_sees_no_row_of_its_archive(
    home: Home, two: Store, tmp_path: Path
) -> None:
    two.run(ArchiveTimeline(session_id="s1"))
    study_id = two.studies.get("Spring").study_id
    who = Identity("u1", "Ann", Role.ANALYST, hidden=frozenset({study_id}))
    theirs = guarded(two, who, AuditLog(home))
    assert [theirs.timeline.count(one) for one in ("s1", "s2")] == [0, 0]
    two.run(AssignSession(session_id="s1", study="Other"))
    assert theirs.timeline.count("s1") == 120
    assert in_table(two) == {"s2": 120}, "another study is no change of its timeline"


@pytest.mark.parametrize(
    "edit",
    [
        lambda one: EditViewer(session_id=one, kind=EditKind.SPLIT, viewer=0, from_ms=1000),
        lambda one: EditViewer(session_id=one, kind=EditKind.MERGE, viewer=1, into_viewer=0),
    ],
)
def test_a_correction_takes_it_back_and_counts_the_same(
    two: Store, edit: Callable[[str], EditViewer]
) -> None:
    two.run(ArchiveTimeline(session_id="s1"))
    for session_id in ("s1", "s2"):
        two.run(edit(session_id))
    assert in_table(two) == {"s1": 120, "s2": 120}
    once, other = (two.timeline.seconds(x).drop(columns="session_id") for x in ("s1", "s2"))
    pd.testing.assert_frame_equal(once, other, check_exact=True)


def test_an_analysis_that_goes_on_has_its_earlier_rows(home: Home, two: Store) -> None:
    two.run(ArchiveTimeline(session_id="s1"))
    say(home, "s1", status="running")
    write(home, "s1", range(60, 80), viewers=(0, 1))
    say(home, "s1", status="done")
    two.sync()
    assert in_table(two)["s1"] == two.timeline.count("s1") == 160
    assert archive.files(home) == {}


def patterns(home: Home, session_id: str) -> dict[str, tuple[bytes, ...]]:
    """Pieces with a session's id, of its archived file and its shards: no other file has them."""
    found = {}
    for room, files in (
        ("archive", [archive.files(home)[session_id]]),
        ("sessions", sorted(home.shards(session_id).glob("*.parquet"))),
    ):
        contents = [path.read_bytes() for path in files]
        found[room] = tuple(
            content[at - 8 : at + 24]
            for content in contents
            for at in range(8, len(content) - 32)
            if content.startswith(session_id.encode(), at)
        )
        assert found[room]
    return found


def test_forgetting_leaves_no_byte_of_an_archived_timeline(
    home: Home, two: Store, tmp_path: Path
) -> None:
    for session_id in ("s1", "s2"):
        two.run(ArchiveTimeline(session_id=session_id))
    back_up(two)
    of_one, of_two = patterns(home, "s1"), patterns(home, "s2")
    all_pieces = [*chain(*of_one.values(), *of_two.values())]
    for room, pieces in of_one.items():
        holders = {name.partition("/")[0] for name in traces(home.root, *pieces)}
        assert holders == {room, "backups"}, "until it is forgotten"
    forget(two, plan_session(two, "s1"))
    forget(two, plan_viewer(two, "s2", 1))
    assert set(two.timeline.rows("s2")["viewer"]) == {0}
    assert two.timeline.seconds("s2")["viewer"].unique().tolist() == [0]
    assert traces(home.root, *all_pieces) == []
    [archived] = backups(home.backups)
    assert traces(unpacked(archived, tmp_path / "look"), *all_pieces) == []
    restored = Home(tmp_path / "restored")
    restore(restored, archived)
    with open_store(restored, look_after=False) as copy:
        assert set(copy.timeline.rows("s2")["viewer"]) == {0}
        assert copy.timeline.count("s1") == 0


def test_backup_and_restore_carry_it(home: Home, two: Store, tmp_path: Path) -> None:
    older = back_up(two, tmp_path / "older")
    two.run(ArchiveTimeline(session_id="s1"))
    before = two.timeline.rows("s1")
    newer = back_up(two, tmp_path / "newer")
    two.close()
    elsewhere = Home(tmp_path / "elsewhere")
    restore(elsewhere, newer)
    with open_store(elsewhere, look_after=False) as copy:
        pd.testing.assert_frame_equal(copy.timeline.rows("s1"), before, check_exact=True)
        assert in_table(copy) == {"s2": 120}
        assert copy.archive.damaged(elsewhere) == []
    restore(elsewhere, older, replace=True)
    with open_store(elsewhere, look_after=False) as copy:
        assert archive.files(elsewhere) == {}, "a backup from before has none"
        pd.testing.assert_frame_equal(copy.timeline.rows("s1"), before, check_exact=True)


def test_it_waits_for_a_backup(home: Home, two: Store) -> None:
    with locked(home.archive_lock), pytest.raises(StoreError, match="backup is being made"):
        two.run(ArchiveTimeline(session_id="s1"))
    assert in_table(two) == {"s1": 120, "s2": 120}


def test_what_a_crash_leaves_goes_and_what_a_rebuilt_store_lacks_is_found(
    home: Home, two: Store
) -> None:
    two.run(ArchiveTimeline(session_id="s1"))
    kept = archive.files(home)["s1"]
    leftover = kept.with_name("s2.parquet")  # written, and the move never kept
    leftover.write_bytes(kept.read_bytes())
    two.erase()
    assert list(archive.files(home)) == ["s1"]
    with two.transaction() as cursor:
        cursor.execute("DELETE FROM archived")
    assert two.timeline.count("s1") == 0
    assert two.run(MendTables())["archived timelines without an entry"] == 1
    assert two.timeline.count("s1") == 120


def test_a_damaged_file_is_named_and_costs_its_session_alone(home: Home, two: Store) -> None:
    two.run(ArchiveTimeline(session_id="s1"))
    path = archive.files(home)["s1"]
    path.write_bytes(path.read_bytes()[:-40])
    assert two.archive.damaged(home) == [path.relative_to(home.root).as_posix()]
    for ask in (
        lambda: two.run(UnarchiveTimeline(session_id="s1")),
        lambda: two.timeline.rows("s1"),
    ):
        with pytest.raises(StoreError):
            ask()
    assert two.timeline.count("s2") == 120
    path.unlink()
    with pytest.raises(StoreError, match="is gone"):
        two.timeline.rows("s1")
    two.run(DeleteSession(session_id="s1"))
    assert two.archive.all() == []


def test_commands_choose_by_age(home: Home, two: Store, capsys: pytest.CaptureFixture[str]) -> None:
    from fer_core.cli.main import main

    def rapt(*args: str) -> dict[str, object]:
        assert main(["sessions", *args, "--home", str(home.root), "--json"]) == 0
        answer: dict[str, object] = json.loads(capsys.readouterr().out)
        return answer

    two.close()
    capsys.readouterr()
    assert rapt("archive")["sessions"] == [], "they are of today"
    assert rapt("archive", "--older-than", "0", "--dry-run")["sessions"] == ["s1", "s2"]
    assert rapt("archive", "s2")["rows"] == 120
    assert rapt("archive", "--older-than", "0", "--study", "Spring")["sessions"] == ["s1"]
    assert rapt("unarchive", "--all") == {"sessions": ["s2", "s1"], "rows": 240}
