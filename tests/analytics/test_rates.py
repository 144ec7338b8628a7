"""Error rates and power, small: docs/benchmarks/statistics.md has the full runs."""

from __future__ import annotations

import numpy as np

from fer_core.analytics.methods.clusters import independent, paired
from fer_core.analytics.simulate import simulate_curves


def test_without_a_difference_the_test_alarms_in_five_per_cent_of_studies() -> None:
    """200 studies at 5 %: 10 alarms, standard deviation 3.1; 3 to 19 are three of them."""
    rng = np.random.default_rng(10)
    alarms = 0
    for at in range(200):
        a, b = simulate_curves(rng, 24), simulate_curves(rng, 24)
        test = independent(a, b, permutations=500, seed=at)
        alarms += any(one.p < 0.05 for one in test.clusters)
    assert 3 <= alarms <= 19


def test_without_a_difference_pairs_alarm_in_five_per_cent_of_studies() -> None:
    rng = np.random.default_rng(11)
    alarms = 0
    for at in range(200):
        differences = simulate_curves(rng, 24, own_level=0.2)
        test = paired(differences, permutations=500, seed=at)
        alarms += any(one.p < 0.05 for one in test.clusters)
    assert 3 <= alarms <= 19


def test_one_standard_deviation_over_three_seconds_is_found_with_24_a_side() -> None:
    """95 % measured over 400 studies; of 100, fewer than 88 come in 1 of 300 runs."""
    rng = np.random.default_rng(12)
    found = 0
    for at in range(100):
        a, b = rng.normal(size=(2, 24, 30))
        b[:, 12:15] += 1.0
        test = independent(a, b, permutations=500, seed=at)
        found += any(
            one.p < 0.05 and one.mass < 0 and one.start < 15 and one.stop > 12
            for one in test.clusters
        )
    assert found >= 88
