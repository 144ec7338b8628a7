"""Two models on the same faces: figures worked out by hand, and by a second way."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from fer_core.evaluation.paired import compare, forgot, mcnemar


def answers(truth: np.ndarray, wrong: list[int]) -> np.ndarray:
    found = truth.copy()
    found[wrong] = (found[wrong] + 1) % 7
    return found


TRUTH = (np.arange(100) % 7).astype(np.int32)


def test_figures_of_a_pair_are_those_worked_out_by_hand() -> None:
    found = compare(
        "own labels",
        TRUTH,
        answers(TRUTH, list(range(30))),  # 70 right
        answers(TRUTH, list(range(20, 35))),  # 85 right; 20 won, 5 lost
    )
    assert (found.base, found.candidate) == (0.70, 0.85)
    assert (found.only_candidate_right, found.only_base_right) == (20, 5)
    assert found.difference == pytest.approx(0.15)
    by_hand = 2 * sum(comb(25, k) for k in range(6)) / 2**25
    assert found.p == pytest.approx(by_hand)
    # the usual large-sample interval of a paired difference is close to the drawn one
    half = 1.96 * np.sqrt((20 + 5 - (20 - 5) ** 2 / 100) / 100**2)
    assert found.low == pytest.approx(0.15 - half, abs=0.011)
    assert found.high == pytest.approx(0.15 + half, abs=0.011)
    assert "15.0 points better on own labels (100 faces)" in found.sentence


def test_what_could_be_chance_is_called_so() -> None:
    same = compare("own labels", TRUTH, TRUTH, TRUTH)
    assert (same.p, same.low, same.high) == (1.0, 0.0, 0.0)
    few = compare("own labels", TRUTH, answers(TRUTH, [1, 2, 3]), answers(TRUTH, [4]))
    assert few.low < 0 < few.high
    assert few.sentence.startswith(
        "The difference on own labels (100 faces) may be chance: 97.0 % before"
    )
    assert mcnemar(3, 3) == 1.0


@pytest.mark.parametrize(("lost", "said"), [(1, False), (2, True)])
def test_forgetting_is_a_fall_of_more_than_half_a_point_on_public_faces(
    lost: int, said: bool
) -> None:
    truth = np.zeros(300, np.int32)
    pair = compare("public labels", truth, truth, answers(truth, list(range(lost))))
    assert forgot([pair]) is said
    assert not forgot([compare("own labels", truth, truth, answers(truth, list(range(99))))])
