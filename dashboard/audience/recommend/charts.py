"""Looks and rankings as HTML: shares and values with their ranges, and sentences about them."""

from __future__ import annotations

from html import escape

from dashboard.shared.charts import tables
from fer_core.labels import DISPLAY_ORDER, EMOTIONS
from fer_core.palette import EMOTION_COLOURS
from fer_core.recommend.look import Look
from fer_core.reports import units
from fer_core.sentences import Finding, Template
from fer_core.studies.creatives import Creatives
from fer_core.text import percent, percents

LEADS = Template("recommend.look", "A {words} look: {name} leads with {share}.")


def finding(look: Look) -> Finding:
    """What the look is called and which expression leads."""
    name = EMOTIONS[int(look.mix.argmax())]
    return LEADS(words=look.words, name=name, share=_shares(look)[name])


def _shares(look: Look) -> dict[str, str]:
    return percents(dict(zip(EMOTIONS, (float(one) for one in look.mix))))


def mix(look: Look) -> str:
    """A row an expression: its share as a bar, its 95 % range as a line."""
    shares = _shares(look)
    rows, said = [], []
    for name in DISPLAY_ORDER:
        at = EMOTIONS.index(name)
        low, high = float(look.low[at]), float(look.high[at])
        ranged = f"{percent(low)} to {percent(high)}" if high > low else ""
        rows.append(
            f"<span>{name}</span>"
            f'<span><i style="width:{100 * look.mix[at]:.1f}%;background:{EMOTION_COLOURS[name]}">'
            f'</i><u style="left:{100 * low:.1f}%;width:{100 * (high - low):.1f}%"></u></span>'
            f"<span>{shares[name]} <small>{ranged}</small></span>"
        )
        said.append(f"{name} {shares[name]}" + (f", {ranged}" if ranged else ""))
    label = escape("; ".join(said))
    return f'<div class="recommend-mix" role="img" aria-label="{label}">{"".join(rows)}</div>'


def ranking(found: Creatives) -> str:
    """A row a creative, the best first: its expected value on one scale, and how sure it is."""
    low = min(one.low for one in found.ranked)
    width = max(max(one.high for one in found.ranked) - low, 1e-9)
    rows = []
    for one in found.ranked:
        left, right = 100 * (one.low - low) / width, 100 * (one.high - low) / width
        at = 100 * (one.expected - low) / width
        rows.append(
            [
                escape(one.name),
                f"<b>{units.say(found.measure, one.expected)}</b> <small>"
                f"{units.say(found.measure, one.low)} to {units.say(found.measure, one.high)}"
                "</small>",
                f'<span class="recommend-range" aria-hidden="true"><u style="left:{left:.1f}%;'
                f'width:{right - left:.1f}%"></u><s style="left:{at:.1f}%"></s></span>',
                f"<b>{percent(one.best)}</b>",
                str(one.n),
            ]
        )
    heads = ("Creative", "Expected, 95 %", "", "Best", "Viewers")
    return tables.table(heads, rows, f"Creatives by {units.name(found.measure).lower()}")
