from __future__ import annotations

import numpy as np
import pytest

from fer_core.analytics.carried import AUDIENCE_FROM, OWN_VIEW, SHARED, carried, shown


@pytest.mark.parametrize(
    ("n", "viewers", "found"),
    [
        ([0, 1, 2], 2, [False, True, True]),
        ([0, 1, 4], 4, [False, True, True]),
        ([0, 2, 3, 5], 5, [False, False, True, True]),
        ([5, 6, 11], 11, [False, True, True]),
        ([99, 100, 0], 200, [False, True, False]),
        ([0, 0], 0, [False, False]),
    ],
)
def test_half_of_an_audience_carries_a_second_and_anybody_one_of_a_few(
    n: list[int], viewers: int, found: list[bool]
) -> None:
    assert carried(np.array(n), viewers).tolist() == found


def test_the_smallest_group_hides_and_nobody_is_never_shown() -> None:
    assert shown(np.array([0, 1, 4, 5]), SHARED).tolist() == [False, False, False, True]
    assert shown(np.array([0, 1]), OWN_VIEW).tolist() == [False, True]
    assert shown(np.array([0, 1]), 0).tolist() == [False, True]
    assert AUDIENCE_FROM <= SHARED
