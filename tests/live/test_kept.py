"""What a person sets while a session runs, and what is left when its process is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np

from fer_core.home import Home
from fer_core.live import Engines, LiveSession, LiveSpec, close_live_orphans
from fer_core.storage import open_store, read_frames
from fer_core.storage.markers import DeleteMarkers
from fer_core.storage.sessions import AssignSession
from fer_core.storage.timeline.session_file import read_session
from tests.live.pictures import offer, portrait

PROJECT = Path(__file__).resolve().parents[2]


def test_markers_and_the_stimulus_start_reach_the_store_and_stay_as_a_person_leaves_them(
    home: Home, engines: Engines
) -> None:
    session = LiveSession(home, LiveSpec("Marked"), engines)
    with open_store(home, look_after=False) as store:
        t = offer(session, portrait(), 15, 0, 100)
        first = session.mark("speaker two", t_ms=400)
        session.note("A " + "very " * 40 + "long remark")
        session.align(1000)
        store.sync()
        marks = store.markers.list(session_id=session.session_id)
        assert marks[0].name == "speaker two"
        assert [mark.kind for mark in marks] == ["marker", "note"]
        assert str(marks[1].note).endswith("long remark")
        assert store.sessions.get(session.session_id).offset_ms == 1000
        store.run(DeleteMarkers(marker_ids=(first,)))
        store.run(AssignSession(session_id=session.session_id, offset_ms=500))
        offer(session, portrait(), 15, t, 100)
        session.mark("speaker three", t_ms=2000)
        session.stop()
        store.sync()
        marks = store.markers.list(session_id=session.session_id)
        assert first not in [mark.marker_id for mark in marks]
        assert "speaker three" in [mark.name for mark in marks]
        assert store.sessions.get(session.session_id).offset_ms == 500
        assert store.timeline.seconds(session.session_id)["second"].min() == -1


def test_a_pause_is_a_gap_and_nobodys_absence(home: Home, engines: Engines) -> None:
    session = LiveSession(home, LiveSpec("With a break"), engines)
    t = offer(session, portrait(), 20, 0, 100)
    session.pause()
    session.pause()
    assert session.view().paused
    for number in range(50):
        session.offer(portrait(), t + 100 * number)
    session.resume()
    offer(session, portrait(), 20, t + 5000, 100)
    line = session.history().engagement
    summary = session.stop()
    assert summary.frames == 40
    assert summary.quality > 0.97
    assert summary.duration_s == 9.0
    assert np.isnan(line[8:13]).all(), "the curve has a gap"
    assert not np.isnan(line[[1, 2, -1]]).any()
    with open_store(home) as store:
        store.sync()
        seconds = store.timeline.seconds(session.session_id)
        assert seconds["second"].tolist() == [0, 1, 7, 8]
        assert (seconds["away"] == 0).all()
        assert seconds["attention"].min() > 0.5


def test_a_killed_process_loses_two_seconds_at_most_and_the_session_is_closed(
    live_home: Home, engines: Engines
) -> None:
    home = live_home
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.live.endless", str(home.root)],
        cwd=PROJECT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    session_id = json.loads(child.stdout.readline())["session_id"]
    last = {"t_ms": 0}
    while last["t_ms"] <= 4000:
        last = json.loads(child.stdout.readline())
    os.kill(child.pid, signal.SIGKILL)
    for line in child.stdout:
        last = json.loads(line) if line.endswith("}\n") else last
    child.wait()
    assert close_live_orphans(home) == [session_id]
    assert close_live_orphans(home) == []
    t_ms = read_frames(home, session_id)["t_ms"].to_numpy()
    assert last["t_ms"] > 3000
    assert last["t_ms"] - t_ms[-1] <= 2000
    session = read_session(home, session_id)
    assert session is not None
    assert session.status == "done"
    assert "ended when its server did" in session.summary.lost_note
    assert session.summary.frames == len(t_ms)
    assert session.markers[-1]["name"] == f"mark {last['marks']}"
    with open_store(home) as store:
        store.sync()
        row = store.sessions.get(session_id)
        assert (row.status, row.frames) == ("done", len(t_ms))
        assert len(store.markers.list(session_id=session_id)) == last["marks"]
