"""The page Status: the same answers as rapt doctor, and what runs."""

from __future__ import annotations

import os

import pytest

from dashboard.admin.status import data
from dashboard.state import app_state
from fer_core.cli.upkeep import checks
from fer_core.home import Home
from fer_core.keeping import condition
from fer_core.storage.jobs import AddJob, ClaimJob, UpdateJob
from fer_core.threads import ThreadState
from fer_core.types import JobStatus
from tests.dashboard.pages import open_page


def test_the_page_says_what_doctor_says(empty_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(condition, "DISK_WARN_BYTES", 1 << 60)
    app = open_page("status")
    assert not app.exception
    said = " ".join(one.proto.body for one in app.get("html"))
    assert "The store is open" in said
    assert "look at it" in said
    advice = checks.disk(empty_home).advice
    assert advice
    assert advice in said


def test_a_thread_that_ended_is_named(empty_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = [ThreadState("keeper", alive=False, ended=2, idle_s=90.0)]
    monkeypatch.setattr(type(app_state().whole_store), "threads", lambda _: dead)
    app = open_page("status")
    said = " ".join(one.proto.body for one in app.get("html"))
    assert "keeper has ended" in said
    assert "started again 2×" in said


def test_work_is_counted_with_its_rate_and_its_memory(empty_home: Home) -> None:
    store = app_state().whole_store
    app_state()._upkeep.close()
    assert app_state()._supervisor is not None
    app_state()._supervisor.stop()  # the jobs here have no files to work on
    jobs = [store.run(AddJob(kind="analyze", spec={}, title="Anna.mp4")) for _ in range(3)]
    store.run(ClaimJob(job_id=jobs[0]))
    fields = {"rate": 12.5, "done": 30, "total": 120, "pid": os.getpid()}
    store.run(UpdateJob(job_id=jobs[0], status=JobStatus.RUNNING, fields=fields))
    store.run(UpdateJob(job_id=jobs[1], status=JobStatus.FAILED, fields={"error": "x"}))
    now = data.look(store)
    (work,) = now.work
    assert (work.what, work.rate, work.share) == ("analyze", 12.5, 0.25)
    assert work.bytes is not None
    assert work.bytes > 1_000_000
    assert (now.waiting, now.failed) == (1, 1)
    app = open_page("status")
    said = " ".join(one.proto.body for one in app.get("html"))
    assert "12.5 a second" in said
    assert "Anna" not in said
