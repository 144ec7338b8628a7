"""Small drawings as SVG and HTML: a sparkline with its ribbon, a strip of shares.

They take the page's ink (``currentColor``), so one drawing serves both themes.
"""

from __future__ import annotations

from html import escape

import numpy as np
import pandas as pd

from dashboard.charts import findings
from dashboard.charts.palette import EMOTION_COLOURS
from dashboard.charts.wording import percent
from fer_core.labels import DISPLAY_ORDER

WIDTH, LINE, RIBBON = 200, 34, 5
MOST_POINTS = 100


def sparkline(seconds: pd.DataFrame, label: str = "Engagement over time") -> str:
    """Engagement from 0 to 100 above a ribbon of the leading expressions."""
    height = LINE + RIBBON + 3
    if seconds.empty or seconds["engagement"].isna().all():
        return ""
    block = (np.arange(len(seconds)) * MOST_POINTS) // max(len(seconds), MOST_POINTS)
    value = seconds["engagement"].groupby(block).mean()
    led = [
        part.mode().iloc[0] if part.notna().any() else None
        for _, part in seconds["emotion"].groupby(block)
    ]
    step = WIDTH / len(value)
    runs: list[list[str]] = [[]]
    for i, y in enumerate(value):
        if np.isnan(y):
            runs.append([])
        else:
            runs[-1].append(f"{(i + 0.5) * step:.1f},{1 + (LINE - 2) * (1 - y / 100):.1f}")
    lines = "".join(
        f'<polyline points="{" ".join(run)}" fill="none" stroke="currentColor" '
        f'stroke-width="1.6" stroke-linejoin="round" stroke-linecap="round" '
        f'vector-effect="non-scaling-stroke"/>'
        for run in runs
        if len(run) > 1
    )
    cells = "".join(
        f'<rect x="{i * step:.2f}" y="{LINE + 3}" width="{step + 0.05:.2f}" height="{RIBBON}" '
        f'fill="{EMOTION_COLOURS[name]}"/>'
        for i, name in enumerate(led)
        if name in EMOTION_COLOURS
    )
    return (
        f'<svg class="rapt-spark" viewBox="0 0 {WIDTH} {height}" preserveAspectRatio="none" '
        f'role="img" aria-label="{escape(label)}">{lines}{cells}</svg>'
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
    rows = "".join(
        f'<div class="rapt-share-row{"" if share[name] > 0 else " rapt-none"}">'
        f'<dt><i style="background:{EMOTION_COLOURS[name]}"></i>{name}</dt>'
        f"<dd>{percent(float(share[name]))}</dd></div>"
        for name in DISPLAY_ORDER
    )
    said = escape(findings.expressions(share))
    return (
        f'<div class="rapt-share" role="group" aria-label="{said}">'
        f'<div class="rapt-share-strip" aria-hidden="true">{parts}</div><dl>{rows}</dl></div>'
    )


def key(emotions: tuple[str, ...] = DISPLAY_ORDER) -> str:
    """The colours' names, for a ribbon without room for them."""
    items = "".join(
        f'<span><i style="background:{EMOTION_COLOURS[name]}"></i>{name}</span>'
        for name in emotions
    )
    return f'<div class="rapt-key">{items}</div>'
