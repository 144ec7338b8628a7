"""The lab's small drawings: counts by expression as a strip and as bars."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from dashboard.charts.palette import EMOTION_COLOURS
from fer_core.labels import DISPLAY_ORDER


def counts_strip(counts: Mapping[str, int], label: str = "Faces by expression") -> str:
    """Counts as one strip that is the whole, each part named and counted below it."""
    total = sum(counts.values())
    if not total:
        return ""
    parts = "".join(
        f'<span style="flex:{counts[name]};background:{EMOTION_COLOURS[name]}"></span>'
        for name in DISPLAY_ORDER
        if counts.get(name)
    )
    rows = "".join(
        f'<div class="rapt-share-row{"" if counts.get(name) else " rapt-none"}">'
        f'<dt><i style="background:{EMOTION_COLOURS[name]}"></i>{name}</dt>'
        f"<dd>{counts.get(name, 0):,}</dd></div>"
        for name in DISPLAY_ORDER
    )
    return (
        f'<div class="rapt-share" role="group" aria-label="{escape(label)}">'
        f'<div class="rapt-share-strip" aria-hidden="true">{parts}</div><dl>{rows}</dl></div>'
    )
