"""Who is there when, against rendered rooms whose truth is known."""

from __future__ import annotations

import threading

import cv2
import numpy as np
import pytest

from fer_core.home import Home
from fer_core.live import Engines, LiveSession, LiveSpec
from fer_core.live.canvas import LONG_SIDE
from fer_core.pipeline import Perception, TrackedFrame
from fer_core.storage import open_store
from fer_core.types import Frame
from tests.live.pictures import offer, until
from tests.live.rendered import NEAR_MS, Person, film, picture, read_number, wrong_counts


def test_people_come_and_go_in_the_store_within_three_tenths_of_a_second(
    home: Home, engines: Engines
) -> None:
    people = [
        Person(140, 180, 110, 1000, 8500, look=0),
        Person(330, 190, 90, 3000, 6000, look=1),
        Person(520, 170, 100, 4550, 7700, look=2),
    ]
    session = LiveSession(home, LiveSpec("Known times"), engines)
    for number, (rgb, t_ms) in enumerate(film(people, 9.5, fps=15)):
        session.offer(rgb, t_ms)
        until(session, lambda v, n=number: v.analysed > n)
    assert session.stop().dropped == 0
    with open_store(home) as store:
        store.sync()
        rows, frames = (
            store.timeline.rows(session.session_id),
            store.timeline.frames(session.session_id),
        )
    assert store.is_owner
    for person in people:
        mine = rows[(rows["x"] + rows["w"] / 2 - person.x).abs() < 60]
        assert mine["viewer"].nunique() == 1
        assert 0 <= mine["t_ms"].min() - person.from_ms <= NEAR_MS
        assert -100 <= mine["t_ms"].max() - person.to_ms <= NEAR_MS
    assert rows["viewer"].nunique() == 3
    assert wrong_counts(people, rows, frames) == []


def test_three_sessions_at_once_do_not_mix(home: Home, engines: Engines) -> None:
    each = 30  # pictures of a room
    rooms = [[Person(150 + 170 * k, 180, 100, look=k) for k in range(count)] for count in (1, 2, 3)]
    seen: list[list[tuple[int, int]]] = [[], [], []]
    sessions = []
    for which in range(3):
        session = LiveSession(home, LiveSpec(f"Room {which}", tags=(str(which),)), engines)
        session.on_result = lambda rgb, view, which=which: seen[which].append(
            (read_number(rgb), view.people)
        )
        sessions.append(session)

    # each room's pictures are numbered from its own thousand
    shown = [
        [picture(room, 66 * n, 1000 * (which + 1) + n, shade=which) for n in range(each)]
        for which, room in enumerate(rooms)
    ]

    def play(which: int) -> None:
        for number, rgb in enumerate(shown[which]):
            sessions[which].offer(rgb, 66 * number)
            assert sessions[which].wait_taken(60)

    players = [threading.Thread(target=play, args=(which,)) for which in range(3)]
    for player in players:
        player.start()
    for player in players:
        player.join()
    summaries = [session.stop() for session in sessions]
    for which in range(3):
        numbers = [number for number, _ in seen[which]]
        assert numbers == [1000 * (which + 1) + n for n in range(each)]
        right = np.array([people == which + 1 for _, people in seen[which][8:]])
        assert right.mean() > 0.9, seen[which]
        assert summaries[which].viewers == which + 1
    with open_store(home) as store:
        store.sync()
        found = store.sessions.list()
        assert sorted(found["viewers"].tolist()) == [1, 2, 3]


def test_a_stream_may_change_its_size_and_its_shape(home: Home, engines: Engines) -> None:
    """A browser's stream begins small and grows; a phone is turned; the viewer stays one."""
    session = LiveSession(home, LiveSpec("Sizes"), engines)
    t = offer(session, picture([Person(160, 90, 55)], 0, size=(320, 180)), 8, 0, 80)
    small = session.view().faces[0].box
    t = offer(session, picture([Person(320, 180, 110)], 0), 8, t, 80)
    grown = session.view()
    assert (grown.width, grown.height, grown.viewers) == (640, 360, 1)
    assert np.allclose(np.array(grown.faces[0].box), 2 * np.array(small), atol=14)
    t = offer(session, picture([Person(180, 320, 110)], 0, size=(360, 640)), 8, t, 80)
    upright = session.view()
    assert (upright.width, upright.height, upright.people) == (360, 640, 1)
    x, y, w, h = upright.faces[0].box
    assert abs(x + w / 2 - 180) < 12
    assert abs(y + h / 2 - 320) < 16
    assert session.stop().errors == 0
    with open_store(home) as store:
        store.sync()
        rows = store.timeline.rows(session.session_id)
        assert store.sessions.get(session.session_id).width == 320
    first = rows[rows["t_ms"] < 1280]  # before the phone was turned
    assert (first["x"] + first["w"] / 2).sub(160).abs().max() < 10
    assert (first["y"] + first["h"] / 2).sub(90).abs().max() < 10


def test_black_pictures_show_nobody_and_four_k_is_scaled_first(
    home: Home, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = LiveSession(home, LiveSpec("4K", notes="A lens cap at first"), engines)
    t = offer(session, np.zeros((2160, 3840, 3), np.uint8), 5, 0, 200)
    assert session.view().people == 0
    large = cv2.resize(picture([Person(480, 270, 165)], 0, size=(960, 540)), (3840, 2160))
    looked_at: list[tuple[int, ...]] = []
    step = Perception.step

    def note(self: Perception, frame: Frame) -> TrackedFrame:
        looked_at.extend((frame.rgb.shape, frame.grey.shape))
        return step(self, frame)

    monkeypatch.setattr(Perception, "step", note)
    offer(session, large, 10, t, 200)
    view = session.view()
    assert (view.width, view.people) == (3840, 1)
    x, y, w, h = view.faces[0].box
    assert abs(x + w / 2 - 1920) < 60
    assert abs(y + h / 2 - 1080) < 80
    assert len(looked_at) == 20
    assert max(max(shape) for shape in looked_at) <= LONG_SIDE
    assert session.stop().errors == 0
