"""A comparison in one sentence: no more than its numbers support."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fer_core.measures import BY_KEY
from fer_core.sentences import Finding, Template
from fer_core.text import clock

SPAN = Template("comparison.span", "{higher} {what} from {start} to {stop}")
FOUND = Template("comparison.found", "{spans}; no other difference in {measures}; {viewers}.")
NONE_FOUND = Template(
    "comparison.none", "No difference found between {a} and {b} in {measures}; {viewers}."
)
TOO_FEW = Template(
    "comparison.too_few",
    "Too few viewers to compare {a} and {b}: {n_a} and {n_b}; at least {fewest} a side are needed.",
)
TOO_FEW_PAIRS = Template(
    "comparison.too_few_pairs",
    "Too few viewers to compare {a} and {b}: {n} saw both, {fewest} are needed.",
)
OF_PAIR = Template("comparison.of_pair", "{a} and {b}: {said}")


#: Longer names of conditions stand in quotes: they cannot be told from the sentence otherwise.
_LONG_NAME: Final = 20


def called(name: str) -> str:
    """A condition's name in a sentence."""
    return f"«{name}»" if len(name) > _LONG_NAME else name


def listed(words: Sequence[str], last: str = "or") -> str:
    """``a``, ``a or b``, ``a, b or c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def viewers(n_a: int, n_b: int, *, pairs: bool) -> str:
    """How many were compared."""
    if pairs:
        return f"{n_a} viewers who saw both"
    return f"{n_a} viewers a side" if n_a == n_b else f"{n_a} and {n_b} viewers"


def found(
    spans: Sequence[tuple[str, str, int, int]],
    measures: Sequence[str],
    a: str,
    b: str,
    counts: str,
) -> Finding:
    """The sentence; ``spans`` are (winner, measure, from_ms, to_ms) in the order of time."""
    a, b = called(a), called(b)
    names = [BY_KEY[one].noun for one in measures]
    if not spans:
        return NONE_FOUND(a=a, b=b, measures=listed(names), viewers=counts)
    said: dict[tuple[str, int, int], list[str]] = {}
    for winner, measure, start, stop in spans:
        said.setdefault((winner, start, stop), []).append(BY_KEY[measure].higher)
    parts = [
        SPAN(higher=called(winner), what=listed(what, "and"), start=clock(start), stop=clock(stop))
        for (winner, start, stop), what in said.items()
    ]
    return FOUND(spans="; ".join(parts), measures=listed(names), viewers=counts)


def too_few(n_a: int, n_b: int, a: str, b: str, fewest: int, *, pairs: bool) -> Finding:
    """Why nothing is said."""
    a, b = called(a), called(b)
    if pairs:
        return TOO_FEW_PAIRS(a=a, b=b, n=n_a, fewest=fewest)
    return TOO_FEW(a=a, b=b, n_a=n_a, n_b=n_b, fewest=fewest)
