"""A comparison in one sentence: no more than its numbers support."""

from __future__ import annotations

from collections.abc import Sequence

from fer_core.text import clock

#: What a higher value of each measure is said to be.
_HIGHER: dict[str, str] = {
    "engagement": "engaged more",
    "attention": "held attention better",
    "valence": "drew more pleasant faces",
    "expressiveness": "moved faces more",
    "activation": "aroused more",
    "p_happy": "drew more happiness",
    "p_surprise": "drew more surprise",
    "p_sad": "drew more sadness",
    "p_fear": "drew more fear",
    "p_disgust": "drew more disgust",
    "p_angry": "drew more anger",
    "p_neutral": "left faces more neutral",
}


_NOUNS: dict[str, str] = {
    "p_happy": "happiness",
    "p_surprise": "surprise",
    "p_sad": "sadness",
    "p_fear": "fear",
    "p_disgust": "disgust",
    "p_angry": "anger",
    "p_neutral": "neutral faces",
}


def higher(measure: str) -> str:
    """What is said of the side with more of it."""
    return _HIGHER[measure]


def plain_name(measure: str) -> str:
    """A measure's name within a sentence."""
    return _NOUNS.get(measure, measure)


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
    names = [plain_name(one) for one in measures]
    if not spans:
        return f"No difference found between {a} and {b} in {listed(names)}; {counts}."
    parts: list[str] = []
    said: dict[tuple[str, int, int], list[str]] = {}
    for winner, measure, start, stop in spans:
        said.setdefault((winner, start, stop), []).append(higher(measure))
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
