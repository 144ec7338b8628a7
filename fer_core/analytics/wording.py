"""A comparison in one sentence: no more than its numbers support."""

from __future__ import annotations

from collections.abc import Sequence

from fer_core.measures import BY_KEY
from fer_core.text import clock


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
) -> str:
    """The sentence; ``spans`` are (winner, measure, from_ms, to_ms) in the order of time."""
    names = [BY_KEY[one].noun for one in measures]
    if not spans:
        return f"No difference found between {a} and {b} in {listed(names)}; {counts}."
    parts: list[str] = []
    said: dict[tuple[str, int, int], list[str]] = {}
    for winner, measure, start, stop in spans:
        said.setdefault((winner, start, stop), []).append(BY_KEY[measure].higher)
    for (winner, start, stop), what in said.items():
        parts.append(f"{winner} {listed(what, 'and')} from {clock(start)} to {clock(stop)}")
    return f"{'; '.join(parts)}; no other difference in {listed(names)}; {counts}."


def too_few(n_a: int, n_b: int, a: str, b: str, fewest: int, *, pairs: bool) -> str:
    """Why nothing is said."""
    if pairs:
        return f"Too few viewers to compare {a} and {b}: {n_a} saw both, {fewest} are needed."
    return (
        f"Too few viewers to compare {a} and {b}: {n_a} and {n_b}; "
        f"at least {fewest} a side are needed."
    )
