"""What docs/benchmarks/stability.md calls noise and delay, on numbers whose noise is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.stability.figures import delay, noise, progress
from benchmarks.stability.films import CAMERAS, SIDE, shoot
from benchmarks.stability.filters import WAYS, around, exponential, of_probabilities, recent
from fer_core.labels import EMOTIONS
from fer_core.measures import HAPPY, NEUTRAL
from fer_core.video import Decoder


def faces(*happy: float) -> np.ndarray:
    """Frames that are happy to this share, and neutral to the rest."""
    p = np.zeros((len(happy), len(EMOTIONS)), np.float32)
    p[:, HAPPY], p[:, NEUTRAL] = happy, 1 - np.array(happy)
    return p


def test_noise_is_what_differs_between_frames() -> None:
    calm = noise(faces(*[0.7] * 50), np.ones(50, np.float32), HAPPY)
    assert (calm.step, calm.valence, calm.engagement, calm.leads, calm.second) == (0, 0, 0, 0, 0)
    assert calm.right == 1
    odd = noise(faces(*[0.4, 0.6] * 25), np.ones(50, np.float32), HAPPY)
    assert odd.step == pytest.approx(0.2, abs=1e-5)
    assert odd.valence == pytest.approx(0.2, abs=1e-5)
    assert odd.engagement == pytest.approx(60 * 0.2, abs=1e-3)
    assert odd.leads == pytest.approx(25)
    assert odd.right == 0.5


def test_delay_counts_from_the_middle_in_parts_of_a_frame() -> None:
    shares = progress(faces(0, 0, 0.25, 0.75, 1, 1), *faces(0, 1))
    assert delay(shares, 2.5, 0.5) == pytest.approx(0)
    assert delay(shares, 2.5, 0.9) == pytest.approx(1.1)
    assert np.isnan(delay(shares[:3], 2.5, 0.5))


def test_filters_look_back_by_as_much_as_they_say() -> None:
    t, step = np.arange(20) / 25, np.repeat([0.0, 1.0], 10)[:, None]
    assert exponential(0.08)(t, step)[11, 0] == pytest.approx(1 - np.exp(-1))
    assert recent(4)(t, step)[9:14, 0].tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert around(1)(t, step)[8:12, 0] == pytest.approx([0, 1 / 3, 2 / 3, 1])


def test_every_way_gives_probabilities_and_leaves_what_does_not_change() -> None:
    t, p = np.arange(30) / 25, faces(*[0.7] * 30) + 0.01
    p /= p.sum(axis=1, keepdims=True)
    for way in WAYS:
        np.testing.assert_allclose(of_probabilities(way.probabilities)(t, p), p, atol=1e-5)


def test_a_film_shows_its_photograph_where_it_is_said_to(tmp_path: Path) -> None:
    white = np.full((SIDE, SIDE, 3), 250, np.uint8)
    sway = shoot(tmp_path / "a.mp4", [white] * 5, CAMERAS[0], np.random.default_rng(0))
    with Decoder(tmp_path / "a.mp4") as decoder:
        frames = list(decoder)
    assert len(frames) == 5
    for frame in frames:
        left, top = sway.matrix(frame.index)[:, 2]
        rows, columns = np.nonzero(frame.grey > 200)
        assert np.quantile(columns, 0.01) == pytest.approx(left, abs=4)
        assert np.quantile(rows, 0.01) == pytest.approx(top, abs=4)
