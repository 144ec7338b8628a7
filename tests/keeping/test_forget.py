"""After *forget for good* no byte of a name or a face is left: not in the home, not in backups."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fer_core.errors import StoreError
from fer_core.home import Home
from fer_core.keeping import forget as forgetting
from fer_core.keeping.backup import back_up, backups
from fer_core.keeping.forget import (
    forget,
    plan_respondent,
    plan_session,
    plan_study,
    plan_viewer,
)
from fer_core.keeping.restore import restore
from fer_core.storage import Store, open_store
from fer_core.storage.jobs import AddJob
from fer_core.storage.lab.models import AddTrainingRun
from fer_core.storage.removal import forgotten
from fer_core.storage.sessions import DeleteSession
from fer_core.storage.timeline.kept_faces import read_kept
from fer_core.storage.timeline.viewers import EditKind, EditViewer
from tests.keeping.conftest import NAME, film, planted, responded, study_with, traces, unpacked

OTHER = "Someone-Else"


@pytest.fixture
def faces(home: Home, store: Store) -> tuple[bytes, ...]:
    """Patterns of a person: the name, pieces of the recording and of the kept faces' file."""
    path = planted(home, store, "s1", NAME, 1)
    planted(home, store, "s2", OTHER, 2)
    kept = next(home.session("s1").glob("faces/*.npz"))
    shards = next(home.shards("s1").glob("*.parquet"))
    # the two sessions' faces differ in nothing but noise: give the first a picture of its own
    film_bytes = path.read_bytes()
    spec = {"path": str(path), "session_id": "s1", "name": NAME}
    store.run(AddJob(kind="analyze", spec=spec, title=NAME, session_id="s1"))
    assert kept.stat().st_size > 500
    assert shards.stat().st_size > 500
    return (NAME.encode(), film_bytes[100:164], film_bytes[4000:4064])


def nothing_left(home: Home, tmp_path: Path, patterns: tuple[bytes, ...]) -> None:
    assert traces(home.root, *patterns) == []
    for number, archive in enumerate(backups(home.backups)):
        folder = unpacked(archive, tmp_path / f"look-{number}-{archive.stem}")
        assert traces(folder, *patterns) == []


def test_a_session_is_gone_from_the_home_and_from_its_backups(
    home: Home, store: Store, tmp_path: Path, faces: tuple[bytes, ...]
) -> None:
    back_up(store, whole=True)
    (home.backups / ".work-killed").mkdir()  # of a backup that was killed
    (home.backups / ".work-killed" / "raw.duckdb").write_bytes(faces[0])
    before = store.timeline.rows("s2")
    assert len(traces(home.root, *faces)) > 3
    done = forget(store, plan_session(store, "s1"))
    assert (done.sessions, done.backups_rewritten, done.backups_dropped) == (1, 1, ())
    assert done.complete
    store.checkpoint()
    nothing_left(home, tmp_path, faces)
    assert store.timeline.rows("s2").equals(before)
    assert [one.ids for one in store.receipts.list()] == [("session s1",)]
    assert [(one.kind, one.id) for one in forgotten.read(home.forgotten)] == [("session", "s1")]
    restored = Home(tmp_path / "restored")
    restore(restored, backups(home.backups)[-1])
    with open_store(restored, look_after=False) as copy:
        assert [str(one) for one in copy.sessions.list()["session_id"]] == ["s2"]
        assert copy.timeline.rows("s2").equals(before)


def test_a_backup_from_elsewhere_brings_nothing_back(
    home: Home, store: Store, tmp_path: Path, faces: tuple[bytes, ...]
) -> None:
    usb = tmp_path / "usb"
    archive = back_up(store, usb, whole=True)
    copied = tmp_path / "drawer" / archive.name  # nobody knows of this one
    copied.parent.mkdir()
    shutil.copy(archive, copied)
    forget(store, plan_session(store, "s1"))
    assert traces(unpacked(archive, tmp_path / "look"), *faces) == [], "known: written anew"
    assert traces(unpacked(copied, tmp_path / "look2"), *faces), "unknown: as it was"
    store.close()
    restore(home, copied, replace=True)
    with open_store(home, look_after=False) as again:
        assert not again.sessions.exists("s1")
        assert again.sessions.exists("s2")
    assert traces(home.root, *faces) == []
    # and on another machine, with the list that lies beside the backups
    shutil.copy(usb / forgotten.FILE, copied.parent)
    there = Home(tmp_path / "there")
    restore(there, copied)
    assert traces(there.root, *faces) == []


def test_every_analysis_of_the_same_recording_goes(
    home: Home, store: Store, faces: tuple[bytes, ...]
) -> None:
    path = Path(store.sessions.get("s1").path or "")
    planted(home, store, "s3", f"{NAME} again", 1)
    assert plan_session(store, "s3").sessions == ("s3", "s1")
    forget(store, plan_session(store, "s3"))
    assert not path.exists()
    assert traces(home.root, *faces) == []


def test_a_respondent_is_gone_also_where_a_backup_knows_more(
    home: Home, store: Store, tmp_path: Path, faces: tuple[bytes, ...]
) -> None:
    _, _, link = study_with(store, "Spring")
    responded(store, link, "s1", NAME)
    unseen = responded(store, link, "", NAME)
    planted(home, store, "s4", NAME, 4)
    back_up(store)
    store.run(DeleteSession(session_id="s4"))
    plan = plan_respondent(store, NAME)
    assert (plan.sessions, len(plan.responses)) == (("s1",), 2)
    forget(store, plan)
    nothing_left(home, tmp_path, faces)
    left = {one.response_id: one for one in store.respondents.responses(link)}
    assert left[unseen].respondent == "R002", "the place stays taken, under its number"
    with pytest.raises(StoreError, match="belongs to"):
        plan_respondent(store, NAME)


def test_a_study_goes_with_its_sessions_respondents_and_films(
    home: Home, store: Store, tmp_path: Path
) -> None:
    shown = film(home, "Quickenborn-film", 9)
    pattern = shown.read_bytes()[50:114]
    study, _, link = study_with(store, f"{NAME}'s study", shown)
    planted(home, store, "s1", NAME, 1, study=study)
    planted(home, store, "s2", OTHER, 2)
    responded(store, link, "s1", NAME)
    back_up(store, whole=True)
    forget(store, plan_study(store, study))
    nothing_left(home, tmp_path, (NAME.encode(), b"Quickenborn-film", pattern))
    assert not shown.exists()
    assert [str(one) for one in store.sessions.list()["session_id"]] == ["s2"]


def test_one_viewer_goes_and_the_others_numbers_stay(
    home: Home, store: Store, tmp_path: Path, faces: tuple[bytes, ...]
) -> None:
    named = "Viewer-Zanzibar"
    store.run(EditViewer(session_id="s1", kind=EditKind.RENAME, viewer=1, name=named))
    back_up(store, whole=True)
    sql = "SELECT * FROM seconds WHERE session_id = 's1' AND viewer = 0 ORDER BY second"
    before, kept = store.frame(sql), read_kept(home, "s1")
    assert {0, 1} == set(kept.viewer.tolist())
    plan = plan_viewer(store, "s1", 1)
    forget(store, plan)
    assert store.frame(sql).equals(before)
    assert set(store.timeline.rows("s1")["viewer"]) == {0}
    assert set(read_kept(home, "s1").viewer.tolist()) == {0}
    assert [one.viewer for one in store.labels.list(session_id="s1")] == [0]
    session = store.sessions.get("s1")
    assert (session.viewers, session.faces, session.path) == (1, 60, None)
    store.sync()
    assert store.sessions.get("s1").viewers == 1, "session.json says the same"
    nothing_left(home, tmp_path, (named.encode(), faces[1], faces[2]))
    assert [one.kind for one in forgotten.read(home.forgotten)] == ["viewer"]
    assert all(check.ok for check in store.checks.integrity())
    for archive in backups(home.backups):
        restored = Home(tmp_path / "restored")
        restore(restored, archive)
        with open_store(restored, look_after=False) as copy:
            assert set(copy.timeline.rows("s1")["viewer"]) == {0}
            assert set(read_kept(restored, "s1").viewer.tolist()) == {0}


def test_a_person_who_was_split_and_merged_goes_whole(home: Home, store: Store) -> None:
    planted(home, store, "s1", NAME, 1)
    store.run(EditViewer(session_id="s1", kind=EditKind.SPLIT, viewer=0, from_ms=1000))
    store.run(EditViewer(session_id="s1", kind=EditKind.MERGE, viewer=2, into_viewer=1))
    plan = plan_viewer(store, "s1", 1)
    assert {(viewer, start) for viewer, start, _ in plan.entries[0].pieces} == {(0, 1000), (1, 0)}
    forget(store, plan)
    rows = store.timeline.rows("s1")
    assert set(rows["viewer"]) == {0}
    assert rows["t_ms"].max() < 1000


def test_examples_of_trainings_with_own_labels_go(home: Home, store: Store) -> None:
    planted(home, store, "s1", NAME, 1)
    for name, path in (("own", "own-labels"), ("public", "fer2013.csv")):
        run = store.run(AddTrainingRun(settings={}, data={"sources": [{"path": path}]}))
        folder = home.runs / name
        folder.mkdir(parents=True)
        (folder / "run.json").write_text(f'{{"run_id": "{run}"}}')
        (folder / "examples.json").write_text("a face")
    forget(store, plan_session(store, "s1"))
    assert [p.parent.name for p in home.runs.glob("*/examples.json")] == ["public"]


@pytest.mark.parametrize("at", ["before the rows", "before the backups"])
def test_a_crash_in_between_is_completed_at_the_next_start(
    home: Home, store: Store, tmp_path: Path, faces: tuple[bytes, ...], at: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    back_up(store, whole=True)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    where: dict[str, tuple[object, str]] = {
        "before the rows": (forgetting, "_remove"),
        "before the backups": (forgetting, "clean_backups"),
    }
    with monkeypatch.context() as broken:
        broken.setattr(*where[at], killed)
        with pytest.raises(KeyboardInterrupt):
            forget(store, plan_session(store, "s1"))
        store.close()
    with open_store(home, look_after=False) as again:
        assert not again.sessions.exists("s1")
        assert forgetting.clean_backups(again)[0] == 1
        again.erase()
        nothing_left(home, tmp_path, faces)


def test_a_backup_that_cannot_be_read_is_dropped(
    home: Home, store: Store, faces: tuple[bytes, ...]
) -> None:
    archive = back_up(store, whole=True)
    content = bytearray(archive.read_bytes())
    content[len(content) // 3] ^= 255
    archive.write_bytes(content)
    done = forget(store, plan_session(store, "s1"))
    assert done.backups_dropped == (archive.name,)
    assert traces(home.root, *faces) == []


def test_a_folder_that_is_not_there_is_named(home: Home, store: Store, tmp_path: Path) -> None:
    planted(home, store, "s1", NAME, 1)
    usb = tmp_path / "usb"
    back_up(store, usb)
    usb.rename(tmp_path / "unplugged")
    done = forget(store, plan_session(store, "s1"))
    assert done.places_not_reached == (str(usb),)
    (tmp_path / "unplugged").rename(usb)
    assert forgetting.clean_backups(store)[0] == 1


def test_the_command_asks_and_tells(
    home: Home, store: Store, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    planted(home, store, "s1", NAME, 1)
    store.close()
    root = str(home.root)
    assert _main("forget", "session", NAME, "--home", root) == 1
    assert "--yes" in capsys.readouterr().err
    assert _main("forget", "session", NAME, "--home", root, "--yes", "--json") == 0
    assert '"kind": "session"' in capsys.readouterr().out
    assert traces(home.root, NAME.encode()) == []


def _main(*words: str) -> int:
    from fer_core.cli.main import main

    return main(words)
