"""Recordings taken in: dropped, or named by their path."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dashboard.audience.analyze import data
from dashboard.audience.analyze.data import Choices
from dashboard.shared.web.upload.uploads import Arrived, UploadService
from fer_core.errors import SettingsError, VideoError
from fer_core.home import Home
from fer_core.storage import Store
from tests.dashboard.simulated import plant


def upload(home: Home, name: str, content: bytes = b"film") -> Arrived:
    digest = hashlib.sha256(content).hexdigest()
    path = home.uploads / digest[:16] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return Arrived(path, name, len(content), digest, {"fps": 5, "study": " Ad test "})


def test_a_dropped_file_is_queued_with_its_choices(home: Home, store: Store) -> None:
    taken = data.take_in(home, store, upload(home, "clip one.mp4"))
    assert not taken["duplicate"]
    job = store.jobs.waiting()[0]
    assert job.title == "clip one"
    assert job.session_id == taken["session_id"]
    assert job.spec["study"] == "Ad test"
    assert job.spec["settings"]["fps"] == 5


def test_the_same_film_under_another_name_is_recognised_and_its_copy_dropped(
    home: Home, store: Store
) -> None:
    first = data.take_in(home, store, upload(home, "clip.mp4"))
    copy = upload(home, "copy.mp4")
    again = data.take_in(home, store, copy)
    assert again == {
        "name": "clip", "session_id": first["session_id"], "duplicate": True, "study": "Ad test",
    }  # fmt: skip
    assert not copy.path.exists()
    assert copy.path.with_name("clip.mp4").exists()
    assert len(store.jobs.waiting()) == 1


def test_a_recording_that_is_here_joins_another_study_when_asked(home: Home, store: Store) -> None:
    waiting = str(data.take_in(home, store, upload(home, "clip.mp4"))["session_id"])
    analysed = plant(home, "Respondent 01", seconds=5, viewers=1, study="Ad test")
    store.sync()
    choices = Choices(study="Second study", condition="B")
    assert data.add_to_study(store, [waiting, analysed], choices) == 2
    assert store.jobs.waiting()[0].spec["study"] == "Second study"
    moved = store.sessions.get(analysed)
    assert (moved.study, moved.condition) == ("Second study", "B")
    with pytest.raises(SettingsError):
        data.add_to_study(store, [analysed], Choices())


def test_a_long_name_stays_whole(home: Home, store: Store) -> None:
    title = "a very long name " * 12 + "R07_A.mp4"
    service = UploadService(home.uploads)
    arriving, _ = service.begin(title, 4, 0, {})
    piece = service.open(arriving.id, 0)
    piece.write(b"film")
    piece.close()
    arrived = service.finish(arriving.id)
    assert arrived is not None
    assert len(arrived.path.name.encode()) <= 120 < len(title)
    data.take_in(home, store, arrived)
    assert store.jobs.waiting()[0].title == title.removesuffix(".mp4")


def test_a_film_dropped_again_takes_the_place_of_its_lost_copy(home: Home, store: Store) -> None:
    data.take_in(home, store, upload(home, "clip.mp4"))
    lost = home.uploads / hashlib.sha256(b"film").hexdigest()[:16] / "clip.mp4"
    lost.unlink()
    copy = upload(home, "copy.mp4")
    assert data.take_in(home, store, copy)["duplicate"]
    assert lost.read_bytes() == b"film"
    assert not copy.path.exists()


def test_a_refused_file_does_not_stay(home: Home, store: Store) -> None:
    state: Any = SimpleNamespace(home=home, store=store, whole_store=store)
    service = UploadService(home.uploads)
    service.receive("", data.take_in)
    refused = replace(upload(home, "clip.mp4"), options={"fps": "fast"})
    with pytest.raises(SettingsError):
        service.deliver(state, refused)
    assert not refused.path.exists()


def test_the_same_film_at_another_rate_is_another_session(home: Home, store: Store) -> None:
    data.take_in(home, store, upload(home, "clip.mp4"))
    other = upload(home, "clip.mp4")
    other.options["fps"] = None
    assert not data.take_in(home, store, other)["duplicate"]


def test_what_a_request_may_choose_is_checked() -> None:
    for fps in ("5", -1, 0, True, float("nan")):
        with pytest.raises(SettingsError):
            Choices.read({"fps": fps}).settings()


def test_a_folder_gives_its_recordings_and_nothing_hidden(tmp_path: Path) -> None:
    for name in ("b.mp4", "a.MOV", ".hidden.mp4", "notes.txt", "deep/c.webm"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    found = [path.relative_to(tmp_path).as_posix() for path in data.find(f'"{tmp_path}"')]
    assert found == ["a.MOV", "b.mp4", "deep/c.webm"]
    for wrong in ("", "clip.mp4", str(tmp_path / "gone"), "relative/folder"):
        with pytest.raises(VideoError):
            data.find(wrong)


def test_a_path_named_twice_is_queued_once(home: Home, store: Store, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"x")
    assert [one.duplicate for one in data.take_path(store, str(clip), Choices())] == [False]
    assert [one.duplicate for one in data.take_path(store, str(clip), Choices())] == [True]


def test_what_a_folder_gives_is_one_batch(home: Home, store: Store, tmp_path: Path) -> None:
    for name in ("b.mp4", "a.mp4"):
        (tmp_path / name).write_bytes(name.encode())
    data.take_path(store, str(tmp_path), Choices(study="Ad test", condition="A"))
    jobs = store.jobs.waiting()
    assert [job.title for job in jobs] == ["a", "b"]
    assert len({job.spec["batch"] for job in jobs}) == 1
    assert {job.spec["condition"] for job in jobs} == {"A"}


def test_eyes_are_read_unless_they_were_switched_off() -> None:
    assert Choices.read({}).settings().eyes
    assert Choices.read({"eyes": "off"}).settings().eyes  # a request can hold anything
    assert not Choices.read({"eyes": False}).settings().eyes
