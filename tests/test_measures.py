"""The measures of a face, against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_core.labels import EMOTIONS
from fer_core.measures import FACE_MEASURES, facing, measure, measure_versions
from fer_core.types import AnalysisSettings

FRONT = np.zeros((1, 3), np.float32)


def face(**shares: float) -> np.ndarray:
    return np.array([[shares.get(name, 0.0) for name in EMOTIONS]], np.float32)


def test_a_still_face_that_looks_at_the_screen_is_watching_quietly() -> None:
    found = measure(face(neutral=1.0), FRONT)
    assert found["expressiveness"][0] == 0
    assert found["activation"][0] == 0
    assert found["engagement"][0] == pytest.approx(40)


def test_a_laughing_face_that_looks_at_the_screen_is_fully_engaged() -> None:
    found = measure(face(happy=1.0), FRONT)
    assert found["valence"][0] == pytest.approx(1)
    assert found["engagement"][0] == pytest.approx(100)
    assert found["activation"][0] == pytest.approx(0.6)


def test_valence_takes_the_strongest_of_the_unpleasant_not_their_sum() -> None:
    found = measure(face(happy=0.3, angry=0.2, sad=0.4, surprise=0.1), FRONT)
    assert found["valence"][0] == pytest.approx(0.3 - 0.4)


def test_the_weights_of_engagement_are_settings() -> None:
    settings = AnalysisSettings(engagement_base=0.1, engagement_expressive=0.9)
    assert measure(face(neutral=1.0), FRONT, settings)["engagement"][0] == pytest.approx(10)


@pytest.mark.parametrize(
    ("yaw", "pitch", "expected"),
    [(0, 0, 1), (15, 12, 1), (30, 0, 0.5), (-30, 0, 0.5), (45, 0, 0), (0, 23.5, 0.5), (0, -35, 0)],
)
def test_attention_falls_along_its_ramps(yaw: float, pitch: float, expected: float) -> None:
    assert facing(np.array([[yaw, pitch, 80]], np.float32))[0] == pytest.approx(expected)


def test_what_is_not_known_stays_unknown() -> None:
    nothing = np.full((1, 7), np.nan, np.float32)
    found = measure(nothing, np.full((1, 3), np.nan, np.float32))
    assert np.isnan([found["valence"][0], found["attention"][0], found["engagement"][0]]).all()


def test_no_face_gives_no_rows() -> None:
    found = measure(np.zeros((0, 7), np.float32), np.zeros((0, 3), np.float32))
    assert len(found["engagement"]) == 0


@given(st.lists(st.floats(0, 1), min_size=7, max_size=7).filter(lambda p: sum(p) > 0.01))
def test_every_measure_stays_within_its_bounds(shares: list[float]) -> None:
    p = np.array([shares], np.float32)
    p /= p.sum()
    found = measure(p, FRONT)
    edge = 1e-4  # single precision: seven numbers that sum to 1 ± 1e-6
    assert -1 - edge <= found["valence"][0] <= 1 + edge
    assert -edge <= found["expressiveness"][0] <= 1 + edge
    assert -edge <= found["activation"][0] <= 0.9 + edge
    assert 40 - 0.1 <= found["engagement"][0] <= 100 + 0.1


def test_every_measure_names_its_version() -> None:
    assert set(measure_versions()) == set(FACE_MEASURES)
