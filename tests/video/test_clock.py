from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fer_core.video.clock import Clock, Sampler, Steps

MS = Fraction(1, 1000)


def times(stamps: list[int | None], fps: float = 25) -> list[int]:
    clock = Clock(fps)
    return [clock.tick(stamp, MS) for stamp in stamps]


def test_times_are_rounded_to_the_nearest_millisecond() -> None:
    clock = Clock(30)
    assert [clock.tick(n, Fraction(1, 30)) for n in range(4)] == [0, 33, 67, 100]


def test_missing_times_follow_the_rate() -> None:
    assert times([None, None, None]) == [0, 40, 80]
    assert times([0, None, None, 120]) == [0, 40, 80, 120]
    assert times([None, 5000, 5040]) == [0, 40, 80]


def test_a_small_step_back_is_put_just_behind_and_a_restart_continues() -> None:
    assert times([0, 40, 30, 80]) == [0, 40, 41, 80]
    assert times([0, 9000, 0, 40, 80]) == [0, 9000, 9040, 9080, 9120]
    assert times([0, 40, 40, 80]) == [0, 40, 41, 80]


def test_a_leap_of_days_is_damage_and_a_pause_of_minutes_is_not() -> None:
    assert times([0, 40, 600_040, 600_080]) == [0, 40, 600_040, 600_080]
    assert times([0, 40, 10**10, 10**10 + 40]) == [0, 40, 80, 120]


@given(st.lists(st.one_of(st.none(), st.integers(-(2**40), 2**40)), max_size=60))
def test_times_always_rise(stamps: list[int | None]) -> None:
    got = times(stamps)
    assert all(a < b for a, b in pairwise(got))
    assert all(t >= 0 for t in got)


@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=80),
    st.floats(0.2, 200, allow_nan=False),
)
def test_sampling_keeps_the_first_frame_at_or_after_each_due_time(
    steps: list[int], fps: float
) -> None:
    at = [0]
    for step in steps:
        at.append(at[-1] + step)
    sampler = Sampler(fps)
    kept = [t for t in at if sampler.wants(t)]
    rate = Fraction(fps).limit_denominator(100_000)
    expected = []
    due = Fraction(0)
    for t in at:
        if t + 1 >= due * 1000 / rate or t == 0:  # a millisecond early is on time
            expected.append(t)
            while due * 1000 / rate <= t + 1:
                due += 1
    assert kept == expected


def test_no_frame_of_thirty_a_second_is_lost_at_thirty() -> None:
    for rounding in (round, int):
        sampler = Sampler(30)
        assert all(sampler.wants(rounding(n * 1000 / 30)) for n in range(3000))


def test_a_hole_counts_in_an_even_film_only() -> None:
    even, uneven = Steps(), Steps()
    for index in range(100):
        even.add(40 if index != 50 else 1000)
        uneven.add(20 + (index * 37) % 300 if index != 50 else 1000)
    assert even.missing() == 24
    assert uneven.missing() == 0
