"""The sentence above a chart: what its numbers show, where they support it.

A change of level is claimed only where the same search over simulated autocorrelated curves
without a change seldom finds one as clear.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dashboard.shared.charts.reasons import because
from fer_core.analytics import shape
from fer_core.sentences import Finding, Label, Template, Title
from fer_core.text import clock, percent

SHORTEST = 10  # seconds; of fewer no trend is claimed
PART = 4  # seconds; the least on each side of a change
STEP = 5.0  # points of engagement; a smaller change is not mentioned
MOST_BLOCKS = 100  # longer curves are averaged to this many blocks before the search
DRIFTS = 200  # simulated curves of the test
CERTAIN = 0.975  # quantile; with two searches, 5 % of curves without a change get a claim
MOST_AWAY = 0.6  # share of readable seconds; under it the sentence is about absence

RISES = Template("session.rises", "Engagement rises after {when}")
FALLS = Template("session.falls", "Engagement falls after {when}")
HIGHEST = Template("session.highest", "Engagement is highest from {start} to {end}")
LOWEST = Template("session.lowest", "Engagement is lowest from {start} to {end}")
PEAKS = Template("session.peaks", "Engagement peaks at {when}")
HOLDS = Template("session.holds", "Engagement holds near {mean}")
VARIES = Template("session.varies", "Engagement varies, without a clear trend")
NOBODY = Template("session.nobody", "No second with a usable face")
LEFT = Template("session.left", "No usable face after {when}")
READABLE = Template("session.readable", "A usable face in {share} of the seconds")
MIXED = Template("session.mixed", "Mixed expressions, {name} most often ({share})")
ONE_ONLY = Template("session.one_expression", "Almost only {name}")
MOSTLY = Template("session.mostly", "Mostly {first}, then {second} ({share})")
ATTENDS = Template("session.attention", "Attention is {mean} on average")
ATTENDS_LEAST = Template(
    "session.attention.least", "Attention is {mean}, lowest from {start} to {end}"
)
NEAR_ZERO = Template("session.valence.zero", "Valence stays near zero on average")
LEANS = Template("session.valence.leans", "Valence is {side} on average")
WHOLE = Template(
    "session.whole",
    "{said}. Mean {mean} of 100; highest {top} at {top_at}, lowest {low} at {low_at}. "
    "{expressions}.",
)
WHOLE_NOBODY = Template("session.whole.nobody", "{name}no second with a usable face.")


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch, from second ``start`` up to ``end``, and how far it differs from the rest."""

    start: int
    end: int
    difference: float


def change(values: np.ndarray) -> Step | None:
    """The second from which on the curve lies at another level, if one is significant."""
    return _clearest(values, _splits)


def stretch(values: np.ndarray) -> Step | None:
    """The stretch inside the curve whose level differs most from the rest, if significant."""
    return _clearest(values, _inner)


def _clearest(
    values: np.ndarray, candidates: Callable[[int, int], tuple[np.ndarray, np.ndarray]]
) -> Step | None:
    """The candidate that explains most variance, tested against simulated curves.

    Neighbouring seconds are autocorrelated, and the best of many splits always looks good.
    So the null distribution comes from the same search over simulated curves of a first-order
    autoregressive process with the same correlation; None where the best is not above their
    ``CERTAIN`` quantile.
    """
    n = len(values)
    if n < SHORTEST or float(np.ptp(values)) < 1e-9:
        return None
    size = -(-n // MOST_BLOCKS)
    blocks = values[: n // size * size].reshape(-1, size).mean(axis=1)
    start, end = candidates(len(blocks), max(1, PART // size))
    if not len(start):
        return None
    share, difference = _explained(blocks[None, :], start, end)
    best = int(share[0].argmax())
    chance, _ = _explained(_drift(blocks), start, end)
    if share[0, best] <= np.quantile(chance.max(axis=1), CERTAIN):
        return None
    return Step(int(start[best]) * size, int(end[best]) * size, float(difference[0, best]))


def _splits(n: int, least: int) -> tuple[np.ndarray, np.ndarray]:
    start = np.arange(least, n - least + 1)
    return start, np.full(len(start), n)


def _inner(n: int, least: int) -> tuple[np.ndarray, np.ndarray]:
    start, end = np.triu_indices(n + 1, k=least)
    inside = (start >= least) & (end <= n - least)
    return start[inside], end[inside]


def _explained(
    curves: np.ndarray, start: np.ndarray, end: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """For each curve and candidate: share of variance explained, difference of the means.

    ``curves`` (curves, seconds); ``start`` and ``end`` (candidates); answers (curves, candidates).
    """
    n = curves.shape[1]
    sums = np.concatenate([np.zeros((len(curves), 1)), np.cumsum(curves, axis=1)], axis=1)
    inside = end - start
    part = sums[:, end] - sums[:, start]
    difference = part / inside - (sums[:, -1:] - part) / (n - inside)
    share = difference**2 * (inside * (n - inside) / n**2) / curves.var(axis=1, keepdims=True)
    return share, difference


def _drift(curve: np.ndarray) -> np.ndarray:
    """Simulated curves (``DRIFTS``, seconds) as long and as autocorrelated, without a change."""
    centred = curve - curve.mean()
    n = len(curve)
    memory = float((centred[:-1] * centred[1:]).sum() / (centred**2).sum())
    memory = float(np.clip(memory + (1 + 3 * memory) / n, 0.0, 0.97))  # its bias in short series
    steps = np.random.default_rng(0).normal(size=(DRIFTS, n))
    curves = np.empty_like(steps)
    curves[:, 0] = steps[:, 0] / np.sqrt(1 - memory**2)
    for i in range(1, n):
        curves[:, i] = memory * curves[:, i - 1] + steps[:, i]
    return curves


def engagement(seconds: pd.DataFrame) -> Title:
    """«Engagement falls after 0:21», or «Engagement» where there is too little to say.

    Said of the seconds in which somebody could be read: that looking away brings the curve
    to 0 is no finding about the film, unless it is most of it. A stretch that differs comes
    with its reason where there is one (``reasons``).
    """
    known = seconds[seconds["emotion"].notna()]
    if len(known) < len(seconds) * MOST_AWAY:
        return _absence(seconds)
    if len(known) < SHORTEST:
        return Label("Engagement")
    values = known["engagement"].to_numpy(dtype=float)
    at = known["t_ms"].to_numpy()
    later = change(values)
    if later is not None and abs(later.difference) >= STEP:
        said = (RISES if later.difference > 0 else FALLS)(when=clock(at[later.start]))
        return because(said, known, at >= at[later.start])
    part = stretch(values)
    if part is not None and abs(part.difference) >= STEP:
        end = at[part.end] if part.end < len(at) else at[-1] + 1000
        template = HIGHEST if part.difference > 0 else LOWEST
        said = template(start=clock(at[part.start]), end=clock(end))
        return because(said, known, (at >= at[part.start]) & (at < end))
    curve = seconds["engagement"].to_numpy(dtype=float)
    top = shape.peak(curve, seconds["second"].to_numpy())
    # the place is the drawn curve's; one odd second, which its neighbours do not share, is none
    if top is not None:
        shared = shape.smooth(curve)[seconds["second"] == top.second]
        if float(shared[0] - values.mean()) >= 2 * STEP:
            return PEAKS(when=clock(_at(seconds, top.second)))
    smooth = shape.smooth(values)
    if float(smooth.max() - smooth.min()) <= 2 * STEP:
        return HOLDS(mean=round(float(values.mean())))
    return VARIES()


def _absence(seconds: pd.DataFrame) -> Finding:
    """Where nobody could be read for most of the time: from when, or how much."""
    seen = seconds["emotion"].notna().to_numpy()
    if not seen.any():
        return NOBODY()
    last = int(np.flatnonzero(seen)[-1])
    if seen[: last + 1].mean() >= 0.8:
        return LEFT(when=clock(float(seconds["t_ms"].iloc[last]) + 1000))
    return READABLE(share=percent(float(seen.mean())))


def expressions(share: pd.Series) -> Title:
    known = share.dropna()
    if known.empty:
        return Label("Expressions")
    ranked = known.sort_values(ascending=False, kind="stable")
    first, second = str(ranked.index[0]), str(ranked.index[1])
    if ranked.iloc[0] < 0.5:
        return MIXED(name=first, share=percent(ranked.iloc[0]))
    if ranked.iloc[1] < 0.03:
        return ONE_ONLY(name=first)
    return MOSTLY(first=first, second=second, share=percent(ranked.iloc[1]))


def attention(seconds: pd.DataFrame) -> Title:
    """«Attention is 87 %, lowest from 0:06 to 0:16»."""
    known = seconds[seconds["attention"].notna()]
    if known.empty:
        return Label("Attention")
    values = 100 * known["attention"].to_numpy(dtype=float)
    mean = percent(float(values.mean()) / 100)
    part = stretch(values)
    if part is None or part.difference > -2 * STEP:
        return ATTENDS(mean=mean)
    at = known["t_ms"].to_numpy()
    end = at[part.end] if part.end < len(at) else at[-1] + 1000
    return ATTENDS_LEAST(mean=mean, start=clock(at[part.start]), end=clock(end))


def valence(seconds: pd.DataFrame) -> Title:
    known = seconds["valence"].dropna()
    if len(known) < SHORTEST:
        return Label("Valence")
    mean = float(known.mean())
    if abs(mean) < 0.1:
        return NEAR_ZERO()
    return LEANS(side="pleasant" if mean > 0 else "unpleasant")


def _at(seconds: pd.DataFrame, second: int) -> float:
    """Where a second lies in the recording, in ms."""
    return float(seconds.loc[seconds["second"] == second, "t_ms"].iloc[0])


def session(seconds: pd.DataFrame, share: pd.Series, name: str = "") -> Finding:
    """A text summary of the whole chart for a screen reader."""
    known = seconds.dropna(subset=["engagement"])
    if known.empty:
        return WHOLE_NOBODY(name=f"{name}: " if name else "")
    value = known["engagement"]
    top, low = known.iloc[int(value.argmax())], known.iloc[int(value.argmin())]
    return WHOLE(
        said=engagement(seconds),
        mean=round(value.mean()),
        top=round(top["engagement"]),
        top_at=clock(top["t_ms"]),
        low=round(low["engagement"]),
        low_at=clock(low["t_ms"]),
        expressions=expressions(share),
    )
