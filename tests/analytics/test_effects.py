from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from fer_core.analytics.methods.effects import (
    cohens_d,
    cohens_dz,
    corrected,
    difference,
    difference_band,
)


def test_p_is_welchs_and_the_paired_t_tests() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(0.4, 1, 14), rng.normal(0, 2, 14)
    assert difference(a, b).p == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue)
    assert difference(a, b, pairs=True).p == pytest.approx(stats.ttest_rel(a, b).pvalue)


def test_effects_follow_from_students_t() -> None:
    """d = t · sqrt(1/n_a + 1/n_b) and dz = t / sqrt(n)."""
    rng = np.random.default_rng(1)
    a, b = rng.normal(0.5, 1, 12), rng.normal(0, 1.4, 17)
    t = stats.ttest_ind(a, b).statistic
    assert cohens_d(a, b) == pytest.approx(t * np.sqrt(1 / 12 + 1 / 17), rel=1e-9)
    assert cohens_d(b, a) == pytest.approx(-cohens_d(a, b))
    t = stats.ttest_1samp(a, 0).statistic
    assert cohens_dz(a) == pytest.approx(t / np.sqrt(12), rel=1e-9)


def test_a_viewer_without_a_value_is_left_out_with_its_pair() -> None:
    a = np.array([1.0, 2.0, np.nan, 4.0])
    b = np.array([0.5, np.nan, 1.0, 2.0])
    free, pairs = difference(a, b), difference(a, b, pairs=True)
    assert (free.n_a, free.n_b) == (3, 3)
    assert (pairs.n_a, pairs.n_b) == (2, 2)
    assert pairs.difference == pytest.approx(1.25)


def test_no_spread_and_nobody_have_no_effect_and_no_p() -> None:
    flat = np.full(8, 0.4)
    same = difference(flat, flat)
    assert np.isnan([same.effect, same.p]).all()
    assert (same.difference, same.low, same.high) == (0, 0, 0)
    nobody = difference(flat, np.full(3, np.nan))
    assert nobody.n_b == 0
    assert np.isnan(nobody.difference)


@pytest.mark.parametrize(("n_a", "n_b"), [(7, 7), (24, 12)])
def test_the_interval_covers_the_true_difference_in_95_per_cent(n_a: int, n_b: int) -> None:
    """1,200 differences: the standard error of a rate of 0.95 is 0.0063; allow three."""
    rng = np.random.default_rng(2)
    a, b = rng.normal(3, 1, (n_a, 1200)), rng.normal(1, 2, (n_b, 1200))
    low, high = difference_band(a, b, draws=1000)
    assert ((low <= 2) & (high >= 2)).mean() == pytest.approx(0.95, abs=0.02)


def test_the_interval_of_many_is_welchs() -> None:
    """To a twentieth of its width, which is the noise of 4,000 draws."""
    rng = np.random.default_rng(3)
    a, b = rng.normal(0, 1, 300), rng.normal(0.5, 3, 200)
    found = difference(a, b, draws=4000)
    exact = stats.ttest_ind(a, b, equal_var=False).confidence_interval()
    width = exact.high - exact.low
    assert found.low == pytest.approx(exact.low, abs=0.05 * width)
    assert found.high == pytest.approx(exact.high, abs=0.05 * width)


def test_the_correction_is_benjaminis_and_hochbergs() -> None:
    p = np.array([0.04, 0.001, np.nan, 0.03, 0.2])
    found = corrected(p)
    # By hand: p sorted 0.001 0.03 0.04 0.2, times 4/rank, then the smallest from the right.
    np.testing.assert_allclose(found[[1, 3, 0, 4]], [0.004, 0.16 / 3, 0.16 / 3, 0.2])
    assert np.isnan(found[2])
    assert np.isnan(corrected(np.array([np.nan]))).all()
