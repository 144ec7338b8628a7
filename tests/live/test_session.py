"""A live session from its first picture to its summary, on the real engines."""

from __future__ import annotations

import numpy as np

from fer_core.home import Home
from fer_core.live import Engines, LiveSession, LiveSpec
from fer_core.measures import HAPPY
from fer_core.storage import open_store
from fer_core.storage.timeline.session_file import is_written, read_session
from tests.live.pictures import blank, offer, portrait


def test_a_session_lands_in_the_store_like_any_other(home: Home, engines: Engines) -> None:
    session = LiveSession(home, LiveSpec("Test screening", study="Spring", tags=("a",)), engines)
    assert not session.begun
    assert is_written(home, session.session_id)
    t = offer(session, portrait(), 30, 5000, 100)
    view = session.view()
    assert (view.people, view.attending, view.viewers, view.width) == (1, 1, 1, 320)
    x, _, w, h = view.faces[0].box
    assert abs(x + w / 2 - 165) < 15
    assert abs(h - 116) < 15
    assert view.faces[0].emotion == "happy"
    session.mark("speaker two")
    session.note("She laughs at the second slide")
    offer(session, blank(), 10, t, 100)
    summary = session.stop()
    assert session.stop("again") == summary
    assert (summary.frames, summary.viewers, summary.ended) == (40, 1, "stopped")
    assert 0.7 <= summary.quality <= 0.76
    assert not is_written(home, session.session_id)

    with open_store(home) as store:
        store.sync()
        row = store.sessions.get(session.session_id)
        assert (row.status, row.kind, row.frames) == ("done", "live", 40)
        assert row.quality == summary.quality
        seconds = store.timeline.seconds(session.session_id)
        assert seconds["second"].tolist() == [0, 1, 2, 3]
        assert seconds["attention"].tolist()[-1] == 0  # an only viewer is expected to the end


def test_shown_is_steadied_and_stored_is_as_it_was_read(home: Home, engines: Engines) -> None:
    session = LiveSession(home, LiveSpec("A mouth that is covered"), engines)
    t = offer(session, portrait(), 5, 0, 66)
    covered = portrait().copy()
    covered[140:175] = covered[140:141]
    offer(session, covered, 1, t, 66)
    shown = session.view().faces[0].probabilities[HAPPY]
    session.stop()
    with open_store(home) as store:
        store.sync()
        read = store.timeline.rows(session.session_id)["p_happy"].tolist()
    assert len(read) == 6
    assert read[-1] + 0.01 < shown < read[-2]


def test_a_session_without_a_picture_leaves_nothing(home: Home, engines: Engines) -> None:
    session = LiveSession(home, LiveSpec("Nobody came"), engines)
    session.mark("too early")
    assert session.stop().frames == 0
    assert read_session(home, session.session_id) is None
    assert not home.session(session.session_id).exists()


def test_what_is_no_picture_is_counted_and_said(home: Home, engines: Engines) -> None:
    session = LiveSession(home, LiveSpec("Odd camera"), engines)
    session.offer(np.zeros((10, 10), np.uint8), 0)
    session.offer(None, 0)  # type: ignore[arg-type]
    view = session.view()
    assert view.errors == 2
    assert "(height, width, 3)" in view.last_error
    offer(session, portrait(), 3, 100, 100)
    assert session.view().people == 1
    assert session.stop().errors == 2
