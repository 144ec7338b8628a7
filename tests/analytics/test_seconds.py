from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_core.analytics.frame_time import Span
from fer_core.analytics.seconds import audience, curves, emotion_share
from fer_core.errors import DataError, SettingsError
from fer_core.measures import SECOND_COLUMNS
from tests.analytics.referee import medians, viewer_seconds

from .conftest import Table


def test_a_viewers_second_is_the_median_of_its_usable_frames(
    make_timeline: Table, make_frames: Table
) -> None:
    times = [0, 200, 400, 600, 800]
    timeline = make_timeline(
        [(t, 0) for t in times],
        attention=[1.0, 0.2, 0.3, 0.4, 0.9],
        usable=[True, True, True, False, True],
    )
    row = viewer_seconds(timeline, make_frames(times)).iloc[0]
    assert (row["n"], row["seen"]) == (4, 5)
    assert row["attention"] == pytest.approx((0.3 + 0.9) / 2)  # of 0.2, 0.3, 0.9, 1.0


def test_medians_are_those_of_numpy_for_any_grouping() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(400, 3))
    values[rng.random((400, 3)) < 0.2] = np.nan
    cell = rng.integers(0, 37, 400)
    cell[cell == 5] = 6  # a cell without a row
    values[:, 0] = np.abs(values[:, 0])
    zeros = np.zeros((37, 3), int)
    zeros[:, 0] = rng.integers(0, 12, 37)
    found = medians(values, cell, zeros)
    for one in range(37):
        rows = values[cell == one]
        for column in range(3):
            known = rows[:, column][~np.isnan(rows[:, column])]
            known = np.append(known, np.zeros(zeros[one, column]))
            expected = np.median(known) if len(known) else np.nan
            np.testing.assert_allclose(found[one, column], expected, rtol=0, atol=1e-12)


def test_a_known_viewer_without_a_face_has_attention_zero_and_no_emotion(
    make_timeline: Table, make_frames: Table
) -> None:
    times = list(range(0, 3000, 100))
    seen = [t for t in times if not 1000 <= t < 2000]
    seconds = viewer_seconds(make_timeline([(t, 0) for t in seen]), make_frames(times))
    away = seconds.set_index("second").loc[1]
    assert (away["attention"], away["engagement"]) == (0, 0)
    assert (away["n"], away["seen"], away["away"]) == (0, 0, 10)
    assert pd.isna(away["emotion"])
    assert np.isnan(away["p_happy"])
    assert np.isnan(away["valence"])


def test_away_for_most_of_a_second_is_away_and_a_missed_frame_is_not(
    make_timeline: Table, make_frames: Table
) -> None:
    times = list(range(0, 3000, 100))
    seen = [t for t in times if not 300 <= t < 1000 and t != 1500]
    seconds = viewer_seconds(make_timeline([(t, 0) for t in seen]), make_frames(times))
    assert seconds["attention"].tolist() == [0, 1, 1]
    assert seconds["p_happy"].tolist() == [0.5, 0.5, 0.5]  # of the frames with a face
    assert seconds["away"].tolist() == [7, 1, 0]


def test_a_viewer_who_comes_late_was_not_away_before(
    make_timeline: Table, make_frames: Table
) -> None:
    times = list(range(0, 2000, 100))
    seconds = viewer_seconds(
        make_timeline([(t, 0) for t in times if t >= 800], frames=make_frames(times)),
        make_frames(times),
    )
    assert seconds["attention"].tolist() == [1, 1]


def test_two_faces_of_one_merged_viewer_count_once(
    make_timeline: Table, make_frames: Table
) -> None:
    timeline = make_timeline(
        [(0, 0), (0, 0), (500, 0)], score=[0.6, 0.9, 0.9], attention=[0.1, 0.8, 0.8]
    )
    row = viewer_seconds(timeline, make_frames([0, 500])).iloc[0]
    assert (row["n"], row["seen"]) == (2, 2)
    assert row["attention"] == pytest.approx(0.8)


def test_a_row_with_a_null_score_says_known_but_not_seen(
    make_timeline: Table, make_frames: Table
) -> None:
    timeline = make_timeline(
        [(0, 0), (0, 1), (1000, 0), (1000, 1), (2000, 0)],
        score=[0.9, 0.9, 0.9, None, 0.9],
        attention=[1, 1, 1, 0, 1],
    )
    seconds = viewer_seconds(timeline, make_frames([0, 1000, 2000])).set_index(["viewer", "second"])
    assert seconds.loc[(1, 1), "attention"] == 0
    assert seconds.loc[(1, 1), "seen"] == 0
    assert (1, 2) not in seconds.index  # one of two viewers, gone after the last sight


def test_the_only_viewer_is_known_to_the_end_and_one_of_two_is_not(
    make_timeline: Table, make_frames: Table
) -> None:
    times = list(range(0, 4000, 250))
    early = [(t, 0) for t in times if t < 2000]
    alone = viewer_seconds(make_timeline(early), make_frames(times))
    assert alone["second"].tolist() == [0, 1, 2, 3]
    assert alone["attention"].tolist() == [1, 1, 0, 0]
    both = viewer_seconds(
        make_timeline(early + [(t, 1) for t in times], frames=make_frames(times)),
        make_frames(times),
    )
    assert both.loc[both["viewer"] == 0, "second"].tolist() == [0, 1]


def test_a_face_that_is_seen_but_never_usable_is_not_known(
    make_timeline: Table, make_frames: Table
) -> None:
    timeline = make_timeline(
        [(0, 0), (500, 0), (1000, 0), (1500, 0)], usable=[True, True, False, False]
    )
    seconds = viewer_seconds(timeline, make_frames([0, 500, 1000, 1500]))
    assert (seconds["n"].iloc[1], seconds["seen"].iloc[1]) == (0, 2)
    assert np.isnan(seconds["attention"].iloc[1])
    assert np.isnan(seconds["engagement"].iloc[1])


def test_a_second_without_frames_has_no_row(make_timeline: Table, make_frames: Table) -> None:
    times = [0, 500, 3000, 3500]
    seconds = viewer_seconds(make_timeline([(t, 0) for t in times]), make_frames(times))
    assert seconds["second"].tolist() == [0, 3]


def test_one_frame_over_the_last_second_makes_no_second(
    make_timeline: Table, make_frames: Table
) -> None:
    times = list(range(0, 2001, 40))
    seconds = viewer_seconds(make_timeline([(t, 0) for t in times]), make_frames(times))
    assert seconds["second"].tolist() == [0, 1]
    slow = [0, 1000, 2000]  # one frame a second: each speaks for its whole second
    seconds = viewer_seconds(make_timeline([(t, 0) for t in slow]), make_frames(slow))
    assert seconds["second"].tolist() == [0, 1, 2]


def test_the_offset_puts_the_pre_roll_before_zero(make_timeline: Table, make_frames: Table) -> None:
    times = list(range(0, 3000, 100))
    seconds = viewer_seconds(
        make_timeline([(t, 0) for t in times]), make_frames(times), offset_ms=1300
    )
    assert seconds["second"].tolist() == [-2, -1, 0, 1]
    assert seconds["n"].tolist() == [3, 10, 10, 7]


def test_a_span_left_out_is_not_looking_away(make_timeline: Table, make_frames: Table) -> None:
    times = list(range(0, 4000, 250))
    timeline = make_timeline([(t, who) for t in times for who in (0, 1)])
    frames = make_frames(times)
    of_one = viewer_seconds(timeline, frames, spans=[Span(1000, 2000, viewer=1)])
    assert of_one.loc[of_one["viewer"] == 1, "second"].tolist() == [0, 2, 3]
    assert of_one.loc[of_one["viewer"] == 0, "second"].tolist() == [0, 1, 2, 3]
    of_all = viewer_seconds(timeline, frames, spans=[Span(1000, 2000)])
    assert sorted(of_all["second"].unique()) == [0, 2, 3]


def test_a_session_without_faces_or_frames_has_no_seconds(
    make_timeline: Table, make_frames: Table
) -> None:
    empty = make_timeline([])
    for frames in (make_frames([]), make_frames([0, 40])):
        seconds = viewer_seconds(empty, frames)
        assert tuple(seconds.columns) == SECOND_COLUMNS
        assert seconds.empty
        assert audience(curves(seconds, "engagement")).empty


def test_two_sessions_at_once_are_refused(make_timeline: Table, make_frames: Table) -> None:
    timeline = make_timeline([(0, 0), (100, 0)], session_id=["a", "b"])
    with pytest.raises(DataError, match="one session at a time"):
        viewer_seconds(timeline, make_frames([0, 100]))


def _study(values: np.ndarray, measure: str = "attention") -> pd.DataFrame:
    """Viewers' seconds of one-viewer sessions with these values of one measure."""
    viewers, seconds = values.shape
    table = pd.DataFrame(np.nan, range(values.size), list(SECOND_COLUMNS)).astype(
        {"session_id": object, "emotion": object}
    )
    table["session_id"] = [f"s{one:03d}" for one in np.repeat(np.arange(viewers), seconds)]
    table["viewer"] = 0
    table["second"] = np.tile(np.arange(seconds), viewers)
    table[measure] = values.ravel()
    return table


def test_the_audiences_second_is_the_mean_over_viewers_with_its_n() -> None:
    values = np.array([[0.2, 0.4], [0.6, np.nan], [1.0, np.nan]])
    table = audience(curves(_study(values), "attention"))
    assert table["mean"].tolist() == pytest.approx([0.6, 0.4])
    assert table["n"].tolist() == [3, 1]
    assert table["low"].iloc[0] <= 0.6 <= table["high"].iloc[0]
    assert table[["low", "high"]].iloc[1].isna().all()  # one viewer has no band


def test_a_band_of_attention_leaves_room_for_those_who_were_not_seen_to_look_away() -> None:
    values = np.ones((24, 1))
    away = audience(curves(_study(values), "attention")).iloc[0]
    # Jeffreys' bound for 0 of 24: between 1/24 and the rule of three.
    assert 1 - 3 / 24 < away["low"] < 1 - 1 / 24
    assert away["high"] == 1.0
    happy = audience(curves(_study(values, "p_happy"), "p_happy")).iloc[0]
    assert happy["low"] == 1.0


def test_five_viewers_without_a_smile_leave_room_for_one_who_would() -> None:
    values = np.zeros((5, 1))
    happy = audience(curves(_study(values, "p_happy"), "p_happy")).iloc[0]
    # Half sure of 0 of 5: under one in ten, four fifths of the way to 1.
    assert 0.02 < happy["high"] < 0.1
    assert happy["low"] == 0.0
    valence = audience(curves(_study(values, "valence"), "valence")).iloc[0]
    assert valence["low"] == pytest.approx(-valence["high"])
    assert happy["high"] < valence["high"] < 0.15
    calm = audience(curves(_study(values, "expressiveness"), "expressiveness")).iloc[0]
    assert calm["high"] == 0.0


def test_below_the_minimum_group_nothing_is_shown_but_n() -> None:
    values = np.full((5, 2), 0.5)
    values[4, 1] = np.nan
    table = audience(curves(_study(values), "attention"), minimum=5)
    assert table["mean"].iloc[0] == 0.5
    assert table[["mean", "low", "high"]].iloc[1].isna().all()
    assert table["n"].tolist() == [5, 4]


def test_the_share_counts_viewers_over_the_threshold() -> None:
    values = np.array([[0.9, 0.5], [0.6, 0.4], [0.1, np.nan], [0.2, 0.51]])
    table = emotion_share(_study(values, "p_happy"), "happy")
    assert table["share"].tolist() == pytest.approx([50.0, 100 / 3])
    assert table["n"].tolist() == [4, 3]
    with pytest.raises(SettingsError, match="bored"):
        emotion_share(_study(values), "bored")


def test_sessions_of_one_respondent_become_one_curve() -> None:
    table = _study(np.array([[0.2, 0.2], [0.6, np.nan], [1.0, 1.0]]))
    table["respondent"] = np.repeat(["ann", "ann", "bob"], 2)
    lines = curves(table, "attention", by=("respondent",))
    assert lines.viewers["respondent"].tolist() == ["ann", "bob"]
    np.testing.assert_allclose(lines.values, [[0.4, 0.2], [1.0, 1.0]])


def test_a_curve_of_an_unknown_measure_is_refused_with_the_names() -> None:
    with pytest.raises(SettingsError, match="engagement"):
        curves(_study(np.zeros((1, 1))), "boredom")


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 4999), st.integers(0, 2)), max_size=60))
def test_no_timeline_gives_a_second_outside_its_frames_or_its_bounds(
    rows: list[tuple[int, int]],
) -> None:
    table = pd.DataFrame(sorted(set(rows)), columns=["t_ms", "viewer"])
    times = sorted(set(table["t_ms"]))
    frames = pd.DataFrame({"frame": range(len(times)), "t_ms": times, "faces": 1})
    table["frame"] = table["t_ms"].map({t: at for at, t in enumerate(times)})
    table["session_id"], table["score"], table["usable"] = "s", 0.9, True
    for name in SECOND_COLUMNS[6:]:
        table[name] = "happy" if name == "emotion" else 0.25
    seconds = viewer_seconds(table, frames)
    assert set(seconds["second"]) <= {t // 1000 for t in times}
    assert seconds["attention"].isin([0.0, 0.125, 0.25]).all()
    assert not seconds.duplicated(["viewer", "second"]).any()
