from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from fer_core.analytics.norms import norm


def test_the_percentile_is_scipys_mean_rank() -> None:
    others = np.random.default_rng(0).integers(0, 20, 60).astype(float)
    for value in (-1.0, 7.0, 7.5, 30.0):
        expected = stats.percentileofscore(others, value, kind="mean")
        assert norm(value, others).percentile == pytest.approx(expected)


def test_under_ten_others_there_is_no_norm_and_a_reason() -> None:
    few = norm(50.0, [*range(9), float("nan")])
    assert few.percentile is None
    assert few.n == 9
    assert "10 are needed" in few.reason
    assert norm(50.0, range(10)).percentile == 100.0


def test_without_a_value_there_is_no_norm() -> None:
    assert norm(float("nan"), range(12)).percentile is None
