from __future__ import annotations

import numpy as np

from fer_core.analytics.shape import (
    Distance,
    Peak,
    extremes,
    in_end,
    in_hook,
    peak,
    peak_to_marker,
    peaks,
    smooth,
)


def test_hook_is_the_first_eight_seconds_without_pre_roll_and_end_the_last_five() -> None:
    seconds = np.arange(-2, 20)
    assert seconds[in_hook(seconds)].tolist() == list(range(8))
    assert seconds[in_end(seconds)].tolist() == list(range(15, 20))
    assert not in_end(seconds[:0]).any()


def test_smoothing_is_a_centred_mean_that_invents_nothing() -> None:
    found = smooth(np.array([0.0, 3.0, 6.0, np.nan, 10.0]))
    np.testing.assert_allclose(found, [1.5, 3.0, 4.5, np.nan, 10.0])
    np.testing.assert_allclose(smooth(np.array([4.0])), [4.0])


def test_the_peak_is_the_highest_second_of_the_curve_that_is_drawn() -> None:
    values = np.array([51.0, 40, 30, 45, 50, 51, 71, 20])
    assert peak(values) == Peak(6, 71.0)
    assert peak(values, np.arange(-3, 5)) == Peak(3, 71.0)
    assert peak(np.array([np.nan, 5.0, 5.0])) == Peak(1, 5.0)  # the first of equals
    assert peak(np.full(4, np.nan)) is None
    assert peak(np.zeros(0)) is None


def test_the_key_moments_are_apart_and_on_their_side_of_the_mean() -> None:
    values = np.array([50.0, 90, 88, 50, 70, 20, 50, 10, 50, np.nan, 80])
    high, low = extremes(values)
    assert high == [Peak(1, 90.0), Peak(10, 80.0), Peak(4, 70.0)]  # 2 belongs to 1
    assert low == [Peak(7, 10.0), Peak(0, 50.0), Peak(3, 50.0)]
    assert high[0] == peak(values)
    assert extremes(values, np.arange(5, 16), most=1) == ([Peak(6, 90.0)], [Peak(12, 10.0)])
    assert extremes(np.full(9, 40.0)) == ([], [])
    assert extremes(np.full(9, np.nan)) == ([], [])


def test_peaks_stand_out_and_may_lie_at_either_end() -> None:
    values = np.array([9.0, 5, 0, 0, 0, 5, 6, 7, 0, 0, 0.2, 0.2, 0, 0, 4, 8])
    assert peaks(values) == [Peak(0, 9.0), Peak(7, 7.0), Peak(15, 8.0)]
    assert peaks(np.ones(9)) == []


def test_the_highest_second_is_a_peak_though_it_is_an_odd_one() -> None:
    values = np.zeros(30)
    values[3] = 10.0  # smoothed, lower than the hill
    values[10:13] = 6.0
    assert peak(values) == Peak(3, 10.0)
    assert [one.second for one in peaks(values)] == [3, 10]


def test_the_distance_to_a_marker_is_to_the_nearest_peak_on_either_side() -> None:
    values = np.zeros(30)
    for place in (4, 10, 21):
        values[place - 1 : place + 2] = 4.0, 5.0, 4.0
    assert peak_to_marker(values, 14_000) == Distance(4, 7)
    assert peak_to_marker(values, 10_400) == Distance(6, 0)
    assert peak_to_marker(values, 2_000) == Distance(None, 2)
    assert peak_to_marker(values, 9_000, np.arange(-5, 25)) == Distance(4, 7)
