"""Effects, p, corrections and intervals held against statsmodels, to 1e-6."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import effectsize_smd
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from fer_core.analytics.methods.bands import away_level, share_interval, unseen_away
from fer_core.analytics.methods.effects import cohens_d, cohens_dz, corrected, difference

SIZES = [(6, 6), (24, 24), (9, 31), (200, 180)]


@pytest.mark.parametrize(("n_a", "n_b"), SIZES)
def test_two_groups(n_a: int, n_b: int) -> None:
    rng = np.random.default_rng(n_a)
    a, b = rng.normal(52, 9, n_a), rng.normal(47, 14, n_b)
    with_holes = np.append(a, [np.nan, np.nan])
    found = difference(with_holes, b)
    theirs = CompareMeans(DescrStatsW(a), DescrStatsW(b))
    assert found.p == pytest.approx(theirs.ttest_ind(usevar="unequal")[1], abs=1e-6)
    t = theirs.ttest_ind(usevar="pooled")[0]
    assert found.effect == pytest.approx(t * np.sqrt(1 / n_a + 1 / n_b), abs=1e-6)
    # theirs is Hedges' g: d less the bias of small groups
    g = effectsize_smd(a.mean(), a.std(ddof=1), n_a, b.mean(), b.std(ddof=1), n_b)[0]
    assert cohens_d(a, b) * (1 - 3 / (4 * (n_a + n_b) - 9)) == pytest.approx(g, abs=1e-6)


@pytest.mark.parametrize("n", [6, 24, 200])
def test_pairs(n: int) -> None:
    rng = np.random.default_rng(n)
    a, b = rng.normal(0.3, 1, n), rng.normal(0, 1, n)
    found = difference(a, b, pairs=True)
    theirs = DescrStatsW(a - b)
    t, p, _ = theirs.ttest_mean(0.0)
    assert found.p == pytest.approx(p, abs=1e-6)
    assert found.effect == pytest.approx(t / np.sqrt(n), abs=1e-6)
    assert cohens_dz(a - b) == pytest.approx(theirs.mean / DescrStatsW(a - b, ddof=1).std, abs=1e-6)


def test_many_p_are_corrected_alike() -> None:
    rng = np.random.default_rng(4)
    for n in (1, 3, 12, 60):
        p = rng.uniform(0, 1, n) ** 3
        np.testing.assert_allclose(corrected(p), multipletests(p, method="fdr_bh")[1], atol=1e-6)


def test_shares_have_wilsons_interval() -> None:
    n = np.array([1, 5, 24, 24, 24, 200, 200], float)
    hits = np.array([0, 5, 0, 7, 24, 1, 113], float)
    low, high = share_interval(hits, n)
    wanted_low, wanted_high = proportion_confint(hits, n, alpha=0.05, method="wilson")
    np.testing.assert_allclose(low, wanted_low, atol=1e-6)
    np.testing.assert_allclose(high, wanted_high, atol=1e-6)


def test_those_who_might_look_away_have_jeffreys_bound() -> None:
    n = np.array([5, 12, 24, 200])
    for one, found, level in zip(n, unseen_away(n), away_level(n)):
        _, bound = proportion_confint(0, one, alpha=2 * (1 - level), method="jeffreys")
        assert found == pytest.approx(bound, abs=1e-6)
