"""The lane of attention, with blinks and closed eyes over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.shared.charts import panels
from dashboard.shared.charts.panels import Panel
from fer_core.palette import Theme, faded
from fer_core.text import clock, percent

_ABOVE: Final = 1.14  # where blinks stand, over full attention
_TOP: Final = 1.26


def curve(x: pd.Series, attention: pd.Series, theme: Theme, yaxis: str) -> list[go.Scatter]:
    """The curve over a pale ground, so that what is missing from full attention is seen."""
    ground = go.Scatter(
        x=x, y=attention.fillna(0.0), mode="lines", line={"width": 0}, fill="tozeroy",
        fillcolor=faded(theme.ink, 0.10), hoverinfo="skip", yaxis=yaxis,
    )  # fmt: skip
    said = [f"<b>{percent(share)}</b>" for share in attention]
    line = panels.line(
        x, attention, theme.ink, name="Attention", hover=said, width=1.75, yaxis=yaxis
    )
    return [ground, line]


def with_eyes(panel: Panel) -> Panel:
    """The lane with room for blinks above the curve."""
    return replace(
        panel,
        note="Turned to the screen, eyes open and on it; ticks are blinks, bars closed eyes",
        height=panel.height + 14,
        axis={**panel.axis, "range": [0, _TOP]},
    )


def eyes(
    spans: pd.DataFrame, names: Mapping[int, str], theme: Theme, yaxis: str
) -> list[go.Scatter]:
    """A tick a blink, a bar for eyes that stay closed."""
    blinks = spans[spans["kind"] == "blink"]
    ticks = go.Scatter(
        x=pd.to_datetime(blinks["from_ms"], unit="ms"),
        y=np.full(len(blinks), _ABOVE),
        mode="markers",
        marker={
            "symbol": "line-ns", "size": 8, "line": {"width": 1.5, "color": faded(theme.ink, 0.6)},
        },
        customdata=[_who(viewer, names) for viewer in blinks["viewer"]],
        hovertemplate="Blink%{customdata}<extra></extra>",
        name="Blinks",
        yaxis=yaxis,
    )  # fmt: skip
    bars = [
        go.Scatter(
            x=[panels.at(start), panels.at(max(end, start + 1))],
            y=[_ABOVE, _ABOVE],
            mode="lines",
            line={"width": 6, "color": theme.ink},
            hovertemplate=f"Eyes closed{_who(viewer, names)}, {clock(start)} to {clock(end)}"
            "<extra></extra>",
            name="Eyes closed",
            yaxis=yaxis,
        )
        for viewer, kind, start, end in zip(
            spans["viewer"], spans["kind"], spans["from_ms"], spans["to_ms"]
        )
        if kind == "closed"
    ]
    return [ticks, *bars]


def _who(viewer: int, names: Mapping[int, str]) -> str:
    return f" · {names.get(int(viewer)) or f'viewer {int(viewer)}'}"
