"""The store's seconds against the same numbers worked out in pandas."""

import numpy as np
import pandas as pd
import pytest

from fer_core.analytics.frame_time import Span
from fer_core.home import Home
from fer_core.labels import EMOTIONS
from fer_core.measures import BY_KEY, FACE_MEASURES
from fer_core.storage import ShardWriter, Store
from fer_core.storage.sessions import AssignSession
from fer_core.storage.timeline.queries import Film
from fer_core.storage.timeline.viewers import EditKind, EditViewer, UndoEdit
from fer_core.types import Faces, FrameResult, Measures
from tests.analytics.referee import emotion_shares, viewer_seconds
from tests.storage.rows import result, say


def random_result(frame: int, t_ms: int, rng: np.random.Generator) -> FrameResult:
    """A frame in which each of four viewers comes and goes, some faces unusable."""
    present = [v for v in range(4) if rng.random() < (0.9, 0.5, 0.2, 0.7)[v] and frame > 40 * v]
    n = len(present)
    p = rng.dirichlet(np.ones(7), n).astype(np.float32).reshape(n, 7)
    usable = rng.random(n) < 0.8
    p[rng.random(n) < 0.05] = np.nan

    def draw() -> np.ndarray:
        return rng.random(n).astype(np.float32)

    return FrameResult(
        frame, t_ms, np.array(present, np.int32),
        Faces(np.ones((n, 4), np.float32), draw(), np.zeros((n, 5, 2), np.float32)),
        np.zeros((n, 3), np.float32), usable, tuple("" if u else "blur" for u in usable), p,
        Measures({key: draw() * BY_KEY[key].highest for key in FACE_MEASURES}),
    )  # fmt: skip


@pytest.fixture
def session(home: Home, store: Store) -> str:
    """20 s at a variable rate, with a hole of 3 s, in three shards taken one by one."""
    rng = np.random.default_rng(5)
    steps = rng.integers(20, 70, 420)
    steps[200] = 3000
    times = np.cumsum(steps)
    say(home, "s1")
    writer = ShardWriter(home, "s1")
    for frame, t_ms in enumerate(times):
        writer.add(random_result(frame, int(t_ms), rng))
        if frame % 140 == 139:
            writer.flush({})
            store.sync()
    return "s1"


def assert_same(found: pd.DataFrame, wanted: pd.DataFrame) -> None:
    keys = ["session_id", "viewer", "second"]
    found = found.sort_values(keys, ignore_index=True)
    wanted = wanted.sort_values(keys, ignore_index=True)
    # medians are kept as 32-bit numbers, so the sixth digit may differ
    pd.testing.assert_frame_equal(found, wanted, check_dtype=False, rtol=1e-5, atol=1e-5)


def test_seconds_taken_shard_by_shard_equal_those_of_the_whole_timeline(
    store: Store, session: str
) -> None:
    wanted = viewer_seconds(store.timeline.rows(session), store.timeline.frames(session))
    assert len(wanted) > 40
    assert wanted["away"].sum() > 100
    assert_same(store.timeline.seconds(session), wanted)


@pytest.mark.parametrize("offset_ms", [3000, 1730, -400])
def test_seconds_follow_the_offset_of_the_stimulus(
    store: Store, session: str, offset_ms: int
) -> None:
    store.run(AssignSession(session_id=session, offset_ms=offset_ms))
    wanted = viewer_seconds(
        store.timeline.rows(session), store.timeline.frames(session), offset_ms=offset_ms
    )
    assert_same(store.timeline.seconds(session), wanted)


def test_merged_viewers_count_as_one_and_undo_brings_both_back(store: Store, session: str) -> None:
    before = store.timeline.seconds(session)
    edit = store.run(EditViewer(session_id=session, kind=EditKind.MERGE, viewer=1, into_viewer=0))
    timeline = store.timeline.rows(session)
    timeline["viewer"] = timeline["viewer"].replace(1, 0)
    assert_same(
        store.timeline.seconds(session), viewer_seconds(timeline, store.timeline.frames(session))
    )
    assert store.sessions.get(session).viewers == 3
    store.run(UndoEdit(edit_id=edit))
    assert_same(store.timeline.seconds(session), before)
    assert store.sessions.get(session).viewers == 4


def test_an_excluded_span_is_left_out_and_the_raw_rows_stay(store: Store, session: str) -> None:
    rows = len(store.timeline.rows(session))
    store.run(EditViewer(session_id=session, kind=EditKind.EXCLUDE, viewer=0, from_ms=4200,
                to_ms=9100))  # fmt: skip
    wanted = viewer_seconds(
        store.timeline.rows(session), store.timeline.frames(session), spans=[Span(4200, 9100, 0)]
    )
    assert_same(store.timeline.seconds(session), wanted)
    assert len(store.timeline.rows(session)) == rows
    assert len(store.timeline.rows(session, edited=True)) < rows


def test_a_viewer_left_out_altogether_is_gone_from_every_number(store: Store, session: str) -> None:
    store.run(EditViewer(session_id=session, kind=EditKind.EXCLUDE, viewer=2, reason="staff"))
    assert 2 not in set(store.timeline.seconds(session)["viewer"])
    assert 2 not in set(store.timeline.viewers(session)["viewer"])
    assert store.sessions.get(session).viewers == 3


def test_a_name_follows_a_merge(store: Store, session: str) -> None:
    store.run(EditViewer(session_id=session, kind=EditKind.RENAME, viewer=0, name="Ada"))
    store.run(EditViewer(session_id=session, kind=EditKind.MERGE, viewer=3, into_viewer=0))
    viewers = store.timeline.viewers(session).set_index("viewer")
    assert viewers.loc[0, "name"] == "Ada"
    assert list(viewers.index) == [0, 1, 2]
    assert [edit.kind for edit in store.timeline.edits(session)] == ["rename", "merge"]


def test_emotion_shares_are_those_of_the_referee(store: Store, session: str) -> None:
    shares = store.timeline.emotion_shares(session)
    assert list(shares) == list(EMOTIONS)
    wanted = emotion_shares(store.timeline.rows(session), store.timeline.frames(session))
    assert shares == pytest.approx(wanted, abs=1e-6)


def test_an_only_viewer_is_expected_until_a_second_one_comes(home: Home, store: Store) -> None:
    say(home, "s1")
    writer = ShardWriter(home, "s1")

    def film(frames: range, viewers: tuple[int, ...]) -> None:
        for frame in frames:
            writer.add(result(frame, viewers))
        writer.flush({})
        store.sync()
        wanted = viewer_seconds(store.timeline.rows("s1"), store.timeline.frames("s1"))
        assert_same(store.timeline.seconds("s1"), wanted)

    film(range(50), (0,))
    film(range(50, 100), ())
    assert store.timeline.seconds("s1")["away"].sum() == 50
    film(range(100, 150), (1,))
    assert store.timeline.seconds("s1")["away"].sum() == 0
    film(range(150, 200), (0, 1))
    assert store.timeline.seconds("s1")["away"].sum() == 100


def test_the_audience_is_the_mean_over_viewers(home: Home, store: Store) -> None:
    say(home, "s1", status="done")
    writer = ShardWriter(home, "s1")
    for frame in range(50):
        writer.add(result(frame, (0, 1), engagement=40 if frame < 25 else 80))
    writer.flush({})
    store.sync()
    table = store.timeline.audience_means([Film(("s1",), 60)], "engagement")
    assert table[["second", "n", "mean"]].to_dict("list") == {
        "second": [0, 1], "n": [2, 2], "mean": [40.0, 80.0],
    }  # fmt: skip
    assert set(table["viewers"]) == {2}
    assert store.timeline.audience_means([Film(("s1",), 0)], "engagement")["second"].tolist() == [0]
    assert store.timeline.audience_means([], "engagement").empty


def test_a_seconds_probabilities_sum_to_one_and_frames_that_disagree_are_mixed(
    home: Home, store: Store
) -> None:
    """Class by class, the medians of such frames were 20 % in all, led by neutral with 9 %."""
    say(home, "s1", status="done")
    writer = ShardWriter(home, "s1")
    for frame in range(50):
        kind = EMOTIONS[frame % 7] if frame < 25 else "sad"
        writer.add(result(frame, (0,), emotion=kind))
    writer.flush({})
    store.sync()
    seconds = store.timeline.seconds("s1")
    p = seconds[[f"p_{one}" for one in EMOTIONS]]
    np.testing.assert_allclose(p.sum(axis=1), 1.0, atol=1e-6)
    assert seconds["emotion"].tolist() == ["mixed", "sad"]
    assert seconds["confidence"].tolist() == pytest.approx([p.iloc[0].max(), 0.7])
