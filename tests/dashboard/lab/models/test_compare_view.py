"""Two models whose figures come from their cards: what is said agrees with the table below."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dashboard.lab.models.compare_view import apart, both_table, nearest_figures
from dashboard.lab.models.data import Opened
from dashboard.lab.models.figures import Figures, with_range
from fer_core.evaluation.metrics import Scores
from tests.cards import a_card

HELD_OUT = np.array([[120, 30], [40, 110]])
OTHER = np.array([[90, 60], [30, 120]])  # the same 300 faces, read otherwise
FEWER = np.array([[20, 10], [5, 25]])


def figures(title: str, confusion: np.ndarray) -> Figures:
    n = int(confusion.sum())
    accuracy = float(np.trace(confusion) / n)
    scores = Scores(("happy", "sad"), n, accuracy, 0.7, 0.1, 0.9, 1.0, confusion)
    return Figures(title, scores, ())


def opened(name: str, *found: Figures) -> Opened:
    return Opened(a_card(name), False, False, "", found, pd.DataFrame())


def test_a_table_of_changes_on_the_same_faces_is_not_called_one_of_different_faces() -> None:
    one = opened("one", figures("Votes", FEWER), figures("Held-out faces", HELD_OUT))
    other = opened("two", figures("Held-out faces", OTHER))
    pair = nearest_figures(one, other)
    assert [found.scores.n for found in pair if found] == [300, 300]
    assert apart("one", pair[0], "two", pair[1]).startswith("Both cards give figures for 300 faces")
    table = both_table(one, other, pair)
    assert "Change" in table
    assert "<td>0.76</td><td>0.73</td><td>−0.03</td>" in table


def test_figures_of_different_faces_are_not_subtracted() -> None:
    one, other = opened("one", figures("A", HELD_OUT)), opened("two", figures("B", FEWER))
    pair = nearest_figures(one, other)
    assert "different faces (300 of one, 60 of two)" in apart("one", pair[0], "two", pair[1])
    assert "Change" not in both_table(one, other, pair)


@pytest.mark.parametrize(
    ("share", "n", "said"), [(0.73, 300, "73 % (68 to 78)"), (0.72, 3589, "72 % (71 to 73)")]
)
def test_an_accuracy_carries_its_interval(share: float, n: int, said: str) -> None:
    assert with_range(share, n) == said
