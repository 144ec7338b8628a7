"""The test over time, held against MNE's own and against a plain one written from the paper."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from fer_core.analytics.methods.clusters import (
    FORMING_P,
    family_p,
    independent,
    independent_with,
    largest_masses,
    paired,
    runs,
)


def _study(seed: int, n_a: int = 9, n_b: int = 11, seconds: int = 30) -> tuple:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(n_a, seconds)), rng.normal(size=(n_b, seconds))
    a[:, 10:14] += 1.2
    b[:, 20:22] += 1.5
    return a, b


def _plain_clusters(t: np.ndarray, threshold: float) -> list[tuple[int, int, float]]:
    """Clusters by walking along the seconds."""
    found, start = [], None
    signs = [0 if abs(one) <= threshold else int(np.sign(one)) for one in t] + [0]
    for at, sign in enumerate(signs):
        if start is not None and sign != signs[start]:
            found.append((start, at, float(np.sum(t[start:at]))))
            start = None
        if sign and start is None:
            start = at
    return found


def test_two_groups_agree_with_a_plain_loop_over_the_same_shuffles() -> None:
    a, b = _study(0)
    permutations, seed = 60, 4
    test = independent(a, b, permutations=permutations, seed=seed)
    both = np.concatenate([a, b])
    threshold = stats.t.ppf(1 - FORMING_P / 2, len(both) - 2)
    rng = np.random.default_rng(seed)
    orders = rng.permuted(np.tile(np.arange(20), (permutations - 1, 1)), axis=1)
    heaviest = []
    for order in [np.arange(20), *orders]:
        t = stats.ttest_ind(both[order[:9]], both[order[9:]]).statistic
        heaviest.append(max((abs(mass) for *_, mass in _plain_clusters(t, threshold)), default=0.0))
    np.testing.assert_allclose(test.chance, heaviest, rtol=1e-6)
    observed = _plain_clusters(stats.ttest_ind(a, b).statistic, threshold)
    assert [(one.start, one.stop) for one in test.clusters] == [o[:2] for o in observed]
    for one, (_, _, mass) in zip(test.clusters, observed):
        assert one.mass == pytest.approx(mass, rel=1e-9)
        assert one.p == np.mean(np.array(heaviest) >= abs(mass) - 1e-9)


def test_missing_seconds_agree_with_scipy_on_those_who_are_there() -> None:
    a, b = _study(1)
    a[:3, 5] = np.nan
    b[4:, 6] = np.nan
    test = independent(a, b, permutations=20)
    expected = stats.ttest_ind(a, b, nan_policy="omit").statistic
    np.testing.assert_allclose(test.t, np.asarray(expected), rtol=1e-9)
    a[:, 7] = np.nan
    assert np.isnan(independent(a, b, permutations=20).t[7])
    assert test.threshold[5] == pytest.approx(stats.t.ppf(1 - FORMING_P / 2, 20 - 3 - 2))


def test_two_groups_are_mnes_test_over_the_same_shuffles() -> None:
    """t, clusters and the chance distribution, shuffle by shuffle.

    For two groups MNE keeps the largest signed mass of a shuffle, so a test of both sides
    is made of two runs: of the data, and of the data with the sign turned.
    """
    import mne.stats as mne_stats

    a, b = _study(2, 12, 12)
    threshold = float(stats.t.ppf(1 - FORMING_P / 2, 22))

    def theirs(sign: float, tail: int) -> tuple:
        return mne_stats.permutation_cluster_test(
            [sign * a, sign * b],
            threshold=threshold,
            tail=tail,
            stat_fun=mne_stats.ttest_ind_no_p,
            n_permutations=200,
            seed=np.random.RandomState(0),
            out_type="mask",
            verbose="error",
        )

    shuffles = np.random.RandomState(0)
    orders = np.array([np.arange(24)] + [shuffles.permutation(24) for _ in range(199)])
    test = independent_with(a, b, orders)
    t, spans, _, _ = theirs(1.0, 0)
    np.testing.assert_allclose(test.t, t, rtol=1e-6, atol=1e-6)
    places = sorted((int(one[0].start), int(one[0].stop)) for one in spans)
    assert [(one.start, one.stop) for one in test.clusters] == places
    for one in test.clusters:
        assert one.mass == pytest.approx(float(t[one.start : one.stop].sum()), rel=1e-6)
    up, down = theirs(1.0, 1)[3], theirs(-1.0, 1)[3]
    np.testing.assert_allclose(test.chance, np.maximum(up, down), rtol=1e-6, atol=1e-6)


def test_pairs_are_mnes_exact_test_to_the_last_digit() -> None:
    """Nine pairs have 512 flips: both take all of them, so p must be equal."""
    import mne.stats as mne_stats

    rng = np.random.default_rng(6)
    differences = rng.normal(size=(9, 25))
    differences[:, 8:12] += 1.4
    differences[:, 18:20] -= 1.6
    t, spans, ps, _ = mne_stats.permutation_cluster_1samp_test(
        differences,
        threshold=float(stats.t.ppf(1 - FORMING_P / 2, 8)),
        tail=0,
        n_permutations=257,  # more than there are: all of them
        out_type="mask",
        verbose="error",
    )
    test = paired(differences, permutations=512)
    assert test.exact
    np.testing.assert_allclose(test.t, t, rtol=1e-6, atol=1e-9)
    theirs = sorted((int(s[0].start), int(s[0].stop), float(p)) for s, p in zip(spans, ps))
    assert len(theirs) >= 2
    assert [(one.start, one.stop) for one in test.clusters] == [one[:2] for one in theirs]
    np.testing.assert_allclose(
        [one.p for one in test.clusters], [one[2] for one in theirs], atol=1e-6
    )


def test_the_paired_t_is_scipys() -> None:
    rng = np.random.default_rng(9)
    a, b = rng.normal(5, 1, size=(2, 14, 6))
    test = paired(a - b, permutations=50)
    np.testing.assert_allclose(test.t, stats.ttest_rel(a, b).statistic, rtol=1e-9)
    assert not test.exact


def test_equal_groups_and_flat_seconds_raise_no_alarm() -> None:
    same = np.full((8, 10), 0.3)
    assert independent(same, same).clusters == ()
    assert paired(same - same).clusters == ()
    nobody_looks = np.zeros((8, 10))
    assert independent(nobody_looks, nobody_looks).clusters == ()


def test_neighbours_of_opposite_sign_are_two_clusters() -> None:
    assert runs(np.array([1.0, 1, -1, 0, 0, -1])) == [(0, 2), (2, 3), (5, 6)]
    beyond = np.array([[3.0, 3, -5, -2, 0, 4], [0, 0, 0, 0, 0, 0]])
    np.testing.assert_allclose(largest_masses(beyond), [7, 0])


def test_the_same_seed_gives_the_same_p() -> None:
    a, b = _study(3)
    one, two = independent(a, b, seed=7), independent(a, b, seed=7)
    assert [c.p for c in one.clusters] == [c.p for c in two.clusters]


def test_looking_at_a_measure_twice_costs_nothing_and_at_others_costs_something() -> None:
    a, b = _study(5, 12, 12)
    again = independent(a, b)
    assert family_p([again, again]) == [tuple(c.p for c in again.clusters)] * 2
    rng = np.random.default_rng(0)
    others = [independent(rng.normal(size=(12, 30)), rng.normal(size=(12, 30))) for _ in range(4)]
    corrected = family_p([again, *others])[0]
    for cluster, p in zip(again.clusters, corrected):
        assert p >= cluster.p
        assert p <= min(1.0, 5 * cluster.p + 1e-9)  # never worse than Bonferroni's
