"""Layout and axes that the lab's charts share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.shared.charts import panels
from dashboard.shared.charts.panels import Axis
from fer_core.palette import Theme


def lay_out(fig: go.Figure, theme: Theme, height: int, **more: Any) -> go.Figure:
    """Give a figure its height in pixels and the page's theme; ``more`` is Plotly's layout."""
    margin = {"t": 8, "b": 40, "l": 52, "r": 12}
    fig.update_layout(panels.base(theme) | {"height": height, "margin": margin} | more)
    for name in ("xaxis", "xaxis2", "yaxis", "yaxis2", "yaxis3"):
        if name in ("xaxis", "yaxis") or name in more:
            axis = fig.layout[name]
            axis.update(gridcolor=theme.grid, zeroline=False, fixedrange=True)
            axis.tickfont = {"color": theme.quiet, "size": 12}
            axis.title.font = {"color": theme.quiet, "size": 12}
    return fig


def percent_axis(low: float, high: float) -> Axis:
    """An axis of shares whose ticks are round percentages around this range."""
    step = 0.05 if high - low < 0.25 else 0.1 if high - low < 0.55 else 0.25
    ticks = np.arange(np.floor(low / step), np.ceil(high / step) + 1) * step
    return {
        "range": [float(ticks[0]), float(ticks[-1])],
        "tickvals": ticks.tolist(),
        "ticktext": [f"{100 * t:.0f} %" for t in ticks],
    }


def percent_axis_of(values: pd.Series) -> Axis:
    """The axis that fits these shares; Plotly's own where none is known."""
    known = values.dropna()
    return percent_axis(float(known.min()), float(known.max())) if len(known) else {}
