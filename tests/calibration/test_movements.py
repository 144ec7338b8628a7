"""Movements from signs: against one's own rest, within 0 to 1, unknown where unread."""

from __future__ import annotations

import numpy as np
import pytest

from fer_core.calibration.movements import MOVEMENTS, TABLE, eyes_narrowed, read_movements
from fer_core.measures import SIGNS

#: A face of the population at rest.
REST = dict.fromkeys(SIGNS, 0.0) | {"lips": TABLE["lips_pressed"].rest}


def faces(n: int, **changed: float) -> np.ndarray:
    row = [REST[name] + changed.get(name, 0.0) for name in SIGNS]
    return np.tile(np.array(row), (n, 1))


def read(signs: np.ndarray) -> dict[str, np.ndarray]:
    return read_movements(signs, np.zeros(len(signs)))


@pytest.mark.parametrize("movement", MOVEMENTS)
def test_each_movement_answers_to_its_own_sign(movement: str) -> None:
    told = TABLE[movement]
    found = read(np.concatenate([faces(100), faces(20, **{told.sign: 0.8 * told.full})]))
    assert found[movement][:100].max() < 0.05
    assert found[movement][100:].min() == pytest.approx(0.8)
    for other in set(MOVEMENTS) - {movement}:
        assert found[other].max() < 0.05


def test_rest_is_the_viewers_own_but_not_any() -> None:
    wide = faces(200, smile_sign=0.4)  # a wide mouth is no smile
    assert read(wide)["smile"].max() == 0
    laughing = faces(200, smile_sign=1.2)  # all the time: it is one
    assert read(laughing)["smile"].min() > 0.5


def test_a_photograph_is_held_against_the_population() -> None:
    assert read(faces(1, smile_sign=0.6))["smile"][0] == pytest.approx(0.6)


def test_lips_are_not_judged_in_an_open_mouth() -> None:
    found = read(np.concatenate([faces(100), faces(5, lips=-0.06, mouth_open_sign=0.5)]))
    assert found["lips_pressed"].max() == 0


def test_what_was_not_read_is_unknown_and_does_not_move_the_rest() -> None:
    signs = faces(120)
    signs[::3] = np.nan
    found = read(signs)
    for values in found.values():
        assert np.isnan(values[::3]).all()
        assert np.nanmax(values) < 0.05


def test_narrowed_eyes_are_neither_blink_nor_sleep() -> None:
    open_lids = np.array([1.0, 0.6, 0.1, 0.1, np.nan])
    blink = np.array([False, False, True, False, False])
    shut = np.array([False, False, False, True, False])
    found = eyes_narrowed(open_lids, blink, shut)
    assert found[0] == 0
    assert 0.5 < found[1] < 0.8
    assert np.isnan(found[2:]).all()
