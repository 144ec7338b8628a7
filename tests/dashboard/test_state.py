"""What a server process keeps for its pages."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from starlette.applications import Starlette

from dashboard.shared.web.health import health_routes
from dashboard.shared.web.upload.limits import set_upload_limit
from dashboard.shared.web.upload.uploads import upload_service
from dashboard.state import AppState, app_state
from fer_core.cli.upkeep.checks import damaged, threads
from fer_core.home import Home
from fer_core.keeping import condition
from fer_core.threads import ThreadState
from tests.dashboard.asgi import ask
from tests.dashboard.pages import open_page
from tests.waiting import until


def test_jobs_of_a_server_that_does_not_answer_yet_wait_a_moment(home: Home) -> None:
    state = AppState(home, jobs_at_once=False)
    try:
        assert not state.looks_after_jobs
        until(lambda: state.looks_after_jobs)
    finally:
        state.close()


def test_a_second_process_reads_through_the_first_and_takes_over_when_it_ends(home: Home) -> None:
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
        until(lambda: state.looks_after_jobs)
        assert state.store.is_owner
    finally:
        holder.kill()
        holder.wait(timeout=5)
        state.close()


def test_what_is_damaged_is_named_on_the_overview_and_in_doctor(empty_home: Home) -> None:
    wrong = empty_home.session("s1") / "session.json"
    wrong.parent.mkdir(parents=True)
    wrong.write_text('{"status": ["done"]}')
    app_state().store.sync()
    page = open_page()
    assert any("sessions/s1/session" in box.value.replace("\\", "") for box in page.warning)
    checks = {check.name: check for check in (damaged(empty_home), threads(empty_home))}
    assert "sessions/s1/session.json" in checks["damaged"].message
    assert checks["damaged"].status == "warn"


def test_health_says_which_thread_has_ended(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Starlette(routes=health_routes(app_state))
    assert json.loads(ask(app, "/healthz").body) == {"ok": True, "wrong": []}
    dead = [ThreadState("keeper", alive=False, ended=0, idle_s=1.0)]
    monkeypatch.setattr(type(app_state().store), "threads", lambda _: dead)
    answer = ask(app, "/healthz")
    assert answer.status == 503
    assert json.loads(answer.body)["wrong"] == ["The thread keeper has ended."]
    assert json.loads(ask(app, "/readyz").body)["wrong"] == ["server", "threads"]


def test_a_server_is_ready_when_everything_is_open_and_has_room(
    empty_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Starlette(routes=health_routes(app_state))
    assert json.loads(ask(app, "/readyz").body) == {"ready": False, "wrong": ["server"]}
    app_state().served = True
    assert json.loads(ask(app, "/readyz").body) == {"ready": True, "wrong": []}
    monkeypatch.setattr(condition, "DISK_FAIL_BYTES", 1 << 60)
    answer = ask(app, "/readyz")
    assert answer.status == 503
    assert json.loads(answer.body)["wrong"] == ["disk"]
    assert str(empty_home.root) not in bytes(answer.body).decode()
