from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fer_core.analytics.baseline import REFERENCE
from fer_core.analytics.frame_time import Span
from fer_core.errors import SettingsError
from fer_core.labels import EMOTIONS, PROBABILITY_COLUMNS
from tests.analytics.referee import correct, shift

from .conftest import Table

#: A face that rests in sadness.
SAD = np.array([0.1, 0.02, 0.05, 0.03, 0.5, 0.05, 0.25])


def _with_faces(timeline: pd.DataFrame, p: np.ndarray) -> pd.DataFrame:
    timeline[list(PROBABILITY_COLUMNS)] = p
    return timeline


def test_the_shift_is_the_formula() -> None:
    p = np.array([0.2, 0.1, 0.1, 0.3, 0.1, 0.1, 0.1])
    expected = p * REFERENCE / SAD
    np.testing.assert_allclose(shift(p, SAD), expected / expected.sum(), rtol=1e-12)


def test_a_resting_face_becomes_the_reference(make_timeline: Table) -> None:
    timeline = make_timeline([(t, 0) for t in range(0, 6000, 200)])
    done = correct(_with_faces(timeline, np.tile(SAD, (30, 1))))
    np.testing.assert_allclose(
        done.timeline[list(PROBABILITY_COLUMNS)], np.tile(REFERENCE, (30, 1)), atol=1e-6
    )
    assert (done.timeline["emotion"] == "neutral").all()
    assert done.timeline["confidence"].iloc[0] == pytest.approx(0.7)
    assert done.timeline["expressiveness"].iloc[0] == pytest.approx(0.3)
    assert done.timeline["valence"].iloc[0] == pytest.approx(0.0, abs=1e-6)
    assert done.timeline["engagement"].iloc[0] == pytest.approx(100 * (0.4 + 0.6 * 0.3))


def test_raw_numbers_stay_as_they_are(make_timeline: Table) -> None:
    timeline = _with_faces(make_timeline([(0, 0), (4000, 0)]), np.tile(SAD, (2, 1)))
    before = timeline.copy()
    correct(timeline)
    pd.testing.assert_frame_equal(timeline, before)


def test_each_viewer_has_a_baseline_of_its_own_and_one_without_stays(
    make_timeline: Table,
) -> None:
    rows = [(0, 0), (0, 1), (1000, 0), (1000, 1), (5000, 0), (5000, 1), (5000, 2)]
    timeline = make_timeline(rows, happy=[0.1, 0.3, 0.1, 0.3, 0.6, 0.6, 0.6])
    done = correct(timeline)
    late = done.timeline[done.timeline["t_ms"] == 5000].set_index("viewer")["p_happy"]
    assert late[0] > late[1] > 0  # the one who smiles at rest is believed less
    assert late[2] == pytest.approx(0.6)
    assert done.viewers["corrected"].tolist() == [True, True, False]
    assert done.viewers["frames"].tolist() == [2, 2, 0]


def test_unusable_frames_and_frames_outside_the_pre_roll_make_no_baseline(
    make_timeline: Table,
) -> None:
    timeline = make_timeline(
        [(t, 0) for t in (0, 1000, 2000, 7000)],
        happy=[0.9, 0.2, 0.4, 0.9],
        usable=[False, True, True, True],
    )
    assert correct(timeline).viewers["b_happy"].iloc[0] == pytest.approx(0.3)
    marked = correct(timeline, pre_roll=Span(1500, 8000)).viewers
    assert marked["b_happy"].iloc[0] == pytest.approx(0.65)


def test_a_trace_that_the_pre_roll_lacked_does_not_become_the_answer() -> None:
    still = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])
    trace = np.array([0.0, 0.0, 0.0, 0.02, 0.0, 0.0, 0.98])
    assert shift(trace, still)[EMOTIONS.index("happy")] < 0.2


def test_a_reference_must_name_all_seven(make_timeline: Table) -> None:
    with pytest.raises(SettingsError, match="7 numbers"):
        correct(make_timeline([(0, 0)]), reference=[0.5, 0.5])
