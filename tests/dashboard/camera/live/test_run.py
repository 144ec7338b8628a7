"""A live run: drawn, marked, written, and a stream that nothing stops."""

from __future__ import annotations

import threading

import av
import numpy as np
import pytest

from dashboard.camera.live.data import live_service
from dashboard.camera.live.picture import Layers
from dashboard.camera.live.run import LiveOptions
from dashboard.state import AppState
from fer_core.errors import RaptError
from tests.dashboard.camera.live.feeding import feed, frame, room
from tests.waiting import until


def test_a_run_is_shown_drawn_marked_and_written(state: AppState) -> None:
    run = live_service(state).open(LiveOptions(name="Room", study="Evening", condition="A"))
    pictures: list[av.VideoFrame] = []
    hung_up = threading.Event()
    run.wire(pictures.append, hung_up.set)
    feed(run)
    assert len(pictures) == 8
    times = [picture.pts for picture in pictures]
    assert times == sorted(set(times))
    drawn = pictures[-1].to_ndarray(format="rgb24").astype(int)
    assert (np.abs(drawn - room()).max(axis=2) > 60).sum() > 500

    run.layers = Layers(picture=False)
    feed(run, 2, 800)
    assert len(pictures) == 8
    run.take(frame(room(), None))  # no time of its own: counted, and the stream goes on
    run.mark("speaker two", run.session.now_ms - 300)
    run.mark("")
    run.note("The door was open")
    told = run.view()
    assert (told.state, told.people, told.frames, told.errors) == ("running", 1, 10, 1)
    assert [mark.name for mark in told.markers] == [
        "speaker two", "Marker 2", "The door was open",
    ]  # fmt: skip
    assert told.markers[0].t < told.markers[1].t
    run.pause()
    run.take(frame(room(), 1200))
    assert run.view().state == "paused"
    run.resume()
    feed(run, 1, 1300)

    run.ended()  # as when the stream is over: it does not wait
    until(lambda: not run.running)
    assert hung_up.wait(5)
    told = run.view()
    assert told.state == "ended"
    assert told.done.frames == 11
    row = state.store.sessions.get(told.done.session)
    assert (row.status, row.kind, row.study, row.viewers) == (
        "done", "live", "Evening", 1,
    )  # fmt: skip
    assert live_service(state).running == []


def test_a_browser_that_cannot_keep_up_is_sent_fewer_pictures(state: AppState) -> None:
    run = live_service(state).open(LiveOptions())
    pictures: list[av.VideoFrame] = []
    run.wire(pictures.append, lambda: None)
    feed(run, 5)
    assert len(pictures) == 5
    for _ in range(20):
        run.late(900)
    feed(run, 11, 500)  # 1.1 s
    assert 1 <= len(pictures) - 5 <= 3
    for _ in range(60):
        run.late(20)
    before = len(pictures)
    feed(run, 5, 1600)
    assert len(pictures) - before == 5
    assert run.view().frames == 21  # what is measured does not depend on it


def test_drawing_that_fails_is_counted_and_the_session_goes_on(state: AppState) -> None:
    run = live_service(state).open(LiveOptions())

    def broken(_picture: av.VideoFrame) -> None:
        raise RuntimeError("no more paint")

    run.wire(broken, lambda: None)
    feed(run, 7)
    until(lambda: run.view().errors >= 7)
    told = run.view()
    assert told.frames == 7
    assert "Many pictures cannot be analysed" in told.words
    run.finish()
    assert run.view().done.frames == 7


def test_a_session_that_cannot_be_written_is_said_and_hung_up(
    state: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = live_service(state).open(LiveOptions())
    hung_up = threading.Event()
    run.wire(lambda picture: None, hung_up.set)
    feed(run, 2)
    stop = run.session.stop

    def full(reason: str) -> dict[str, object]:
        stop(reason)
        raise RaptError("The disk is full.")

    monkeypatch.setattr(run.session, "stop", full)
    run.finish()
    told = run.view()
    assert (told.state, told.done) == ("ended", None)
    assert told.words == "The session could not be written."
    assert "The disk is full" in told.hint
    assert hung_up.is_set()


def test_errors_of_a_session_are_words(state: AppState) -> None:
    run = live_service(state).open(LiveOptions())
    with pytest.raises(RaptError, match="needs a name"):
        run.note("   ")
