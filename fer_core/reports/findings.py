"""What a study's curves show, in a sentence: on pages as in reports."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from fer_core.analytics.compare import Comparison
from fer_core.analytics.shape import Peak
from fer_core.analytics.synchrony import Synchrony
from fer_core.labels import DISPLAY_ORDER
from fer_core.measures import BY_KEY
from fer_core.reports import units
from fer_core.text import clock, count


def response(curve: pd.DataFrame, measure: str, peak: Peak | None = None) -> str:
    """What the curve shows, where its band supports it; ``peak`` is the smoothed curve's."""
    known = curve.dropna(subset=["mean"])
    label = units.name(measure)
    if known.empty:
        return f"{label} is not shown: the group is smaller than the minimum"
    whole = float(known["mean"].mean())
    top = known.set_index("second").reindex([peak.second] if peak else [])
    least = known.iloc[int(known["mean"].argmin())]
    up = float(top["low"].iloc[0]) - whole if len(top) else float("nan")
    down = whole - float(least["high"])
    noticed = 0.02 * BY_KEY[measure].highest
    if peak is not None and up >= noticed and not down > up:
        return f"{label} peaks at {clock(1000 * peak.second)}"
    if down >= noticed:
        return f"{label} is lowest at {clock(1000 * least['second'])}"
    return f"{label} holds near {units.say(measure, whole)}; no second stands out"


def shares(found: Mapping[str, pd.DataFrame]) -> str:
    tops = {
        name: found[name].iloc[int(found[name]["share"].fillna(-1).argmax())]
        for name in DISPLAY_ORDER
        if name != "neutral" and found[name]["share"].notna().any()
    }
    if not tops:
        return "Expressions"
    name = max(tops, key=lambda one: float(tops[one]["share"]))
    top = tops[name]
    if top["share"] < 20:
        return "Few viewers clearly show an expression"
    return f"Most show one at {clock(1000 * top['second'])}: {top['share']:.0f} % {name}"


def alt_text(curve: pd.DataFrame, measure: str, peak: Peak | None = None) -> str:
    """The curve in words, for a screen reader."""
    known = curve.dropna(subset=["mean"])
    said = response(curve, measure, peak)
    if known.empty:
        return said
    mean = units.say(measure, float(known["mean"].mean()))
    return (
        f"{said}. Mean {mean} over {len(known)} seconds; {count(int(known['n'].max()), 'viewer')}."
    )


def compared(comparison: Comparison, measure: str) -> str:
    """What the curves show, of the measure drawn alone."""
    if comparison.too_few:
        return "Too few viewers to say where they differ"
    spans = [one for one in comparison.clusters if one.measure == measure and one.significant]
    label = units.name(measure)
    if not spans:
        return f"{label} of {comparison.a} and {comparison.b} does not clearly differ"
    winners = list(dict.fromkeys(one.higher for one in spans))
    when = ", ".join(f"{clock(one.from_ms)} to {clock(one.to_ms)}" for one in spans)
    if len(winners) == 1:
        return f"{label} is higher in {winners[0]} from {when}"
    return f"{label} differs from {when}"


def together(measure: str, synchrony: Synchrony | None) -> str:
    """Whether viewers respond together, beyond what chance gives."""
    if synchrony is None or synchrony.reason:
        why = f": {synchrony.reason}" if synchrony is not None else ""
        return f"Whether viewers respond together cannot be told{why}"
    said = units.name(measure).lower()
    if synchrony.together:
        return f"Viewers respond together in {said}"
    return f"Viewers respond no more together in {said} than chance gives"
