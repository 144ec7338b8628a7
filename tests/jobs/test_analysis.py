"""One file to one session: shards, states, summary, and every way to be interrupted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from fer_core.errors import Cancelled, JobError, SettingsError, VideoError
from fer_core.home import Home
from fer_core.jobs import analysis
from fer_core.jobs.analysis import analyse_file, sessions_of
from fer_core.jobs.analysis_spec import AnalysisSpec
from fer_core.storage import read_frames, read_shards
from fer_core.storage.timeline.session_file import (
    SessionSummary,
    is_written,
    read_session,
    writing,
)
from fer_core.storage.timeline.shards import shard_files
from fer_core.types import AnalysisSettings
from tests.jobs.trial_film import TrialAnalysis, film


@pytest.fixture(autouse=True)
def _trial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "pipeline", lambda: TrialAnalysis)


def run(
    home: Home, spec: AnalysisSpec, should_stop: Callable[[], bool] = lambda: False, **more: Any
) -> SessionSummary:
    return analyse_file(home, spec, lambda *_: None, should_stop, shard_every_s=0, **more)


def stop_after(calls: int) -> Callable[[], bool]:
    left = iter(range(calls))
    return lambda: next(left, None) is None


def rows(home: Home, spec: AnalysisSpec) -> pa.Table:
    """The timeline without the session's own id, to compare two sessions."""
    return read_shards(home, spec.session_id).drop_columns("session_id")


def test_a_session_tells_what_was_analysed_and_how_it_came_out(home: Home, tmp_path: Path) -> None:
    path = film(tmp_path / "spot.mp4", frames=100)
    spec = AnalysisSpec.new(path, AnalysisSettings(fps=None), study="Spring", respondent="P01")
    summary = run(home, spec)
    session = read_session(home, spec.session_id)
    assert session is not None
    assert (session.status, session.error, session.name) == ("done", None, "spot")
    assert (session.study, session.respondent) == ("Spring", "P01")
    assert session.versions == {"model": "trial@1"}
    assert session.info["width"] == 640
    assert session.summary == summary
    assert summary.frames == 100
    assert summary.duration_s == 4.0
    assert summary.viewers == 2
    assert summary.quality == 0.8  # no face in every fifth frame
    assert summary.frames_lost == 0
    assert summary.faces == read_shards(home, spec.session_id).num_rows


def test_frames_without_a_face_are_known_too(home: Home, tmp_path: Path) -> None:
    spec = AnalysisSpec.new(film(tmp_path / "a.mp4", frames=10))
    run(home, spec)
    frames = read_frames(home, spec.session_id).to_pydict()
    assert frames["frame"] == list(range(10))
    assert frames["faces"][4] == 0


def test_a_stopped_run_goes_on_to_the_same_rows(home: Home, tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", frames=95)
    whole = AnalysisSpec.new(path)
    run(home, whole)
    broken = AnalysisSpec.new(path)
    for stop in (7, 33, 1, 20):
        with pytest.raises(Cancelled):
            run(home, broken, stop_after(stop))
        session = read_session(home, broken.session_id)
        assert session is not None
        assert session.status == "cancelled"
    summary = run(home, broken)
    assert rows(home, broken).equals(rows(home, whole))
    other = read_session(home, whole.session_id)
    assert other is not None
    assert replace(summary, fps=0) == replace(other.summary, fps=0)


def test_a_resumed_run_begins_after_its_last_shard(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []

    class Watched(TrialAnalysis):
        def __enter__(self) -> Watched:
            begun.append(self.started_at)
            return self

    monkeypatch.setattr(analysis, "pipeline", lambda: Watched)
    spec = AnalysisSpec.new(film(tmp_path / "a.mp4", frames=60))
    with pytest.raises(Cancelled):
        run(home, spec, stop_after(37))
    run(home, spec)
    assert begun == [0, 30]  # states are known every ten frames


def test_a_run_that_died_before_its_summary_only_adds_it_up(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = AnalysisSpec.new(film(tmp_path / "a.mp4", frames=25))
    with monkeypatch.context() as patch:
        patch.setattr(analysis, "finish", lambda *_, **__: (_ for _ in ()).throw(Cancelled()))
        with pytest.raises(Cancelled):
            run(home, spec)

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("the film was opened again")

    monkeypatch.setattr(analysis, "pipeline", never)
    assert run(home, spec).frames == 25


def test_another_model_starts_anew(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = AnalysisSpec.new(film(tmp_path / "a.mp4", frames=40))
    with pytest.raises(Cancelled):
        run(home, spec, stop_after(25))
    monkeypatch.setattr(TrialAnalysis, "version", "2")
    summary = run(home, spec)
    assert summary.frames == 40
    assert read_frames(home, spec.session_id)["frame"].to_pylist() == list(range(40))


def test_another_film_under_the_same_name_is_refused(home: Home, tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", frames=40)
    spec = AnalysisSpec.new(path)
    with pytest.raises(Cancelled):
        run(home, spec, stop_after(25))
    film(path, frames=50)
    with pytest.raises(VideoError, match="has changed"):
        run(home, spec)


def test_a_file_that_cannot_be_opened_is_refused_and_leaves_no_session(
    home: Home, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("shopping list")
    spec = AnalysisSpec.new(tmp_path / "notes.txt")
    with pytest.raises(VideoError, match="not a video"):
        run(home, spec)
    assert not home.session(spec.session_id).exists()


def test_a_film_that_is_gone_when_it_is_resumed_leaves_its_session_failed(
    home: Home, tmp_path: Path
) -> None:
    path = film(tmp_path / "a.mp4", frames=40)
    spec = AnalysisSpec.new(path)
    with pytest.raises(Cancelled):
        run(home, spec, stop_after(25))
    path.unlink()
    with pytest.raises(VideoError, match="no file"):
        run(home, spec)
    session = read_session(home, spec.session_id)
    assert session is not None
    assert session.status == "failed"
    assert "no file" in session.error


def test_a_film_without_any_picture_fails(home: Home, tmp_path: Path) -> None:
    spec = AnalysisSpec.new(film(tmp_path / "a.mp4", frames=0))
    with pytest.raises(VideoError, match="No picture"):
        run(home, spec)


def test_a_bug_does_not_leave_a_session_that_seems_to_run(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(TrialAnalysis, "_result", broken)
    spec = AnalysisSpec.new(film(tmp_path / "a.mp4"))
    with pytest.raises(ZeroDivisionError):
        run(home, spec)
    session = read_session(home, spec.session_id)
    assert session is not None
    assert session.status == "failed"
    assert not is_written(home, spec.session_id)


def test_a_session_that_is_deleted_meanwhile_stays_deleted(home: Home, tmp_path: Path) -> None:
    spec = AnalysisSpec.new(film(tmp_path / "a.mp4", frames=100))

    def delete_at_frame_50(done: int, _total: int | None, _message: str) -> None:
        if done == 50:
            for path in sorted(home.session(spec.session_id).rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
            home.session(spec.session_id).rmdir()

    with pytest.raises(Cancelled, match="deleted"):
        analyse_file(home, spec, delete_at_frame_50, lambda: False, shard_every_s=0)
    assert not home.session(spec.session_id).exists()


def test_two_processes_never_write_one_session(home: Home, tmp_path: Path) -> None:
    spec = AnalysisSpec.new(film(tmp_path / "a.mp4"))
    with writing(home, spec.session_id):
        assert is_written(home, spec.session_id)
        with pytest.raises(JobError, match="another process"):
            run(home, spec)
    assert not is_written(home, spec.session_id)
    run(home, spec)


def test_a_spec_survives_its_file(tmp_path: Path) -> None:
    spec = AnalysisSpec.new(film(tmp_path / "a.mp4"), AnalysisSettings(fps=5, min_face=60))
    assert AnalysisSpec.from_json(spec.to_json()) == spec
    assert AnalysisSpec.from_json({**spec.to_json(), "from": "a newer version"}) == spec


def test_a_film_is_known_again_by_content_and_settings(home: Home, tmp_path: Path) -> None:
    first = AnalysisSpec.new(film(tmp_path / "a.mp4", frames=20))
    run(home, first)
    session = read_session(home, first.session_id)
    assert session is not None
    found = sessions_of(home, session.digest, AnalysisSettings())
    assert [s.session_id for s in found] == [first.session_id]
    assert sessions_of(home, session.digest, AnalysisSettings(fps=5)) == []


def test_settings_that_no_analysis_can_use_are_refused_before_any_work(
    home: Home, tmp_path: Path
) -> None:
    for settings in (AnalysisSettings(fps=0), AnalysisSettings(min_face=3)):
        spec = AnalysisSpec.new(film(tmp_path / "a.mp4"), settings)
        with pytest.raises(SettingsError):
            run(home, spec)
        assert read_session(home, spec.session_id) is None


def test_memory_holds_no_more_than_what_waits_for_a_shard(home: Home, tmp_path: Path) -> None:
    spec = AnalysisSpec.new(film(tmp_path / "a.mp4", frames=100))
    run(home, spec)
    assert len(shard_files(home.shards(spec.session_id))) == 10
    assert asdict(spec.settings)["fps"] is None
