"""One viewer's columns from her readings: who sleeps or looks away does not attend."""

from __future__ import annotations

import numpy as np

from fer_core.calibration.gaze import ASIDE
from fer_core.calibration.viewer import COLUMNS, Calibrated, calibrate
from fer_core.measures import READINGS

FPS, SECONDS = 30, 12
#: Lids, iris, then a face at rest.
STILL = (0.21, 0.21, 0, -0.05, 0, -0.05, 0, 0, 0, 0, 0.246)
T = np.round(1000 * np.arange(FPS * SECONDS) / FPS).astype(int)


def viewer(**changed: tuple[float, float, float]) -> np.ndarray:
    """Readings as they come: eyes in every second frame, signs in every fourth. A change is
    a value and the seconds between which it holds."""
    readings = np.tile(np.array(STILL), (len(T), 1))
    for name, (value, begin, end) in changed.items():
        held = (1000 * begin <= T) & (1000 * end > T)
        readings[held, READINGS.index(name)] = value
    readings[1::2] = np.nan
    readings[2::4, 6:] = np.nan
    noise = np.random.default_rng(0).normal(0, 0.002, readings.shape)
    return readings + noise


def read(readings: np.ndarray, yaw: np.ndarray | float = 0.0) -> Calibrated:
    pose = np.zeros((len(T), 3))
    pose[:, 0] = yaw
    return calibrate(T, readings, pose)


def within(begin: float, end: float) -> np.ndarray:
    return (1000 * begin <= T) & (1000 * end > T)


def test_every_frame_between_two_readings_has_every_column() -> None:
    found = read(viewer())
    assert tuple(found.columns) == COLUMNS
    for values in found.columns.values():
        assert np.isfinite(values[:-4]).all()
    assert (found.attends == 1).all()


def test_a_sleeping_viewer_does_not_attend_and_a_blink_changes_nothing() -> None:
    found = read(viewer(lid_left=(0.03, 4, 6), lid_right=(0.03, 4, 6)))
    assert (found.columns["eyes_closed"][within(4.1, 5.9)] == 1).all()
    assert (found.attends[within(4.1, 5.9)] == 0).all()
    assert (found.attends[within(0, 3.8)] == 1).all()
    blinking = read(viewer(lid_left=(0.03, 4, 4.15), lid_right=(0.03, 4, 4.15)))
    assert np.nansum(blinking.columns["blink"]) >= 3
    assert (blinking.attends == 1).all()


def test_laughing_eyes_attend() -> None:
    laugh = {"lid_left": (0.13, 3, 7), "lid_right": (0.13, 3, 7), "smile_sign": (0.9, 3, 7)}
    found = read(viewer(**laugh))
    inside = within(3.2, 6.8)
    assert (found.columns["smile"][inside] > 0.6).all()
    assert (found.columns["eyes_narrowed"][inside] > 0.3).all()
    assert (found.attends == 1).all()


def test_pressed_lids_are_told_by_whether_the_viewer_was_seen_with_open_eyes() -> None:
    """Whoever smiles all the time and shuts her eyes sleeps; who is only ever seen laughing with
    pressed lids, as in a film of three seconds, may be awake."""
    smiling = {"smile_sign": (0.9, 0, 12)}
    asleep = read(viewer(lid_left=(0.03, 4, 6), lid_right=(0.03, 4, 6), **smiling))
    assert (asleep.columns["eyes_closed"][within(4.1, 5.9)] == 1).all()
    short = slice(0, 3 * FPS)
    pose = np.zeros((3 * FPS, 3))
    pressed = viewer(lid_left=(0.01, 0, 12), lid_right=(0.01, 0, 12), **smiling)[short]
    found = calibrate(T[short], pressed, pose)
    assert np.isnan(found.columns["eyes_closed"][:-4]).all()
    assert (found.attends[:-4] == 1).all()


def test_eyes_that_leave_the_screen_do_not_attend() -> None:
    aside = ASIDE * np.sin(np.radians(30))
    found = read(viewer(iris_left_x=(aside, 5, 7), iris_right_x=(aside, 5, 7)))
    inside = within(5.1, 6.9)
    assert np.abs(found.columns["gaze_x"][inside] - 30).max() < 4
    assert (found.attends[inside] == 0).all()
    assert found.attends[within(0, 4.9)].all()


def test_a_gap_stays_unknown_and_attends() -> None:
    readings = viewer()
    readings[within(4, 7)] = np.nan
    found = read(readings)
    inside = within(4.2, 6.8)
    for values in found.columns.values():
        assert np.isnan(values[inside]).all()
    assert found.attends[inside].all()


def test_sparse_frames_have_lids_but_no_blinks() -> None:
    t = np.arange(0, 60_000, 500)
    readings = np.tile(np.array(STILL), (len(t), 1))
    found = calibrate(t, readings, np.zeros((len(t), 3)))
    assert np.isfinite(found.columns["eyes_open"]).all()
    assert np.isnan(found.columns["blink"]).all()
    assert np.isnan(found.columns["eyes_closed"]).all()


def test_nobody_has_no_rows() -> None:
    found = calibrate(np.zeros(0, int), np.zeros((0, len(READINGS))), np.zeros((0, 3)))
    assert all(len(values) == 0 for values in found.columns.values())
