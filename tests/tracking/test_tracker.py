from __future__ import annotations

import json

import numpy as np
import pytest

from fer_core.tracking import Tracker, TrackerSettings
from fer_core.types import Faces, Float
from tests.tracking.crowd import HEIGHT, WIDTH, Moment, crowd, identity_f1, switches

ANN, BEN, CAT = (np.eye(8, dtype=np.float32)[k] for k in range(3))


def faces(*boxes: tuple[float, ...], scores: list[float] | None = None) -> Faces:
    n = len(boxes)
    given = [0.99] * n if scores is None else scores
    return Faces(
        np.array(boxes, np.float32).reshape(n, 4),
        np.array(given, np.float32),
        np.full((n, 5, 2), np.nan, np.float32),
    )


def looks(*people: Float) -> Float:
    return np.array(people, np.float32).reshape(len(people), 8)


def see(
    tracker: Tracker, t_ms: int, *found: tuple[Float, tuple[float, ...]], cut: bool = False
) -> list[int]:
    people, boxes = [p for p, _ in found], [b for _, b in found]
    numbers = tracker.update(t_ms, faces(*boxes), looks(*people), from_detection=True, cut=cut)
    return [int(n) for n in numbers]


def follow(moments: list[Moment], tracker: Tracker, *, plain: bool = False) -> list[list[int]]:
    said = []
    for moment in moments:
        look = None if plain else moment.looks
        numbers = tracker.update(
            moment.t_ms, moment.faces, look, from_detection=True, size=(WIDTH, HEIGHT)
        )
        said.append([int(n) for n in numbers])
    return said


@pytest.mark.parametrize("seed", range(3))
def test_a_crowd_that_crosses_leaves_and_returns_keeps_its_numbers(seed: int) -> None:
    moments = crowd(20, seconds=12, seed=seed)
    tracker = Tracker()
    said = follow(moments, tracker)
    assert switches(moments, said) == 0
    # 3 % of faces are not found at all: 0.985 is the most that can be reached.
    assert identity_f1(moments, said) >= 0.97
    assert max(n for row in said for n in row) == 20


def test_the_crowd_is_hard_enough_that_places_alone_fail() -> None:
    moments = crowd(20, seconds=6, seed=0)
    assert switches(moments, follow(moments, Tracker(), plain=True)) > 5


def test_a_crowd_seen_five_times_a_second_is_still_told_apart() -> None:
    moments = crowd(20, seconds=12, seed=0)[::5]
    assert identity_f1(moments, follow(moments, Tracker())) > 0.95


def test_numbers_begin_at_one_from_the_left() -> None:
    tracker = Tracker()
    assert see(tracker, 0, (BEN, (400, 100, 80, 100)), (ANN, (100, 100, 80, 100))) == [2, 1]


def test_a_face_needs_a_second_sight_and_a_false_one_burns_no_number() -> None:
    tracker = Tracker()
    see(tracker, 0, (ANN, (100, 100, 80, 100)))
    assert see(tracker, 40, (ANN, (100, 100, 80, 100)), (BEN, (400, 90, 60, 70))) == [1, -1]
    assert tracker.doubtful == 1
    for t_ms in range(80, 1000, 40):
        assert see(tracker, t_ms, (ANN, (100, 100, 80, 100))) == [1]
    ben = (BEN, (300, 90, 60, 70))
    assert see(tracker, 1000, (ANN, (100, 100, 80, 100)), ben) == [1, -1]
    assert see(tracker, 1040, (ANN, (100, 100, 80, 100)), ben) == [1, 2]


def test_doubtful_scores_need_more_sights() -> None:
    tracker = Tracker()
    box = (100.0, 100.0, 80.0, 100.0)
    given = [
        int(tracker.update(t, faces(box, scores=[0.6]), None, from_detection=True)[0])
        for t in range(0, 240, 40)
    ]
    assert given == [-1, -1, 1, 1, 1, 1]


def test_a_viewer_returns_elsewhere_after_three_seconds_and_not_much_later() -> None:
    for absence, expected in ((1000, 1), (3000, 1), (4400, 2)):
        tracker = Tracker()
        for t_ms in range(0, 400, 40):
            see(tracker, t_ms, (ANN, (100, 100, 80, 100)))
        back = 360 + absence
        for t_ms in range(400, back, 40):
            assert see(tracker, t_ms) == []
        see(tracker, back, (ANN, (700, 200, 70, 90)))
        assert see(tracker, back + 40, (ANN, (702, 200, 70, 90))) == [expected], absence


def test_someone_else_in_an_empty_seat_is_someone_else() -> None:
    tracker = Tracker()
    for t_ms in range(0, 400, 40):
        see(tracker, t_ms, (ANN, (100, 100, 80, 100)))
    for t_ms in range(400, 1400, 40):
        see(tracker, t_ms)
    given = [see(tracker, t_ms, (BEN, (104, 100, 80, 100))) for t_ms in range(1400, 1600, 40)]
    # Is it Ann, who looks odd for a moment? A sixth of a second decides.
    assert given == [[-1], [-1], [-1], [-1], [2]]


def test_a_strange_view_of_a_followed_face_is_still_that_face() -> None:
    tracker = Tracker()
    for t_ms in range(0, 400, 40):
        see(tracker, t_ms, (ANN, (100, 100, 80, 100)))
    # In profile or behind a hand a face looks like nobody.
    for t_ms in range(400, 800, 40):
        assert see(tracker, t_ms, (CAT, (103, 101, 80, 100))) == [1]


def test_two_who_cross_with_one_hidden_keep_their_numbers() -> None:
    tracker = Tracker()
    for index in range(60):
        ann, ben = 100 + 10 * index, 700 - 10 * index
        found = [(ANN, (ann, 100.0, 90.0, 110.0))]
        hidden = abs(ann - ben) < 60
        if not hidden:
            found.append((BEN, (ben, 105.0, 80.0, 100.0)))
        given = see(tracker, 40 * index, *found)
        assert given == ([1] if hidden else [1, 2])


def test_after_a_cut_only_a_likeness_keeps_a_number() -> None:
    place = (100, 100, 80, 100)
    for person, expected in ((ANN, 1), (BEN, 2)):
        tracker = Tracker()
        for t_ms in range(0, 400, 40):
            see(tracker, t_ms, (ANN, place))
        assert see(tracker, 400, (person, place), cut=True) == [expected]
        assert see(tracker, 440, (person, place)) == [expected]
    tracker = Tracker()
    for t_ms in range(0, 400, 40):
        tracker.update(t_ms, faces(place), None, from_detection=True)
    # Without looks nothing says that it is the same person.
    assert tracker.update(400, faces(place), None, from_detection=True, cut=True)[0] == 2


def test_who_enters_where_another_left_is_someone_else() -> None:
    tracker = Tracker()
    for index in range(20):  # Ann walks out at the right
        x = 410 + 10 * index
        tracker.update(
            40 * index,
            faces((x, 100, 80, 100)),
            looks(ANN),
            from_detection=True,
            size=(640, 360),
        )
    tracker.update(800, faces(), looks(), from_detection=True, size=(640, 360))
    for index in range(21, 40):  # and at once Ben walks in, cut by the edge at first
        x = 850 - 12 * index
        look = looks(BEN if x + 80 <= 640 else (BEN + CAT) / np.sqrt(2))
        given = tracker.update(
            40 * index, faces((x, 100, 80, 100)), look, from_detection=True, size=(640, 360)
        )
    assert given.tolist() == [2]


def test_two_boxes_on_one_face_are_one_viewer() -> None:
    tracker = Tracker()
    for t_ms in range(0, 200, 40):
        given = see(tracker, t_ms, (ANN, (100, 100, 80, 100)), (ANN, (108, 104, 84, 104)))
        assert sorted(given) == [-1, 1]


def test_a_prediction_moves_with_the_face_whatever_the_rate() -> None:
    for step in (40, 100, 17):
        tracker = Tracker()
        for t_ms in range(0, 1200, step):
            see(tracker, t_ms, (ANN, (100 + 0.2 * t_ms, 100, 80, 100)))
        later = t_ms + step
        viewers, boxes = tracker.predict(later)
        assert viewers.tolist() == [1]
        assert boxes[0, 0] == pytest.approx(100 + 0.2 * later, abs=3)


def test_looking_again_follows_each_row_and_drops_what_is_gone() -> None:
    tracker = Tracker()
    for t_ms in (0, 40):
        see(tracker, t_ms, (ANN, (100, 100, 80, 100)), (BEN, (400, 100, 80, 100)))
    viewers, boxes = tracker.predict(80)
    assert viewers.tolist() == [1, 2]
    again = Faces(boxes, np.array([0.9, 0], np.float32), np.zeros((2, 5, 2), np.float32))
    given = tracker.update(80, again, looks(ANN, CAT), from_detection=False)
    assert given.tolist() == [1, -1]
    assert tracker.missing == 1
    with pytest.raises(ValueError, match="expected"):
        tracker.update(120, faces(), None, from_detection=False)


def test_a_returning_viewer_is_not_numbered_anew_before_a_look() -> None:
    tracker = Tracker()
    for t_ms in (0, 40, 80):
        see(tracker, t_ms, (ANN, (300, 100, 80, 100)))
    for t_ms in range(120, 1200, 40):
        see(tracker, t_ms)
    half = (ANN + CAT) / np.sqrt(2)  # the picture's edge cuts the face at first
    assert see(tracker, 1200, (half, (-10, 100, 80, 100))) == [-1]
    for t_ms in (1240, 1280):
        _, boxes = tracker.predict(t_ms)
        # A lone face is looked at again without a look being taken.
        again = faces(tuple(boxes[0] + (12, 0, 0, 0)))
        assert tracker.update(t_ms, again, None, from_detection=False).tolist() == [-1]
    assert see(tracker, 1320, (ANN, (26, 100, 80, 100))) == [1]


def test_looking_again_at_one_face_twice_leaves_the_hidden_one_missing() -> None:
    tracker = Tracker()
    for t_ms in range(0, 400, 40):
        near = t_ms / 4
        see(tracker, t_ms, (ANN, (100 + near, 100, 80, 100)), (BEN, (300 - near, 100, 80, 100)))
    assert tracker.predict(400)[0].tolist() == [1, 2]
    # Both predictions end on Ann's face, for she is in front.
    again = faces((200, 100, 80, 100), (201, 100, 80, 100))
    given = tracker.update(400, again, looks(ANN, ANN), from_detection=False)
    assert sorted(given.tolist()) == [-1, 1]
    # Ben comes out on the other side and has his number.
    for t_ms, x in ((600, 130), (640, 120)):
        given_later = see(tracker, t_ms, (ANN, (250, 100, 80, 100)), (BEN, (x, 100, 80, 100)))
    assert given_later == [1, 2]


def test_a_resumed_tracker_goes_on_as_if_undisturbed() -> None:
    moments = crowd(8, seconds=8, seed=5)
    straight = Tracker()
    whole = follow(moments, straight)
    for stop in (1, 37, 120):
        first = Tracker()
        said = follow(moments[:stop], first)
        state = json.loads(json.dumps(first.snapshot()))
        second = Tracker()
        second.restore(state)
        assert said + follow(moments[stop:], second) == whole
        assert json.dumps(second.snapshot()) == json.dumps(straight.snapshot())


def test_two_trackers_share_nothing() -> None:
    first, second = Tracker(), Tracker()
    see(first, 0, (ANN, (100, 100, 80, 100)))
    assert see(second, 0, (BEN, (100, 100, 80, 100))) == [1]
    first.reset()
    assert see(first, 0, (CAT, (10, 10, 50, 60))) == [1]


def test_odd_input_is_survived() -> None:
    tracker = Tracker(TrackerSettings(keep_ms=500))
    zero = np.zeros((1, 8), np.float32)
    for t_ms in (0, 0, 40, 5000, 5000):
        given = tracker.update(t_ms, faces((5, 5, 0, 0)), zero, from_detection=True)
        assert given.shape == (1,)
    assert tracker.update(5040, Faces.empty(), None, from_detection=True).shape == (0,)
    empty = np.zeros((0, 8), np.float32)
    assert tracker.update(5080, Faces.empty(), empty, from_detection=True).shape == (0,)


def test_after_a_cut_a_likeness_to_two_is_sure_of_neither() -> None:
    tracker = Tracker()
    twin = (0.98 * ANN + 0.2 * CAT).astype(np.float32)
    twin /= np.linalg.norm(twin)
    for t_ms in range(0, 400, 40):
        see(tracker, t_ms, (ANN, (100, 100, 80, 100)), (twin, (400, 100, 80, 100)))
    assert see(tracker, 400, (ANN, (100, 100, 80, 100)), cut=True) == [3]


def test_after_a_cut_a_fair_likeness_is_not_enough() -> None:
    place = (100, 100, 80, 100)
    for cosine, expected in ((0.97, 1), (0.93, 2)):
        tracker = Tracker()
        for t_ms in range(0, 400, 40):
            see(tracker, t_ms, (ANN, place))
        look = (cosine * ANN + np.sqrt(1 - cosine**2) * BEN).astype(np.float32)
        assert see(tracker, 400, (look, place), cut=True) == [expected]
