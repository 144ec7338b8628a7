"""Gaze from places of the iris and the head's turn, against what is usual."""

from __future__ import annotations

import numpy as np
import pytest

from fer_core.calibration.gaze import ASIDE, UP, Gaze, read_gaze


def looking(right: np.ndarray, up: np.ndarray, shift: float = 0.0) -> np.ndarray:
    """The iris of both eyes of somebody whose eyes turn so many degrees in the head."""
    x = ASIDE * np.sin(np.radians(right)) + shift
    y = -UP * np.sin(np.radians(up)) + shift
    return np.stack([x, y, x, y], axis=1)


def read(iris: np.ndarray, yaw: float | np.ndarray = 0.0, open_lids: float = 1.0) -> Gaze:
    n = len(iris)
    return read_gaze(iris, np.broadcast_to(yaw, n), np.zeros(n), np.full(n, open_lids))


@pytest.mark.parametrize("shift", [-0.06, 0.0, 0.05])
def test_degrees_from_the_usual_gaze_whatever_the_eyes_shape(shift: float) -> None:
    right, up = np.zeros(100), np.zeros(100)
    right[:10], up[10:20] = 18, -9
    found = read(looking(right, up, shift))
    assert np.abs(found.x - right).max() < 2
    assert np.abs(found.y - up).max() < 2
    assert found.away[:10].all()
    assert not found.away[10:].any()  # nine degrees down are not away


def test_a_head_that_turns_while_the_eyes_stay_is_not_away() -> None:
    yaw = np.zeros(100)
    yaw[:30] = 20
    found = read(looking(-yaw, np.zeros(100)), yaw)
    assert np.abs(found.x).max() < 1
    assert not found.away.any()


def test_lowered_lids_hide_the_gaze() -> None:
    found = read(looking(np.zeros(50), np.zeros(50)), open_lids=0.2)
    assert np.isnan(found.x).all()
    assert not found.away.any()
    assert not found.own


def test_a_few_readings_have_no_usual_gaze() -> None:
    found = read(looking(np.full(5, 20.0), np.zeros(5)))
    assert not found.own
    assert not found.away.any()
    assert np.isnan(found.x).all()


def test_what_was_not_read_stays_unknown() -> None:
    iris = looking(np.zeros(60), np.zeros(60))
    iris[::2] = np.nan
    found = read(iris)
    assert np.isnan(found.x[::2]).all()
    assert np.isfinite(found.x[1::2]).all()
    assert found.own
