"""The look as HTML: each expression's share with its range, and the sentence above it."""

from __future__ import annotations

from html import escape

from fer_core.labels import DISPLAY_ORDER, EMOTIONS
from fer_core.palette import EMOTION_COLOURS
from fer_core.recommend.look import Look
from fer_core.sentences import Finding, Template
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
