"""Small drawings as SVG and HTML: a sparkline with its ribbon, a strip of shares.

Streamlit strips SVG from HTML, so a drawing comes as a picture link in a theme's ink.
"""

from __future__ import annotations

import base64
from html import escape

import numpy as np
import pandas as pd

from dashboard.shared.charts import findings
from fer_core.labels import DISPLAY_ORDER
from fer_core.palette import EMOTION_COLOURS, MIXED_COLOUR, Theme
from fer_core.text import percents

WIDTH, LINE, RIBBON = 200, 34, 5
MOST_POINTS = 100


def picture(svg: str, name: str, label: str = "") -> str:
    """An SVG as an ``img`` element; without a label it is decoration."""
    link = base64.b64encode(svg.encode()).decode()
    return f'<img class="{name}" src="data:image/svg+xml;base64,{link}" alt="{escape(label)}">'


def sparkline(seconds: pd.DataFrame, theme: Theme, label: str = "Engagement over time") -> str:
    """Engagement from 0 to 100 above a ribbon of the leading expressions."""
    height = LINE + RIBBON + 3
    if seconds.empty or seconds["engagement"].isna().all():
        return ""
    block = (np.arange(len(seconds)) * MOST_POINTS) // max(len(seconds), MOST_POINTS)
    value = seconds["engagement"].groupby(block).mean()
    led = _most_frequent(seconds["emotion"], block)
    step = WIDTH / len(value)
    runs: list[list[str]] = [[]]
    for i, y in enumerate(value):
        if np.isnan(y):
            runs.append([])
        else:
            runs[-1].append(f"{(i + 0.5) * step:.1f},{1 + (LINE - 2) * (1 - y / 100):.1f}")
    lines = "".join(
        f'<polyline points="{" ".join(run)}" fill="none" stroke="{theme.ink}" '
        f'stroke-width="1.6" stroke-linejoin="round" stroke-linecap="round" '
        f'vector-effect="non-scaling-stroke"/>'
        for run in runs
        if len(run) > 1
    )
    cells = "".join(
        f'<rect x="{i * step:.2f}" y="{LINE + 3}" width="{step + 0.05:.2f}" height="{RIBBON}" '
        f'fill="{EMOTION_COLOURS.get(name, MIXED_COLOUR)}"/>'
        for i, name in enumerate(led)
        if name is not None
    )
    return picture(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'preserveAspectRatio="none">{lines}{cells}</svg>',
        "rapt-spark",
        label,
    )


def share_strip(share: pd.Series) -> str:
    """Shares of time as one strip that is the whole, each part named and counted below it."""
    if share.dropna().empty:
        return ""
    parts = "".join(
        f'<span style="flex:{value:.4f};background:{EMOTION_COLOURS[str(name)]}"></span>'
        for name, value in share.items()
        if value > 0
    )
    shown = percents({str(name): float(share[name]) for name in DISPLAY_ORDER})
    rows = "".join(
        f'<div class="rapt-share-row{"" if share[name] > 0 else " rapt-none"}">'
        f'<dt><i style="background:{EMOTION_COLOURS[name]}"></i>{name}</dt>'
        f"<dd>{shown[name]}</dd></div>"
        for name in DISPLAY_ORDER
    )
    said = escape(findings.expressions(share))
    return (
        f'<div class="rapt-share" role="group" aria-label="{said}">'
        f'<div class="rapt-share-strip" aria-hidden="true">{parts}</div><dl>{rows}</dl></div>'
    )


def _most_frequent(emotions: pd.Series, block: np.ndarray) -> list[str | None]:
    """Each block's most frequent expression, the first by name of equals; None where none leads."""
    codes, names = pd.factorize(emotions, sort=True)
    counts = np.zeros((block[-1] + 1, len(names) + 1), int)
    np.add.at(counts, (block, codes), 1)  # no expression has the code -1: the last column
    known = counts[:, :-1]
    return [str(names[row.argmax()]) if row.any() else None for row in known]
