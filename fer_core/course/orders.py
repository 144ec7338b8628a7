"""In which order films are shown: as written, by chance, or balanced over respondents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Order(StrEnum):
    """How a step's films follow each other."""

    FIXED = "fixed"
    RANDOM = "random"
    BALANCED = "balanced"


def latin_square(n: int) -> list[list[int]]:
    """Williams' square: rows of 0 to n-1 to be given to respondents in turn.

    Each number stands in each place equally often, and follows each other one equally often.
    n rows where n is even, 2n (the square and its mirror) where it is odd.
    """
    first, low, high = [0], 1, n - 1
    while len(first) < n:
        first.append(low if len(first) % 2 else high)
        low, high = (low + 1, high) if len(first) % 2 == 0 else (low, high - 1)
    rows = [[(one + row) % n for one in first] for row in range(n)]
    return rows if n % 2 == 0 else rows + [row[::-1] for row in rows]


def draw(items: Sequence[T], order: Order, used: Sequence[Sequence[T]], chance: Random) -> list[T]:
    """The order for the next respondent; ``used``: what those before were given.

    Balanced: a row of the Latin square that was used least, one of several by chance.
    """
    if order is Order.FIXED or len(items) < 2:
        return list(items)
    if order is Order.RANDOM:
        return chance.sample(list(items), len(items))
    rows = [[items[i] for i in row] for row in latin_square(len(items))]
    times = Counter(tuple(row) for row in used)
    least = min(times[tuple(row)] for row in rows)
    return chance.choice([row for row in rows if times[tuple(row)] == least])
