"""What is past its time goes, with a receipt; what is needed or lies elsewhere stays."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fer_core.errors import SettingsError
from fer_core.home import Home
from fer_core.jobs import queue
from fer_core.jobs.folder import JobState
from fer_core.keeping import rules
from fer_core.keeping.backup import back_up
from fer_core.keeping.retention import clock_is_behind, due, remove_due
from fer_core.keeping.upkeep import Upkeep, back_up_job, retention_job
from fer_core.storage import Store, open_store
from fer_core.storage.jobs import AddJob, ClaimJob
from fer_core.storage.timeline.kept_faces import has_kept_faces, read_kept
from fer_core.types import JobStatus
from tests.keeping.conftest import NAME, film, planted, study_with

DAY = 86_400


def aged(path: Path, days: float) -> Path:
    moment = time.time() - days * DAY
    os.utime(path, (moment, moment))
    return path


class Quiet:
    """A job's progress that nobody looks at."""

    job_id = "j1"

    def __call__(self, done: int, total: int | None = None, message: str = "") -> None: ...

    def should_stop(self) -> bool:
        return False


def test_nothing_goes_where_nobody_said_how_long(home: Home, store: Store) -> None:
    aged(planted(home, store, "s1", NAME, 1), 4000)
    assert due(store) == []


def test_recordings_films_and_faces_go_when_their_time_is_over(home: Home, store: Store) -> None:
    old = aged(planted(home, store, "s1", NAME, 1), 31)
    young = aged(planted(home, store, "s2", "Other", 2), 29)
    shown = aged(film(home, "shown", 3), 100)
    study_with(store, "Spring", shown)
    for chunk in home.session("s1").glob("faces/*.npz"):
        aged(chunk, 8)
    for rule, days in ((rules.UPLOADS, 30), (rules.FILMS, 90), (rules.FACES, 7)):
        rules.choose(store, rule, days)
    rows = store.timeline.rows("s1")
    assert {one.kind for one in remove_due(store)} == {"recording", "film", "faces"}
    assert not old.exists()
    assert not shown.exists()
    assert young.exists()
    assert not has_kept_faces(home, "s1")
    assert len(read_kept(home, "s2"))
    assert store.timeline.rows("s1").equals(rows), "every number stays"
    receipts = {one.kind: one for one in store.receipts.list()}
    assert receipts["recording"].ids == ("s1",)
    assert receipts["recording"].rule == "retention.uploads_days"
    assert receipts["recording"].bytes == 5000
    assert receipts["film"].files == receipts["faces"].files == 1
    assert remove_due(store) == []


def test_what_is_needed_or_lies_elsewhere_stays(home: Home, store: Store, tmp_path: Path) -> None:
    rules.choose(store, rules.UPLOADS, 1)
    elsewhere = tmp_path / "own.mp4"
    elsewhere.write_bytes(b"mine")
    planted(home, store, "s1", NAME, 1, path=str(aged(elsewhere, 9)))
    waiting = aged(planted(home, store, "s2", "Waiting", 2), 9)
    store.run(AddJob(kind="analyze", spec={"path": str(waiting)}))
    shown = aged(planted(home, store, "s3", "Shown", 3), 9)
    study_with(store, "Spring", shown)
    remove_due(store)
    assert all(path.exists() for path in (elsewhere, waiting, shown))


def test_a_recording_can_go_right_after_its_analysis(home: Home, store: Store) -> None:
    path = planted(home, store, "s1", NAME, 1)
    spec = {"path": str(path), "session_id": "s1", queue.REMOVES: True}
    job_id = store.run(AddJob(kind="analyze", spec=spec, session_id="s1"))
    store.run(ClaimJob(job_id=job_id))
    queue.ended(store, home, store.jobs.get(job_id), JobState(status=JobStatus.DONE))
    assert not path.exists()
    assert [one.rule for one in store.receipts.list()] == ["retention.after_analysis"]
    assert store.jobs.get(job_id).status is JobStatus.DONE


def test_a_failed_analysis_keeps_its_recording(home: Home, store: Store) -> None:
    path = planted(home, store, "s1", NAME, 1)
    spec = {"path": str(path), "session_id": "s1", queue.REMOVES: True}
    job_id = store.run(AddJob(kind="analyze", spec=spec, session_id="s1"))
    store.run(ClaimJob(job_id=job_id))
    queue.ended(store, home, store.jobs.get(job_id), JobState(status=JobStatus.FAILED))
    assert path.exists()


def test_nights_work_is_queued_once_and_when_it_is_due(home: Home, store: Store) -> None:
    upkeep = Upkeep(store)
    now = datetime.now(UTC)
    tomorrow = now + timedelta(days=1, hours=1)
    assert upkeep.look(now.replace(hour=2)) == [] or now.hour < 3
    assert upkeep.look(tomorrow) == ["backup"]
    assert upkeep.look(tomorrow) == [], "it waits already"
    rules.choose(store, rules.KEEP, 0)
    store.run(queue.CancelJob(job_id=store.jobs.list(kind="backup")[0].job_id))
    assert upkeep.look(tomorrow + timedelta(days=1)) == []
    aged(planted(home, store, "s1", NAME, 1), 3)
    rules.choose(store, rules.UPLOADS, 2)
    assert upkeep.look(tomorrow + timedelta(days=1)) == ["retention"]


def test_the_jobs_do_their_work_and_keep_so_many(home: Home, store: Store) -> None:
    rules.choose(store, rules.KEEP, 2)
    for _ in range(3):
        made = back_up_job(home, {}, Quiet())
    assert made["removed"] == 1
    assert len(list(home.backups.glob("*.zip"))) == 2
    path = aged(planted(home, store, "s1", NAME, 1), 3)
    rules.choose(store, rules.UPLOADS, 2)
    assert retention_job(home, {}, Quiet()) == {"removed": 1}
    assert not path.exists()


def test_a_clock_that_was_set_back_removes_nothing(home: Home, store: Store) -> None:
    planted(home, store, "s1", NAME, 1)
    behind = time.time() - 2 * 3600
    assert clock_is_behind(store, behind)
    assert not clock_is_behind(store)
    assert Upkeep(store).look(datetime.fromtimestamp(behind, UTC)) == []


def test_a_value_that_cannot_be_is_refused(store: Store) -> None:
    for rule, value in ((rules.UPLOADS, 0), (rules.KEEP, -1), (rules.FOLDER, "backups")):
        with pytest.raises(SettingsError):
            rules.choose(store, rule, value)
    assert rules.value_of(store, rules.UPLOADS) is None


def test_the_nights_folder_can_be_elsewhere(home: Home, store: Store, tmp_path: Path) -> None:
    rules.choose(store, rules.FOLDER, str(tmp_path / "disk"))
    made = back_up_job(home, {}, Quiet())
    assert str(made["path"]).startswith(str(tmp_path / "disk"))
    assert back_up(store).parent == home.backups
    with open_store(home) as client:
        assert client.settings.get("backup.places") == [str(tmp_path / "disk")]
