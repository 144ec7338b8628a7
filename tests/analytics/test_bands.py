from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from fer_core.analytics.methods.bands import mean_band, share_interval, sorted_quantiles


def test_the_same_seed_gives_the_same_band() -> None:
    values = np.random.default_rng(0).normal(size=(12, 7))
    one, two, other = mean_band(values), mean_band(values), mean_band(values, seed=1)
    np.testing.assert_array_equal(one.low, two.low)
    assert (one.low != other.low).all()


def test_the_band_is_the_studentised_bootstrap_of_scipys_parts() -> None:
    """Against a plain loop over resamples with the counts drawn the same way."""
    values = np.random.default_rng(3).gamma(2.0, size=(9, 2))
    counts = np.random.default_rng(5).multinomial(9, np.full(9, 1 / 9), 400)
    for column in range(2):
        x = values[:, column]
        t = []
        for row in counts:
            drawn = np.repeat(x, row)
            error = max(stats.sem(drawn), stats.sem(x) / 3)
            t.append((drawn.mean() - x.mean()) / error)
        low, high = np.quantile(t, [0.025, 0.975])
        band = mean_band(values, draws=400, seed=5)
        assert band.low[column] == pytest.approx(x.mean() - high * stats.sem(x), rel=1e-9)
        assert band.high[column] == pytest.approx(x.mean() - low * stats.sem(x), rel=1e-9)


def test_a_band_of_many_viewers_is_students_interval() -> None:
    """With 400 normal values both are the same to about a twentieth of their width."""
    values = np.random.default_rng(1).normal(10, 2, size=(400, 1))
    band = mean_band(values, draws=4000)
    low, high = stats.t.interval(0.95, 399, values.mean(), stats.sem(values[:, 0]))
    assert band.low[0] == pytest.approx(low, abs=0.05 * (high - low))
    assert band.high[0] == pytest.approx(high, abs=0.05 * (high - low))


def test_missing_seconds_leave_the_other_viewers_in() -> None:
    values = np.random.default_rng(2).normal(size=(20, 3))
    values[5:, 1] = np.nan
    values[:, 2] = np.nan
    band = mean_band(values)
    assert band.n.tolist() == [20, 5, 0]
    assert band.high[1] - band.low[1] > band.high[0] - band.low[0]
    assert np.isnan([band.mean[2], band.low[2], band.high[2]]).all()
    assert band.mean[1] == pytest.approx(values[:5, 1].mean())


def test_equal_viewers_have_a_band_of_no_width_and_one_viewer_has_none() -> None:
    band = mean_band(np.full((6, 2), 0.1))
    np.testing.assert_allclose([band.low, band.high], 0.1, atol=1e-12)
    assert np.isnan(mean_band(np.array([[3.0]])).low[0])
    assert mean_band(np.zeros((0, 2))).n.tolist() == [0, 0]


def test_a_band_never_promises_what_cannot_be() -> None:
    values = np.array([[0.0], [0.0], [0.1], [1.0]])
    free, bounded = mean_band(values), mean_band(values, lowest=0.0, highest=1.0)
    assert free.low[0] < 0 <= bounded.low[0]
    assert bounded.high[0] <= 1.0


def test_one_viewer_who_looks_away_does_not_stretch_the_band_over_everything() -> None:
    watching = 1 - np.random.default_rng(6).exponential(0.002, (24, 1))
    watching[3] = 0.0
    band = mean_band(watching, lowest=0.0, highest=1.0)
    assert 0.7 < band.low[0] < band.mean[0] < band.high[0] <= 1.0


@pytest.mark.parametrize("viewers", [5, 24])
def test_the_band_covers_the_true_mean_in_95_per_cent(viewers: int) -> None:
    """1,500 seconds at once: a rate of 0.95 has a standard error of 0.006; allow three."""
    rng = np.random.default_rng(8)
    watching = rng.normal(50.0, 12.0, size=(viewers, 1500))
    band = mean_band(watching, draws=1000)
    covered = ((band.low <= 50.0) & (band.high >= 50.0)).mean()
    assert covered == pytest.approx(0.95, abs=0.018)


def test_the_shares_interval_is_wilsons() -> None:
    for hits, n in ((0, 7), (3, 9), (24, 24)):
        low, high = share_interval(np.array([float(hits)]), np.array([float(n)]))
        expected = stats.binomtest(hits, n).proportion_ci(method="wilson")
        assert (low[0], high[0]) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_quantiles_by_columns_are_numpys() -> None:
    draws = np.random.default_rng(4).normal(size=(101, 5))
    draws[:30, 2] = np.nan
    draws[7, 3] = np.inf
    low, high = sorted_quantiles(draws, (0.025, 0.975))
    for column in range(5):
        x = draws[np.isfinite(draws[:, column]), column]
        assert low[column] == pytest.approx(np.quantile(x, 0.025), abs=1e-12)
        assert high[column] == pytest.approx(np.quantile(x, 0.975), abs=1e-12)
