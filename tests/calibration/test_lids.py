"""Lids over time: made readings whose blinks are known, and what must not count as one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_core.calibration.lids import Lids, read_lids

OPEN, SHUT = 0.21, 0.05


def readings(
    seconds: float,
    spells: list[tuple[float, float]],
    *,
    fps: float = 30,
    opened: float = OPEN,
    low: float = SHUT,
    noise: float = 0.003,
) -> tuple[np.ndarray, np.ndarray]:
    """Times and both eyes' apertures: lids down in the spells, 0.05 s for each way."""
    t = np.arange(0, seconds, 1 / fps)
    level = np.full(len(t), opened)
    for begin, end in spells:
        down = np.clip(np.minimum(t - begin + 0.05, end + 0.05 - t) / 0.05, 0, 1)
        level -= down * (opened - low)
    rng = np.random.default_rng(1)
    return np.round(1000 * t).astype(int), level[:, None] + rng.normal(0, noise, (len(t), 2))


def lids(t: np.ndarray, apertures: np.ndarray, yaw: float = 0.0) -> Lids:
    return read_lids(t, apertures, np.full(len(t), yaw))


@pytest.mark.parametrize("fps", [15, 25, 30])
def test_blinks_are_found_when_they_happen(fps: float) -> None:
    true = [(1.0, 1.1), (2.5, 2.58), (4.0, 4.15)]
    t, apertures = readings(6, true, fps=fps)
    found = lids(t, apertures)
    assert found.blinks is not None
    assert len(found.blinks) == 3
    for (begin, end), (low, high) in zip(found.blinks, true):
        assert abs((begin + end) / 2000 - (low + high) / 2) < 1.5 / fps
    assert not found.shut.any()
    assert found.own


@pytest.mark.parametrize(("opened", "low"), [(0.15, 0.04), (0.26, 0.10), (0.2, 0.12)])
def test_narrow_and_wide_eyes_are_measured_against_their_own(opened: float, low: float) -> None:
    t, apertures = readings(8, [(1, 1.1), (3, 3.1), (5, 5.1)], opened=opened, low=low)
    found = lids(t, apertures)
    assert found.blinks is not None
    assert len(found.blinks) == 3
    assert np.median(found.open) > 0.9
    assert found.open.min() < 0.1


def test_lids_that_stay_down_are_shut_eyes_and_no_blink() -> None:
    t, apertures = readings(8, [(2, 3.5)])
    found = lids(t, apertures)
    assert found.blinks == ()
    inside = (t >= 2000) & (t <= 3500)
    assert found.shut[inside].all()
    assert not found.shut[(t < 1900) | (t > 3600)].any()


def test_a_viewer_who_sleeps_all_the_time_is_shut_against_the_population() -> None:
    t, apertures = readings(5, [(-1, 6)])
    found = lids(t, apertures)
    assert found.shut.all()
    assert not found.own


def test_eyes_narrowed_by_a_laugh_are_neither() -> None:
    t, apertures = readings(8, [(1, 1.1)], noise=0.002)
    laughing = (t >= 3000) & (t <= 5500)
    apertures[laughing] -= 0.35 * (OPEN - SHUT)
    found = lids(t, apertures)
    assert found.blinks is not None
    assert len(found.blinks) == 1
    assert not found.shut.any()


def test_a_viewer_who_laughs_and_does_not_blink_is_awake() -> None:
    t, apertures = readings(12, [], noise=0.002)
    apertures[(t >= 3000) & (t <= 7000)] *= 0.64
    found = lids(t, apertures)
    assert found.blinks == ()
    assert not found.shut.any()


def test_noise_alone_blinks_not() -> None:
    for noise in (0.003, 0.01, 0.02):
        t, apertures = readings(20, [], noise=noise)
        found = lids(t, apertures)
        assert found.blinks == ()
        assert not found.shut.any()


def test_readings_too_far_apart_show_openness_but_no_blinks() -> None:
    t, apertures = readings(20, [(3, 6)], fps=2)
    found = lids(t, apertures)
    assert found.blinks is None
    assert np.isfinite(found.open).all()
    assert not found.blink.any()


def test_frames_without_a_reading_take_part_between_those_with_one() -> None:
    t, apertures = readings(6, [(1.0, 1.12), (3, 4)])
    apertures[1::2] = np.nan
    found = lids(t, apertures)
    assert found.blinks is not None
    assert len(found.blinks) == 1
    assert np.isnan(found.open[1::2]).all()
    assert found.shut[(t > 3050) & (t < 3950)].all()  # the frames between, too


def test_a_turned_face_is_read_from_its_nearer_eye() -> None:
    t, apertures = readings(6, [(2, 2.1)])
    apertures /= np.cos(np.radians(40))  # an eye seen from the side is narrower
    apertures[:, 1] = 0.3  # the farther one says nothing
    found = lids(t, apertures, yaw=40)
    assert found.blinks is not None
    assert len(found.blinks) == 1


def test_nothing_read_is_unknown() -> None:
    t = np.arange(0, 3000, 33)
    found = lids(t, np.full((len(t), 2), np.nan))
    assert found.blinks is None
    assert np.isnan(found.open).all()
    empty = lids(np.zeros(0, int), np.zeros((0, 2)))
    assert len(empty.open) == len(empty.blink) == 0


@given(st.integers(0, 2**31), st.integers(2, 120))
def test_openness_stays_within_its_range(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    t = np.cumsum(rng.integers(1, 120, n))
    apertures = rng.normal(0.15, 0.1, (n, 2))
    apertures[rng.random(n) < 0.2] = np.nan
    found = lids(t, apertures)
    known = np.isfinite(apertures).all(axis=1)
    assert (np.isfinite(found.open) == known).all()
    assert (found.open[known] >= 0).all()
    assert (found.open[known] <= 1).all()
    assert not (found.blink & found.shut).any()
