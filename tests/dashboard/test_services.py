"""What pages call: lists, one session, taking recordings in, the queue, the house."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from dashboard.audience.analyze import data as intake
from dashboard.audience.session import data as session_view
from dashboard.audience.session import page as session_page
from dashboard.audience.session.data import view
from dashboard.audience.sessions import data as sessions
from dashboard.shared import exports
from dashboard.shared import jobs as work
from dashboard.shared.charts import findings
from dashboard.shared.web.guard import Guard, same_origin
from dashboard.shared.web.uploads import Arrived, set_upload_limit, upload_service
from dashboard.state import AppState
from fer_core.errors import SettingsError, VideoError
from fer_core.home import Home
from fer_core.storage import Store, open_store
from fer_core.storage.jobs import AddJob, UpdateJob
from fer_core.types import JobStatus
from tests.dashboard.simulated import Furnished, plant


def test_totals_and_rows_tell_what_is_in_the_store(furnished: Furnished) -> None:
    totals = sessions.totals(furnished.store)
    assert (totals.sessions, totals.viewers, totals.analysed_ms) == (2, 7, 100_000)
    rows = {row.session_id: row for row in sessions.latest(furnished.store)}
    assert rows[furnished.many].viewers == 6
    assert rows[furnished.one].study == "Ad test"
    assert totals.engagement is not None
    weighted = [(row.engagement or 0) * (row.duration_ms or 0) for row in rows.values()]
    assert totals.engagement == pytest.approx(sum(weighted) / 100_000)


def test_simulated_sessions_are_counted_apart(home: Home) -> None:
    with open_store(home, look_after=False) as store:
        plant(home, "made up", seconds=10, viewers=2, model="simulated")
        store.sync()
        alone = sessions.totals(store)
        assert (alone.sessions, alone.viewers, alone.made_up) == (1, 2, True)
        plant(home, "filmed", seconds=10, viewers=1, model="rapt-1")
        store.sync()
        beside = sessions.totals(store)
        assert (beside.sessions, beside.viewers, beside.made_up) == (1, 1, False)
        assert beside.simulated == 1


def test_sessions_are_found_by_name_and_counted(furnished: Furnished) -> None:
    rows, found = sessions.page(furnished.store, search="whole ROOM")
    assert ([row.session_id for row in rows], found) == ([furnished.many], 1)
    assert sessions.page(furnished.store, search="nobody") == ([], 0)


def test_the_page_and_the_list_show_the_same_mean(furnished: Furnished) -> None:
    drawn = view(furnished.store, furnished.one)
    row = furnished.store.sessions.get(furnished.one)
    assert drawn.mean == pytest.approx(row.engagement, abs=1e-3)
    assert drawn.quality == pytest.approx(row.quality, abs=1e-3)
    assert len(drawn.seconds) == 60
    assert drawn.shares.sum() == pytest.approx(1)


def test_quality_is_the_same_read_in_stretches(
    furnished: Furnished, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = view(furnished.store, furnished.many)
    monkeypatch.setattr(session_view, "STRETCH_MS", 7_000)
    parts = view(furnished.store, furnished.many)
    assert parts.quality == whole.quality == pytest.approx(0.92, abs=0.01)
    pd.testing.assert_frame_equal(parts.gaps, whole.gaps)


def test_what_is_not_analysed_yet_is_not_a_missing_face(home: Home, store: Store) -> None:
    session_id = plant(
        home,
        seconds=20,
        viewers=1,
        away=None,
        status="running",
        info={"duration_ms": 90_000, "width": 640, "height": 360},
        summary={"duration_s": None},
    )
    store.sync()
    drawn = view(store, session_id)
    assert drawn.duration_ms == 90_000
    assert len(drawn.seconds) == 20
    assert "No usable face" not in findings.engagement(drawn.seconds)


def test_a_small_curve_has_every_second_and_the_leading_expression(furnished: Furnished) -> None:
    curve = sessions.small_curves(furnished.store, [furnished.one])[furnished.one]
    assert len(curve) == 60
    away = curve[(curve["second"] > 30) & (curve["second"] < 34)]
    assert away["emotion"].isna().all()
    assert (away["engagement"] == 0).all()


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_every_export_holds_the_same_rows(furnished: Furnished, form: str) -> None:
    kept = exports.export(furnished.store, furnished.one, form)
    rows = len(furnished.store.timeline.rows(furnished.one))
    if form == "csv":
        found = len(list(csv.reader(io.StringIO(kept.decode())))) - 1
    elif form == "parquet":
        found = len(pd.read_parquet(io.BytesIO(kept)))
    else:
        book = openpyxl.load_workbook(io.BytesIO(kept), read_only=True)
        found = sum(1 for _ in book["timeline"].rows) - 1
    assert found == rows


def test_a_download_is_named_after_the_session_and_harmless() -> None:
    assert exports.file_name("../../a<b>: Tür?", "csv") == "_.._a_b__ Tür_.csv"
    assert exports.file_name("...", "xlsx") == "session.xlsx"


def test_an_unknown_session_is_none(furnished: Furnished) -> None:
    assert session_page.load(furnished.store, "nothing") is None
    page = session_page.load(furnished.store, furnished.one)
    assert page is not None
    assert page.name == "Respondent 01"
    assert not page.analysing


@pytest.fixture
def store(home: Home):  # type: ignore[no-untyped-def]
    with open_store(home, look_after=False) as store:
        yield store


def upload(home: Home, name: str, content: bytes = b"film") -> Arrived:
    import hashlib

    digest = hashlib.sha256(content).hexdigest()
    path = home.uploads / digest[:16] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return Arrived(path, name, len(content), digest, {"fps": 5, "study": " Ad test "})


def test_a_dropped_file_is_queued_with_its_choices(home: Home, store: Store) -> None:
    taken = intake.take_in(home, store, upload(home, "clip one.mp4"))
    assert not taken["duplicate"]
    job = store.jobs.waiting()[0]
    assert job.title == "clip one"
    assert job.session_id == taken["session_id"]
    assert job.spec["study"] == "Ad test"
    assert job.spec["settings"]["fps"] == 5


def test_the_same_film_under_another_name_is_recognised_and_its_copy_dropped(
    home: Home, store: Store
) -> None:
    first = intake.take_in(home, store, upload(home, "clip.mp4"))
    copy = upload(home, "copy.mp4")
    again = intake.take_in(home, store, copy)
    assert again == {"name": "clip", "session_id": first["session_id"], "duplicate": True}
    assert not copy.path.exists()
    assert copy.path.with_name("clip.mp4").exists()
    assert len(store.jobs.waiting()) == 1


def test_the_same_film_at_another_rate_is_another_session(home: Home, store: Store) -> None:
    intake.take_in(home, store, upload(home, "clip.mp4"))
    other = upload(home, "clip.mp4")
    other.options["fps"] = None
    assert not intake.take_in(home, store, other)["duplicate"]


def test_what_a_request_may_choose_is_checked() -> None:
    for fps in ("5", -1, 0, True, float("nan")):
        with pytest.raises(SettingsError):
            intake.settings_from({"fps": fps})


def test_a_folder_gives_its_recordings_and_nothing_hidden(tmp_path: Path) -> None:
    for name in ("b.mp4", "a.MOV", ".hidden.mp4", "notes.txt", "deep/c.webm"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = [path.relative_to(tmp_path).as_posix() for path in intake.find(f'"{tmp_path}"')]
    assert found == ["a.MOV", "b.mp4", "deep/c.webm"]
    for wrong in ("", "clip.mp4", str(tmp_path / "gone"), "relative/folder"):
        with pytest.raises(VideoError):
            intake.find(wrong)


def test_a_path_named_twice_is_queued_once(home: Home, store: Store, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"x")
    assert [one.duplicate for one in intake.take_path(store, str(clip), {})] == [False]
    assert [one.duplicate for one in intake.take_path(store, str(clip), {})] == [True]


def add(store: Store, title: str) -> str:
    return store.run(AddJob(kind="analyze", title=title, spec={"path": f"/{title}"}))


def test_the_queue_says_how_far_each_is_and_for_what_it_waits(store: Store) -> None:
    first, second, third = (add(store, name) for name in ("one", "two", "three"))
    store.run(UpdateJob(job_id=first, status=JobStatus.RUNNING))
    store.run(UpdateJob(job_id=first, fields={"done": 30.0, "total": 120.0, "rate": 15.0}))
    jobs = work.active(store)
    assert [job.job_id for job in jobs] == [first, second, third]
    assert [job.waits_for for job in jobs] == [0, 0, 1]
    assert jobs[0].share == 0.25
    assert jobs[1].share is None
    store.run(UpdateJob(job_id=first, status=JobStatus.FAILED, fields={"error": "It broke."}))
    waiting, over = work.board(store)
    assert [job.job_id for job in waiting] == [second, third]
    assert [(job.job_id, job.error, job.resumes) for job in over] == [(first, "It broke.", False)]
    work.resume(store, first)
    assert not work.over(store)
    work.cancel(store, second)
    assert [job.status for job in work.over(store)] == ["cancelled"]
    work.dismiss(store, second)
    assert not work.over(store)


def test_only_our_own_pages_pass_the_guard() -> None:
    guard = Guard()
    host = "127.0.0.1:8501"
    assert guard.welcomes(guard.token, f"http://{host}", host)
    assert not guard.welcomes(Guard().token, f"http://{host}", host)
    assert not guard.welcomes(guard.token, "http://127.0.0.1:9999", host)
    assert not guard.welcomes(None, f"http://{host}", host)
    assert not same_origin(None, None)
    assert guard.signed("clip:s1", guard.sign("clip:s1"))
    assert not guard.signed("clip:s2", guard.sign("clip:s1"))


def test_a_second_house_reads_through_the_first_and_takes_over_when_it_ends(home: Home) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, pathlib\n"
            "from fer_core.home import Home\n"
            "from fer_core.storage import open_store\n"
            "store = open_store(Home(pathlib.Path(sys.argv[1])))\n"
            "print('open', flush=True)\n"
            "sys.stdin.read()\n"
            "store.close()\n",
            str(home.root),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    holder.stdout.readline()
    state = AppState(home)
    try:
        assert not state.store.is_owner
        set_upload_limit(state.store, 2_000_000_000)
        assert upload_service(state).limit == 2_000_000_000
        holder.stdin.close()
        holder.wait(timeout=20)
        until = time.monotonic() + 15
        while not state.looks_after_jobs and time.monotonic() < until:
            time.sleep(0.1)
        assert state.store.is_owner
        assert state.looks_after_jobs
    finally:
        holder.kill()
        holder.wait(timeout=5)
        state.close()
