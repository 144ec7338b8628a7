"""``session.json``: what is written comes back, also from a file of an earlier version."""

from __future__ import annotations

from pathlib import Path

import pytest

from fer_core.errors import Cancelled, StoreError
from fer_core.files import read_json, write_json
from fer_core.home import Home
from fer_core.storage.timeline import session_file
from fer_core.storage.timeline.session_file import SessionFile, SessionSummary
from fer_core.types import AnalysisSettings, SessionStatus

#: As version 0.1 left a live session, marker and pause included.
OLD = {
    "session_id": "s1", "name": "Row 3", "kind": "live",
    "created": "2026-03-01T10:00:00.123+00:00", "path": "camera", "digest": None,
    "study": None, "stimulus": None, "condition": None, "respondent": "P01",
    "offset_ms": 1200, "tags": ["a"], "notes": None,
    "settings": {"fps": 10.0, "detector": "haar", "gone": True},
    "versions": {"model": "rapt-1@x"}, "info": {"width": 640, "height": 360},
    "status": "done", "error": None,
    "markers": [{"marker_id": "m1", "name": "Laugh", "kind": "marker", "from_ms": 5, "note": None}],
    "pauses": [[100, 200], [300, None]], "aligned_ms": 1200,
    "summary": {
        "duration_s": 4.5, "frames": 45, "frames_lost": 0, "faces": 40, "viewers": 2,
        "quality": 0.9, "fps": 10.0, "lost_note": "", "offered": 50, "dropped": 5,
        "analysed": 45, "errors": 0, "last_error": "", "ended": "stopped",
    },
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_a_file_of_version_0_1_is_read_and_written_as_it_was(home: Home) -> None:
    write_json(session_file.session_path(home, "s1"), OLD)
    session = session_file.read_session(home, "s1")
    assert session is not None
    assert session.status is SessionStatus.DONE
    assert session.settings == AnalysisSettings(fps=10.0, detector="haar")
    assert session.pauses == ((100, 200), (300, None))
    session_file.write_session(home, session)
    again = read_json(session_file.session_path(home, "s1"))
    assert {key: again[key] for key in OLD if OLD[key] is not None and key != "settings"} == {
        key: value for key, value in OLD.items() if value is not None and key != "settings"
    }


def test_what_is_written_comes_back(home: Home) -> None:
    session = SessionFile(
        "s2", "Film", tags=("x",), settings=AnalysisSettings(min_face=24),
        summary=SessionSummary(duration_s=2.0, frames=3, quality=None),
    )  # fmt: skip
    session_file.write_session(home, session)
    assert session_file.read_session(home, "s2") == session
    assert session_file.session_ids(home) == ["s2"]


def test_a_summary_says_null_where_nobody_knows_the_quality() -> None:
    assert SessionSummary().to_json() == {
        "duration_s": 0.0, "frames": 0, "frames_lost": 0, "faces": 0, "viewers": 0, "quality": None
    }  # fmt: skip


@pytest.mark.parametrize("content", ["{", "[]", '{"status": "strange"}'])
def test_a_damaged_file_is_named(home: Home, content: str) -> None:
    path = session_file.session_path(home, "s3")
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(StoreError, match=r"session\.json"):
        session_file.read_session(home, "s3")


def test_a_session_that_is_gone_cannot_be_changed(home: Home) -> None:
    assert session_file.read_session(home, "s4") is None
    with pytest.raises(Cancelled):
        session_file.change_session(home, "s4", status=SessionStatus.DONE)


def test_what_another_version_wrote_is_kept_when_the_file_is_changed(home: Home) -> None:
    path = home.session("s1") / "session.json"
    path.parent.mkdir(parents=True)
    write_json(path, {"session_id": "s1", "name": "One", "weather": {"rain": True}})
    session_file.change_session(home, "s1", status=SessionStatus.DONE)
    kept = read_json(path)
    assert (kept["weather"], kept["status"]) == ({"rain": True}, "done")
