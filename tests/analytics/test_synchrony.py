from __future__ import annotations

import numpy as np
import pytest

from fer_core.analytics.methods.synchrony import leave_one_out, synchrony


def _wandering(rng: np.random.Generator, viewers: int, seconds: int) -> np.ndarray:
    """Curves that each wander on their own, as faces do: neighbours correlate 0.7."""
    curves = rng.normal(size=(viewers, seconds))
    for at in range(1, seconds):
        curves[:, at] = 0.7 * curves[:, at - 1] + np.sqrt(1 - 0.49) * curves[:, at]
    return curves


def test_it_is_the_mean_correlation_with_the_others() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(7, 40)) + np.sin(np.arange(40) / 4)
    expected = np.mean(
        [np.corrcoef(values[i], np.delete(values, i, axis=0).mean(axis=0))[0, 1] for i in range(7)]
    )
    assert synchrony(values, shifts=10).value == pytest.approx(expected, abs=1e-9)


def test_a_common_response_lies_above_what_chance_gives() -> None:
    rng = np.random.default_rng(1)
    response = np.zeros(60)
    response[20:30] = 2.0
    found = synchrony(_wandering(rng, 12, 60) + response)
    assert found.together
    assert found.p < 0.01
    assert found.low < 0 < found.high < found.value


def test_the_chance_range_holds_95_per_cent_of_studies_without_a_tie() -> None:
    """120 studies: a rate of 0.95 has a standard error of 0.02; allow two and a half."""
    rng = np.random.default_rng(2)
    inside = 0
    for at in range(120):
        found = synchrony(_wandering(rng, 10, 60), shifts=200, seed=at)
        inside += found.low <= found.value <= found.high
    assert inside / 120 == pytest.approx(0.95, abs=0.05)


def test_flat_and_mostly_missing_curves_take_no_part() -> None:
    rng = np.random.default_rng(3)
    values = _wandering(rng, 6, 40)
    values[0] = 0.3
    values[1, 5:] = np.nan
    values[2, :4] = np.nan
    found = synchrony(values, shifts=20)
    assert found.viewers == 4
    assert np.isfinite(found.value)


def test_too_little_to_tell_says_why() -> None:
    one = synchrony(np.random.default_rng(0).normal(size=(1, 40)))
    assert np.isnan(one.value)
    assert "two viewers" in one.reason
    assert not one.together
    short = synchrony(np.random.default_rng(0).normal(size=(5, 6)))
    assert "seconds" in short.reason
    assert synchrony(np.zeros((0, 0))).viewers == 0


def test_two_opposite_viewers_correlate_minus_one() -> None:
    line = np.sin(np.arange(30))
    values = np.stack([line, -line])
    curves = values - values.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(leave_one_out(curves, (curves**2).sum(axis=1)), -1)
