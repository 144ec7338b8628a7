from __future__ import annotations

import numpy as np
import pytest

from fer_core.analytics.frame_time import Span, frame_durations
from fer_core.analytics.session import quality, quality_spans
from fer_core.errors import DataError
from tests.analytics.referee import emotion_shares

from .conftest import Table


def test_quality_weighs_each_frame_by_the_time_it_stands(
    make_timeline: Table, make_frames: Table
) -> None:
    """Five seconds at 20 frames a second with a face, five at 4 without: half the time."""
    dense, sparse = list(range(0, 5000, 50)), list(range(5000, 10000, 250))
    frames = make_frames(dense + sparse)
    timeline = make_timeline([(t, 0) for t in dense])
    # The last frame stands for the usual interval, 50 ms, not for 250: hence the tolerance.
    assert quality(timeline, frames) == pytest.approx(0.5, abs=0.011)
    assert len(dense) / len(frames) > 0.8  # what counting frames would have said


def test_a_hole_in_the_file_is_time_without_a_face(
    make_timeline: Table, make_frames: Table
) -> None:
    times = [*range(0, 2000, 100), *range(8000, 10000, 100)]
    timeline, frames = make_timeline([(t, 0) for t in times]), make_frames(times)
    # The frame before the hole of 6.1 s speaks for one second of it.
    assert quality(timeline, frames) == pytest.approx((10.0 - 5.1) / 10.0)
    spans = quality_spans(timeline, frames)
    assert spans.to_dict("records") == [{"from_ms": 2900, "to_ms": 8000, "why": "no frames"}]


def test_unusable_faces_and_null_rows_do_not_count(
    make_timeline: Table, make_frames: Table
) -> None:
    times = list(range(0, 4000, 1000))
    timeline = make_timeline(
        [(t, 0) for t in times], usable=[True, False, True, True], score=[0.9, 0.9, None, 0.9]
    )
    assert quality(timeline, make_frames(times)) == 0.5


def test_spans_say_where_quality_fails_and_why(make_timeline: Table, make_frames: Table) -> None:
    times = list(range(0, 6000, 100))
    usable = [not 1000 <= t < 2000 for t in times if t < 3000]
    timeline = make_timeline(
        [(t, 0) for t in times if t < 3000],
        usable=usable,
        why_not=["" if good else "blurred,dark" for good in usable],
    )
    spans = quality_spans(timeline, make_frames(times))
    assert spans.to_dict("records") == [
        {"from_ms": 1000, "to_ms": 2000, "why": "blurred"},
        {"from_ms": 3000, "to_ms": 6000, "why": "no face"},
    ]


def test_a_missed_frame_is_no_span(make_timeline: Table, make_frames: Table) -> None:
    times = list(range(0, 3000, 100))
    timeline = make_timeline([(t, 0) for t in times if t != 1500])
    assert quality_spans(timeline, make_frames(times)).empty


def test_a_picture_is_all_or_nothing(make_timeline: Table, make_frames: Table) -> None:
    assert quality(make_timeline([(0, 0)]), make_frames([0])) == 1.0
    assert quality(make_timeline([]), make_frames([0])) == 0.0
    assert emotion_shares(make_timeline([(0, 0)], happy=0.9), make_frames([0]))["happy"] == 1.0


def test_a_span_left_out_changes_neither_part_of_quality(
    make_timeline: Table, make_frames: Table
) -> None:
    times = list(range(0, 4000, 100))
    timeline = make_timeline([(t, 0) for t in times if t < 3000])
    assert quality(timeline, make_frames(times)) == 0.75
    assert quality(timeline, make_frames(times), spans=[Span(3000, 4000)]) == 1.0


def test_frames_out_of_order_are_refused() -> None:
    with pytest.raises(DataError, match="order"):
        frame_durations(np.array([0.0, 80.0, 40.0]))


def test_time_by_emotion_weighs_each_frame_by_its_time(
    make_timeline: Table, make_frames: Table
) -> None:
    times = list(range(0, 20_000, 500))
    happy = [0.9 if 10_000 <= t < 13_000 else 0.0 for t in times]
    shares = emotion_shares(make_timeline([(t, 0) for t in times], happy=happy), make_frames(times))
    assert shares["happy"] == pytest.approx(3 / 20)
    assert shares["neutral"] == pytest.approx(17 / 20)


def test_each_viewer_has_a_quality_of_its_own(make_timeline: Table, make_frames: Table) -> None:
    times = list(range(0, 4000, 100))
    rows = [(t, 0) for t in times] + [(t, 1) for t in times if t < 1000]
    timeline, frames = make_timeline(rows), make_frames(times)
    assert [quality(timeline, frames, viewer=one) for one in (0, 1)] == [1.0, 0.25]
