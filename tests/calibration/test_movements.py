"""Movements from distances: against one's own rest, within 0 to 1, unknown where unread."""

from __future__ import annotations

import numpy as np
import pytest

from fer_core.calibration.movements import MOVEMENTS, TABLE, eyes_narrowed, read_movements
from fer_core.measures import DISTANCES

#: A face of the population at rest: width, lift, gap, lips, brows, inner brows.
REST = dict(zip(DISTANCES, (0.784, -0.014, 0.055, 0.295, 0.66, 0.67)))


def faces(n: int, **changed: float) -> np.ndarray:
    row = [REST[name] + changed.get(name, 0.0) for name in DISTANCES]
    return np.tile(np.array(row), (n, 1))


def read(distances: np.ndarray) -> dict[str, np.ndarray]:
    still = np.zeros(len(distances))
    return read_movements(distances, still, still)


@pytest.mark.parametrize(
    ("movement", "changed"),
    [
        ("smile", {"mouth_width": 0.2, "mouth_lift": 0.05}),
        ("mouth_open", {"mouth_gap": 0.18}),
        ("brows_up", {"brows": 0.15, "brows_inner": 0.15}),
        ("brows_drawn", {"brows": -0.1, "brows_inner": -0.2}),
        ("lips_pressed", {"lips": -0.05}),
    ],
)
def test_each_movement_answers_to_its_own_distance(
    movement: str, changed: dict[str, float]
) -> None:
    found = read(np.concatenate([faces(100), faces(20, **changed)]))
    assert found[movement][:100].max() < 0.05
    assert found[movement][100:].min() > 0.6
    for other in set(MOVEMENTS) - {movement}:
        assert found[other].max() < 0.1


def test_rest_is_the_viewers_own_but_not_any() -> None:
    wide = faces(200, mouth_width=0.1)  # a wide mouth is no smile
    assert read(wide)["smile"].max() == 0
    laughing = faces(200, mouth_width=0.3, mouth_lift=0.08)  # all the time: it is one
    assert read(laughing)["smile"].min() > 0.5


def test_a_photograph_is_held_against_the_population() -> None:
    assert read(faces(1, mouth_width=0.2))["smile"][0] == pytest.approx(0.2 / TABLE["smile"].full)


def test_a_nod_raises_no_brows() -> None:
    pitch = np.where(np.arange(200) < 100, 0.0, 20.0)
    distances = faces(200)
    distances[:, 4:] += 0.003 * pitch[:, None]  # seen from below, brows stand higher
    found = read_movements(distances, np.zeros(200), pitch)
    assert found["brows_up"].max() < 0.05
    assert found["brows_drawn"].max() < 0.05


def test_lips_are_not_judged_in_an_open_mouth() -> None:
    found = read(np.concatenate([faces(100), faces(5, lips=-0.06, mouth_gap=0.15)]))
    assert found["lips_pressed"].max() == 0


def test_what_was_not_read_is_unknown_and_does_not_move_the_rest() -> None:
    distances = faces(120)
    distances[::3] = np.nan
    found = read(distances)
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
