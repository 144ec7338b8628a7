"""The clock and the curves of a live session, by themselves; and what happens in trouble."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from fer_core.errors import RaptError, SettingsError
from fer_core.home import Home
from fer_core.live import Engines, LiveSession, LiveSpec, live_sessions, stop_all
from fer_core.live.engines import Pool
from fer_core.live.stream_clock import StreamClock
from fer_core.live.trend import Trend
from fer_core.measures import FACE_MEASURES
from fer_core.storage import open_store
from fer_core.storage.sessions import DeleteSession
from fer_core.types import AnalysisSettings, Faces, FrameResult, Measures
from tests.live.pictures import offer, portrait, until


def test_the_clock_starts_at_nothing_and_never_runs_back() -> None:
    clock = StreamClock()
    assert clock.now(5.0) == 0
    assert clock.tick(900_000, 10.0) == 0
    assert clock.tick(900_040, 10.04) == 40
    assert clock.tick(900_020, 10.05) is None, "out of order"
    assert clock.tick(899_900, 10.54) == 540, "half a second later: it began anew"
    assert clock.tick(0, 12.04) == 2040, "and again, at nothing"
    assert clock.tick(40, 12.08) == 2080
    assert clock.tick(90_000_000, 12.12) == 2120, "its clock was set to another day"
    assert clock.tick(90_060_000, 72.12) == 62_120, "a minute in which nothing came"
    assert clock.now(73.12) == 63_120


def test_a_file_that_runs_faster_than_the_room_keeps_its_own_times() -> None:
    clock = StreamClock()
    assert [clock.tick(200 * n, 10 + 0.001 * n) for n in range(4)] == [0, 200, 400, 600]


def result(t_ms: int, engagement: list[float], usable: bool = True) -> FrameResult:
    n = len(engagement)
    p = np.zeros((n, 7), np.float32)
    p[:, 3] = 1
    same = np.array(engagement, np.float32)
    return FrameResult(
        frame=t_ms, t_ms=t_ms, viewer=np.arange(1, n + 1, dtype=np.int32),
        faces=Faces(np.ones((n, 4), np.float32), np.ones(n, np.float32),
                    np.ones((n, 5, 2), np.float32)),
        pose=np.zeros((n, 3), np.float32), usable=np.full(n, usable), why_not=("",) * n,
        probabilities=p,
        measures=Measures(dict.fromkeys(FACE_MEASURES, same) | {"attention": same / 100}),
    )  # fmt: skip


def test_curves_follow_smoothly_and_a_drawn_point_stays() -> None:
    trend = Trend()
    for t_ms in range(0, 4001, 100):
        trend.add(result(t_ms, [20.0, 40.0]))
    before = trend.history(120, 4000)
    assert before.t_s.tolist() == [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]
    assert np.allclose(before.engagement, 30)
    assert set(before.people) == {2}
    for t_ms in range(4100, 8001, 100):
        trend.add(result(t_ms, [100.0, 100.0]))
    after = trend.history(120, 8000)
    assert (after.engagement[:8] == before.engagement).all()
    steps = np.diff(after.engagement)
    assert (steps >= -1e-9).all()
    assert steps.max() < 35, "a jump of 70 is drawn over more than a second"
    assert after.engagement[-1] > 97
    assert np.allclose(after.emotions[:, 3], 1)
    assert len(trend.history(2, 8000)) == 4


def test_a_curve_breaks_where_nobody_can_be_read_and_an_only_viewer_is_away() -> None:
    crowd, alone = Trend(), Trend()
    for t_ms in range(0, 3001, 100):
        crowd.add(result(t_ms, [50.0, 50.0]))
        alone.add(result(t_ms, [50.0]))
    for t_ms in range(3100, 7001, 100):
        crowd.add(result(t_ms, [90.0, 90.0], usable=False))
        alone.add(result(t_ms, []))
    line, only = crowd.history(120, 7000), alone.history(120, 7000)
    assert line.engagement[7] == pytest.approx(50), "a short while is bridged"
    assert np.isnan(line.engagement[-1])
    assert set(line.people) == {2}, "they are seen all the same"
    assert only.attention[-1] < 0.05
    assert np.isnan(only.emotions[-1]).all()
    assert only.people[-1] == 0


def test_a_pool_lends_each_thing_to_one_at_a_time() -> None:
    made: list[object] = []
    pool = Pool(lambda: made.append(object()) or made[-1], 2)
    with pool.lend() as one, pool.lend() as two:
        assert one is not two
    with pool.lend() as again:
        assert again in (one, two)
    assert len(made) == 2


class Trouble:
    """The engines, of which the detector fails while ``broken``."""

    def __init__(self, engines: Engines) -> None:
        self.broken = False
        self.crop, self.versions, self.classifier = (
            engines.crop, engines.versions, engines.classifier,
        )  # fmt: skip
        self.reader = engines.reader
        self.detector = SimpleNamespace(
            name="trouble", working_side=engines.detector.working_side,
            detect=self._guard(engines.detector.detect),
            refine=self._guard(engines.detector.refine),
        )  # fmt: skip

    def _guard(self, work):  # type: ignore[no-untyped-def]
        def call(*args: object) -> object:
            if self.broken:
                raise RuntimeError("the network tripped")
            return work(*args)

        return call


def test_errors_in_the_worker_are_counted_and_the_session_goes_on(
    home: Home, engines: Engines, caplog: pytest.LogCaptureFixture
) -> None:
    trouble = Trouble(engines)
    session = LiveSession(home, LiveSpec("Trouble"), trouble)  # type: ignore[arg-type]
    t = offer(session, portrait(), 10, 0, 100)
    first = session.view().faces[0].viewer
    trouble.broken = True
    t = offer(session, portrait(), 12, t, 100)
    view = session.view()
    assert view.errors == 12
    assert view.last_error == "RuntimeError: the network tripped"
    assert len([r for r in caplog.records if "tripped" in r.message]) == 1, "said once"
    trouble.broken = False
    offer(session, portrait(), 10, t, 100)
    view = session.view()
    assert view.people == 1
    assert view.faces[0].viewer != first, "following began anew: nobody gets a number twice"
    summary = session.stop()
    assert (summary.frames, summary.errors) == (20, 12)


def test_a_drawing_that_fails_is_counted_and_harms_nothing(home: Home, engines: Engines) -> None:
    session = LiveSession(home, LiveSpec("Drawn"), engines)
    session.on_result = lambda rgb, view: 1 / 0
    offer(session, portrait(), 10, 0, 100)
    assert session.view().errors == 10
    assert session.stop().frames == 10


def test_older_pictures_are_dropped_and_counted_and_a_rate_is_kept(
    home: Home, engines: Engines
) -> None:
    flooded = LiveSession(home, LiveSpec("Flood"), engines)
    for number in range(300):
        flooded.offer(portrait(), number * 10)
    until(flooded, lambda view: view.analysed + view.dropped == 300)
    summary = flooded.stop()
    assert summary.dropped > 200
    assert summary.frames + summary.dropped == 300
    slow = LiveSession(home, LiveSpec("Slow", AnalysisSettings(fps=5)), engines)
    for number in range(75):  # 25 a second
        slow.offer(portrait(), number * 40)
        slow.wait_taken(5)
    assert slow.stop().offered == 15
    with pytest.raises(SettingsError):
        LiveSession(home, LiveSpec("Never", AnalysisSettings(fps=0)), engines)


def test_a_session_that_is_deleted_while_it_runs_stays_deleted(
    home: Home, engines: Engines
) -> None:
    with open_store(home, look_after=False) as store:
        session = LiveSession(home, LiveSpec("Unwanted"), engines)
        t = offer(session, portrait(), 10, 0, 100)
        store.sync()
        store.run(DeleteSession(session_id=session.session_id))
        offer(session, portrait(), 5, t, 100)
        session.mark("too late")
        assert session.stop().ended == "deleted"
        store.sync()
        assert not store.sessions.exists(session.session_id)
        assert not home.session(session.session_id).exists()


def test_a_disk_that_refuses_is_told_and_tried_again(home: Home, engines: Engines) -> None:
    session = LiveSession(home, LiveSpec("Full disk"), engines)
    with _no_shards(home, session):
        t = offer(session, portrait(), 10, 0, 100)
        until(session, lambda view: "cannot be written" in view.last_error)
    offer(session, portrait(), 10, t, 100)
    until(session, lambda view: not view.last_error)
    summary = session.stop()
    assert (summary.frames, summary.frames_lost) == (20, 0)
    with open_store(home) as store:
        store.sync()
        assert len(store.timeline.frames(session.session_id)) == 20


@contextmanager
def _no_shards(home: Home, session: LiveSession) -> Iterator[None]:
    """A file stands where the folder of shards should be."""
    folder = home.shards(session.session_id)
    shutil.rmtree(folder, ignore_errors=True)
    folder.touch()
    yield
    folder.unlink()


def test_a_server_that_goes_ends_all_its_sessions(home: Home, engines: Engines) -> None:
    session = LiveSession(home, LiveSpec("Left open"), engines)
    other = LiveSession(replace(home, root=home.root / "other"), LiveSpec("Elsewhere"), engines)
    offer(session, portrait(), 5, 0, 100)
    assert live_sessions(home) == [session]
    session.pause()
    stop_all(home, "server stopped")
    assert live_sessions(home) == []
    assert session.ended == "server stopped"
    assert other in live_sessions()
    other.stop()
    session.offer(portrait(), 10_000)
    time.sleep(0.05)
    assert session.view().analysed == 5
    with pytest.raises(RaptError, match="needs a name"):
        session.mark("  ")
    with pytest.raises(RaptError, match="is over"):
        session.mark("too late")
