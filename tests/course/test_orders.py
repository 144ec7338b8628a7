"""Orders of films: balanced ones are balanced in place and in what follows what."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random

import pytest

from fer_core.course.orders import Order, draw, latin_square


@pytest.mark.parametrize("n", range(2, 11))
def test_each_film_stands_in_each_place_and_follows_each_other_equally_often(n: int) -> None:
    rows = latin_square(n)
    places = Counter((i, one) for row in rows for i, one in enumerate(row))
    follows = Counter(pair for row in rows for pair in pairwise(row))
    assert len(places) == n * n
    assert len(set(places.values())) == 1
    assert len(follows) == n * (n - 1)
    assert len(set(follows.values())) == 1


def test_respondents_in_turn_are_balanced_whenever_a_square_is_full() -> None:
    used: list[list[str]] = []
    for _ in range(36):
        used.append(draw("ABC", Order.BALANCED, used, Random(len(used))))
    assert set(Counter("".join(row) for row in used).values()) == {6}


def test_random_orders_are_all_drawn_and_fixed_ones_stay() -> None:
    chance = Random(3)
    drawn = {"".join(draw("ABC", Order.RANDOM, [], chance)) for _ in range(100)}
    assert len(drawn) == 6
    assert draw("ABC", Order.FIXED, [], chance) == list("ABC")
