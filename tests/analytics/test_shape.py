from __future__ import annotations

import numpy as np
import pytest

from fer_core.analytics.shape import (
    Distance,
    Peak,
    end,
    hook,
    peak,
    peak_to_marker,
    peaks,
    smooth,
)


def test_hook_is_the_first_eight_seconds_and_end_the_last_five() -> None:
    values = np.arange(20.0)
    assert hook(values) == np.mean(range(8))
    assert end(values) == np.mean(range(15, 20))


def test_the_pre_roll_is_no_part_of_the_hook() -> None:
    values, seconds = np.array([99.0, 99.0, *range(10)]), np.arange(-2, 10)
    assert hook(values, seconds) == np.mean(range(8))


def test_smoothing_is_a_centred_mean_that_invents_nothing() -> None:
    found = smooth(np.array([0.0, 3.0, 6.0, np.nan, 10.0]))
    np.testing.assert_allclose(found, [1.5, 3.0, 4.5, np.nan, 10.0])
    np.testing.assert_allclose(smooth(np.array([4.0])), [4.0])


def test_the_peak_is_the_highest_smoothed_second_not_the_highest_second() -> None:
    values = np.zeros(20)
    values[3] = 10.0  # one odd second
    values[10:13] = 6.0
    assert peak(values) == Peak(11, 6.0)
    assert peak(np.full(4, np.nan)) is None
    assert peak(np.zeros(0)) is None


def test_peaks_stand_out_and_may_lie_at_either_end() -> None:
    values = np.array([9.0, 5, 0, 0, 0, 6, 6, 6, 0, 0, 0.2, 0.2, 0, 0, 4, 8])
    assert [one.second for one in peaks(values)] == [0, 6, 15]
    assert peaks(np.ones(9)) == []


def test_the_distance_to_a_marker_is_to_the_nearest_peak_on_either_side() -> None:
    values = np.zeros(30)
    for place in (4, 10, 21):
        values[place - 1 : place + 2] = 5.0
    assert peak_to_marker(values, 14_000) == Distance(4, 7)
    assert peak_to_marker(values, 10_400) == Distance(6, 0)
    assert peak_to_marker(values, 2_000) == Distance(None, 2)
    assert peak_to_marker(values, 9_000, np.arange(-5, 25)) == Distance(4, 7)


@pytest.mark.parametrize("answer", [hook, end])
def test_nothing_known_has_no_mean(answer: object) -> None:
    assert np.isnan(answer(np.full(12, np.nan)))  # type: ignore[operator]
    assert np.isnan(answer(np.zeros(0)))  # type: ignore[operator]
