"""Lids that stay down: sleep, a look down, or a laugh."""

from __future__ import annotations

import numpy as np
import pytest

from fer_core.calibration.lowered import Lowered, read_lowered

T = np.arange(0, 12_000, 40)
DOWN = (T >= 4000) & (T < 7000)


def lowered(
    *, pitch: np.ndarray | float = 0.0, smile: float = 0.0, openness: float = 0.02,
    down: np.ndarray = DOWN,
) -> Lowered:  # fmt: skip
    angles = np.broadcast_to(np.asarray(pitch, np.float64), T.shape)
    return read_lowered(T, down, np.where(down, openness, 1.0), np.where(down, smile, 0.0), angles)


def test_lids_that_stay_down_in_a_level_head_are_closed() -> None:
    found = lowered()
    assert found.closed.tolist() == DOWN.tolist()
    assert not found.down.any()


@pytest.mark.parametrize("usual", [0.0, -15.0, 12.0])
def test_lids_under_a_bent_head_are_down_and_no_more_is_known(usual: float) -> None:
    found = lowered(pitch=np.where((T >= 3800) & (T < 7200), usual - 18.0, usual))
    assert np.isnan(found.closed[DOWN]).all()
    assert (found.closed[~DOWN] == 0).all()
    assert found.down.tolist() == DOWN.tolist()


def test_a_head_that_sinks_after_its_lids_sleeps() -> None:
    found = lowered(pitch=np.where((T >= 4800) & (T < 7200), -30.0, 0.0))
    assert (found.closed[DOWN] == 1).all()
    assert not found.down.any()


def test_who_is_only_ever_seen_with_a_bent_head_is_held_against_the_camera() -> None:
    always = np.ones(len(T), np.bool_)
    assert lowered(pitch=-25.0, down=always).down.all()
    assert (lowered(pitch=-4.0, down=always).closed == 1).all()
    assert (lowered(pitch=np.nan, down=always).closed == 1).all()


def test_a_laugh_narrows_the_eyes_and_pressed_lids_say_nothing_for_a_while() -> None:
    assert (lowered(smile=0.8, openness=0.3).closed == 0).all()
    pressed = lowered(smile=0.8)
    assert np.isnan(pressed.closed[DOWN]).all()
    assert not pressed.down.any()
    long = (T >= 2000) & (T < 8000)
    assert (lowered(smile=0.8, down=long).closed[long] == 1).all()
