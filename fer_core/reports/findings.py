"""What a study's curves show, in a sentence: on pages as in reports.

Of five viewers and more, only seconds that at least half of them carry are spoken of. Fewer than
five are spoken of as themselves. That nothing can be told is a finding of its own, and not the
same as a curve that is flat.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fer_core.analytics.carried import AUDIENCE_FROM, carried
from fer_core.analytics.compare import Comparison
from fer_core.analytics.methods.synchrony import Synchrony
from fer_core.analytics.norms import FEWEST_OTHERS, Norm
from fer_core.analytics.wording import listed
from fer_core.labels import DISPLAY_ORDER
from fer_core.measures import BY_KEY
from fer_core.reports import units
from fer_core.sentences import Finding, Label, Template, Title, these
from fer_core.studies.response import Response
from fer_core.text import clock, count

#: Shares of a measure's highest value: a smaller difference is not mentioned; a curve or a band
#: that reaches no further than this to each side is flat, or narrow.
NOTICED, FLAT = 0.02, 0.1
#: Per cent of the viewers; an expression that fewer show is not named.
SHOWN_BY = 20

HIDDEN = Template(
    "response.hidden", "{measure} is not shown: the group is smaller than the minimum"
)
HIDDEN_SECOND = Template(
    "response.hidden_second",
    "{measure}: what stands out is not shown, for fewer than {minimum} viewers have that second",
)
FEW_RANGE = Template(
    "response.few.range",
    "{measure} of {who} ranges from {low} to {high}, highest at {when}",
)
FEW_FLAT = Template("response.few.flat", "{measure} of {who} stays between {low} and {high}")
TOO_FEW = Template("response.too_few", "{measure}: too few viewers to say where it rises or falls")
PEAKS = Template("response.peaks", "{measure} peaks at {when}")
LOWEST = Template("response.lowest", "{measure} is lowest at {when}")
HOLDS = Template("response.holds", "{measure} holds near {mean}; no second stands out")
VARIES = Template(
    "response.varies", "{measure} varies between {low} and {high}; no second clearly stands out"
)
WHOLE = Template("response.whole", "{said}. Mean {mean} over {seconds}; {viewers}, {n}.")


def response(one: Response) -> Finding:
    """What an audience's curve shows, where enough viewers and its band support it.

    The same whatever the smallest group is, which only hides: it says so where the seconds that
    are spoken of have fewer viewers.
    """
    label = units.name(one.measure)
    if not one.enough or one.curve["mean"].isna().all():
        return HIDDEN(measure=label)
    known = one.whole[one.lines.carried & one.whole["mean"].notna()]
    said, spoken_of = _few(one, known) if one.viewers < AUDIENCE_FROM else _many(one, known)
    if (spoken_of["n"] < one.minimum).any():
        return HIDDEN_SECOND(measure=label, minimum=one.minimum)
    return said


Said = tuple[Finding, pd.DataFrame]  # with the seconds whose values it tells


def _many(one: Response, known: pd.DataFrame) -> Said:
    label, unit, mean = units.name(one.measure), BY_KEY[one.measure].reach, known["mean"]
    if known.empty:
        return TOO_FEW(measure=label), known
    whole = float(mean.mean())
    ends = known.iloc[[int(mean.argmin()), int(mean.argmax())]]
    least, top = (ends.iloc[k] for k in (0, 1))
    wider = _wider(len(known), int(known["n"].median()))
    up = float(top["mean"]) - whole - wider * float(top["mean"] - top["low"])
    down = whole - float(least["mean"]) - wider * float(least["high"] - least["mean"])
    if up >= NOTICED * unit and not down > up:
        return PEAKS(measure=label, when=clock(1000 * top["second"])), ends.iloc[1:]
    if down >= NOTICED * unit:
        return LOWEST(measure=label, when=clock(1000 * least["second"])), ends.iloc[:1]
    half = float((known["high"] - known["low"]).median()) / 2
    if 2 * len(known) < len(one.whole) or not half <= FLAT * unit:
        return TOO_FEW(measure=label), known.iloc[:0]
    if float((mean - whole).abs().max()) <= FLAT * unit:
        return HOLDS(measure=label, mean=units.say(one.measure, whole)), known.iloc[:0]
    low, high = (units.say(one.measure, float(ends["mean"].iloc[k])) for k in (0, 1))
    return VARIES(measure=label, low=low, high=high), ends


def _wider(seconds: int, viewers: int) -> float:
    """How much wider than 95 % a band is that holds in all of so many seconds at once.

    The highest of many seconds lies high by chance (Bonferroni's bound, Student's t).
    """
    from scipy.stats import t

    alone, together = t.ppf([0.975, 1 - 0.025 / seconds], max(viewers - 1, 1))
    return float(together / alone)


def _few(one: Response, known: pd.DataFrame) -> Said:
    mean = known["mean"]
    ends = known.iloc[[int(mean.argmin()), int(mean.argmax())]]
    low, high = (units.say(one.measure, float(ends["mean"].iloc[k])) for k in (0, 1))
    said = {"measure": units.name(one.measure), "who": these(one.viewers), "low": low, "high": high}
    if float(mean.max() - mean.min()) <= FLAT * BY_KEY[one.measure].reach:
        return FEW_FLAT(**said), ends
    return FEW_RANGE(when=clock(1000 * ends["second"].iloc[1]), **said), ends


def n_range(curve: pd.DataFrame) -> str:
    """How many viewers the seconds have: «n 1 to 11»."""
    low, high = (int(curve["n"].min()), int(curve["n"].max())) if len(curve) else (0, 0)
    return f"n {high}" if low == high else f"n {low} to {high}"


def how_many(one: Response) -> str:
    """Of whom a drawn mean is: «mean of 11 viewers, n 1 to 11», and what is drawn dashed."""
    said = f"mean of {count(one.viewers, 'viewer')}, {n_range(one.whole)}"
    dashed = (one.curve["mean"].notna() & ~one.lines.carried).any()
    return said + ("; thin and dashed where fewer than half of them are known" if dashed else "")


def alt_text(one: Response) -> Finding:
    """The curve for a screen reader, and a report's first sentence."""
    said, mean = response(one), one.numbers["mean"]
    if np.isnan(mean.value):
        return said
    return WHOLE(
        said=said,
        mean=units.say(one.measure, mean.value),
        seconds=count(int(one.lines.carried.sum()), "second"),
        viewers=count(one.viewers, "viewer"),
        n=n_range(one.whole),
    )


NORM_FEW = Template("norm.too_few", "No norm yet: {others} of this kind here, {needed} are needed.")
NORM = Template("norm", "The whole study's mean lies above {share} % of {others} of its kind.")
NORMS = Template(
    "norm.report", "Beside {others} other studies of its kind, its mean lies above {shares}."
)


def norm(found: Norm) -> Finding:
    """Where a study's mean stands among the others of its kind."""
    others = count(found.n, "other study", "other studies")
    if found.percentile is None:
        return NORM_FEW(others=others, needed=FEWEST_OTHERS)
    return NORM(share=f"{found.percentile:.0f}", others=others)


def norms(found: Mapping[str, Norm]) -> Finding | None:
    """The same of several measures; None where there are too few others."""
    known = {key: one.percentile for key, one in found.items() if one.percentile is not None}
    if not known:
        return None
    said = [f"{share:.0f} % of them in {units.name(key).lower()}" for key, share in known.items()]
    others = max(one.n for one in found.values())
    return NORMS(others=others, shares=listed(said, "and"))


SHARES_FEW = Template("shares.too_few", "Too few viewers to say what an audience shows")
SHARES_NONE = Template("shares.none", "Few viewers clearly show an expression")
SHARES_TOP = Template("shares.top", "{name} is shown by {share} % of the viewers at {when}")


def shares(found: Mapping[str, pd.DataFrame]) -> Title:
    """The expression that most viewers show at once; ``found`` has a table an expression."""
    viewers = max((int(one["n"].max()) for one in found.values() if len(one)), default=0)
    if viewers < AUDIENCE_FROM:
        return SHARES_FEW() if viewers else Label("Expressions")
    tops = {}
    for name in DISPLAY_ORDER:
        enough = carried(found[name]["n"].to_numpy(), viewers)
        known = found[name][enough].dropna(subset=["share"])
        if name != "neutral" and len(known):
            tops[name] = known.iloc[int(known["share"].argmax())]
    if not tops:
        return Label("Expressions")
    name = max(tops, key=lambda one: float(tops[one]["share"]))
    top = tops[name]
    if top["share"] < SHOWN_BY:
        return SHARES_NONE()
    when = clock(1000 * top["second"])
    return SHARES_TOP(name=name.capitalize(), share=f"{top['share']:.0f}", when=when)


COMPARED_TOO_FEW = Template("compared.too_few", "Too few viewers to say where they differ")
COMPARED_SAME = Template("compared.same", "{measure} of {a} and {b} does not clearly differ")
COMPARED_HIGHER = Template("compared.higher", "{measure} is higher in {higher} from {when}")
COMPARED_BOTH = Template("compared.both", "{measure} differs from {when}")


def compared(comparison: Comparison, measure: str) -> Finding:
    """What the curves show, of the measure drawn alone."""
    if comparison.too_few:
        return COMPARED_TOO_FEW()
    spans = [one for one in comparison.clusters if one.measure == measure and one.significant]
    label = units.name(measure)
    if not spans:
        return COMPARED_SAME(measure=label, a=comparison.a, b=comparison.b)
    winners = list(dict.fromkeys(one.higher for one in spans))
    when = ", ".join(f"{clock(one.from_ms)} to {clock(one.to_ms)}" for one in spans)
    if len(winners) == 1:
        return COMPARED_HIGHER(measure=label, higher=winners[0], when=when)
    return COMPARED_BOTH(measure=label, when=when)


TOGETHER_UNKNOWN = Template(
    "together.unknown", "It cannot be said whether viewers respond together{why}"
)
TOGETHER = Template("together.yes", "Viewers respond together in {measure}")
NOT_TOGETHER = Template(
    "together.no", "Viewers respond together in {measure} no more than by chance"
)


def together(measure: str, synchrony: Synchrony | None) -> Finding:
    """Whether viewers respond together, beyond what chance gives."""
    if synchrony is None or synchrony.reason:
        return TOGETHER_UNKNOWN(why=f": {synchrony.reason}" if synchrony is not None else "")
    return (TOGETHER if synchrony.together else NOT_TOGETHER)(measure=units.name(measure).lower())
