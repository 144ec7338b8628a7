"""The server's live sessions: how many may run, and how they end without a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.camera.live import data
from dashboard.camera.live.data import LIMIT_SETTING, LiveRefused, live_service
from dashboard.camera.live.run import ENDINGS, LiveOptions
from dashboard.state import AppState
from fer_core.home import Home
from tests.dashboard.camera.live.feeding import feed
from tests.networks import with_networks
from tests.waiting import until


def test_there_are_no_more_than_the_setting_allows(state: AppState) -> None:
    live_service(state).set_limit(2)
    assert state.store.settings.get(LIMIT_SETTING) == 2
    first, second = live_service(state).open(LiveOptions()), live_service(state).open(LiveOptions())
    with pytest.raises(LiveRefused, match="2 live sessions run on this server"):
        live_service(state).open(LiveOptions())
    first.finish()
    assert first.view().done is None  # no picture came: nothing stays
    third = live_service(state).open(LiveOptions())
    assert {run.id for run in live_service(state).running} == {second.id, third.id}
    # followed apart: a face in one is nobody in the other
    feed(second, 4)
    assert (second.view().people, third.view().people) == (1, 0)


def test_a_camera_that_falls_silent_ends_its_session(
    state: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = live_service(state).open(LiveOptions(name="Silent"))
    feed(run, 3)
    monkeypatch.setattr(data, "SILENT_S", 0.5)
    until(lambda: not run.running)
    told = run.view()
    assert told.words == ENDINGS["silent"]
    assert told.done.frames == 3


def test_a_server_that_stops_writes_what_runs(home: Home, face_networks: Path) -> None:
    home.root.mkdir(parents=True)
    with_networks(home, face_networks)
    state = AppState(home)
    run = live_service(state).open(LiveOptions(name="Until the end"))
    feed(run, 3)
    state.close()
    again = AppState(home)
    row = again.store.sessions.get(run.session.session_id)
    again.close()
    assert (row.status, row.frames) == ("done", 3)
