"""The audit log: what is written, once, for how long, and what pages and commands write."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.shared.web.access.identity import acting
from fer_core.access import audit
from fer_core.access.audit import AuditLog, Deed
from fer_core.access.permissions import LOCAL
from fer_core.home import Home
from fer_core.storage.jobs import AddJob
from fer_core.storage.sessions import DeleteSession
from tests.dashboard.access.world import ADMIN, World
from tests.dashboard.pages import open_page
from tests.dashboard.simulated import Furnished


def test_a_line_is_private_and_holds_ids(home: Home) -> None:
    log = AuditLog(home)
    log.note(LOCAL, Deed.EXPORTED, "study", "y1", "pdf")
    (file,) = home.audit.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (entry,) = log.read()
    assert (entry.who, entry.deed, entry.kind, entry.subject, entry.detail) == (
        "local", Deed.EXPORTED, "study", "y1", "pdf",
    )  # fmt: skip


def test_what_is_looked_at_again_is_one_line_for_ten_minutes(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, now = AuditLog(home), audit.time.monotonic()
    for later in (0.0, 30.0, audit.ONCE_S + 1):
        monkeypatch.setattr(audit.time, "monotonic", lambda later=later: now + later)
        log.note(LOCAL, Deed.SAW, "session", "s1")
    log.note(LOCAL, Deed.SAW, "session", "s2")
    assert [one.subject for one in log.read()] == ["s2", "s1", "s1"]


def test_lines_stay_for_as_long_as_is_set(home: Home) -> None:
    today = datetime.now(UTC).date()
    home.audit.mkdir(parents=True)
    for days in (1, 29, 31):
        line = '{"at": "x", "who": "u1", "deed": "saw", "kind": "session"}\n{"at": "cut'
        (home.audit / f"{today - timedelta(days=days)}.jsonl").write_text(line, "utf-8")
    assert len(AuditLog(home).read(days=365)) == 3, "a line that was cut short costs itself only"
    log = AuditLog(home, lambda: 30)
    log.note(LOCAL, Deed.SAW, "session", "s1")
    assert sorted(file.stem for file in home.audit.iterdir()) == sorted(
        f"{today - timedelta(days=days)}" for days in (0, 1, 29)
    )


def test_a_page_that_shows_somebody_is_written_down(furnished_home: Furnished) -> None:
    app = open_page("session", id=furnished_home.one)
    assert not app.exception
    found = AuditLog(furnished_home.home).read(subject=furnished_home.one)
    assert [(one.who, one.deed, one.kind) for one in found] == [("local", Deed.SAW, "session")]


def test_what_is_deleted_is_written_down_and_what_is_edited_is_not(world: World) -> None:
    who = world.identity(ADMIN)
    assert who is not None
    with acting(who):
        store = world.state.store
    job = store.run(AddJob(kind="analyze", spec={}))
    with pytest.raises(Exception, match="no session"):
        store.run(DeleteSession(session_id="s-none"))
    found = world.state.audit.read(who=who.user_id)
    assert not [one for one in found if job in (one.subject, one.detail)]
    assert not [one for one in found if one.subject == "s-none"], "nothing was deleted"


def test_every_download_asks_and_is_written_down() -> None:
    """No page hands out a file past the one button that does both."""
    project = Path(__file__).resolve().parents[3]
    using = [
        path.name
        for path in (project / "dashboard").rglob("*.py")
        if "st.download_button" in path.read_text("utf-8")
    ]
    assert using == ["download.py"]
