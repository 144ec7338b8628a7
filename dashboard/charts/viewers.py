"""The viewers behind an audience: a row each, and whether they respond together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.charts import timeline, units
from dashboard.charts.palette import EMOTION_COLOURS, FONT, Look, faded
from dashboard.charts.ribbon import mixed
from fer_core.analytics.synchrony import Synchrony

ROW, TALLEST, LEAST = 13, 560, 90


def heat_map(
    lanes: np.ndarray, labels: Sequence[str], measure: str, *, length_ms: int, look: Look
) -> go.Figure:
    """One row a viewer, the highest mean on top; empty where the viewer is not known."""
    seconds = pd.Series(np.arange(lanes.shape[1]))
    rows = max(len(labels), 1)
    each = min(ROW, max(3, TALLEST // rows))
    full = units.colour(measure, look)
    both = measure == "valence"
    scale: list[tuple[float, str]] = [
        (0.0, mixed(full, look.paper, 0.03)),
        (0.5, mixed(full, look.paper, 0.28)),  # watching quietly stays in the background
        (1.0, full),
    ]
    lowest, highest = _range(measure, lanes)
    if both:
        scale = [(0.0, EMOTION_COLOURS["sad"]), (0.5, mixed(look.quiet, look.paper, 0.12)),
                 (1.0, EMOTION_COLOURS["happy"])]  # fmt: skip
    text = np.vectorize(lambda value: units.say(measure, value), otypes=[object])(lanes)
    fig = go.Figure(
        go.Heatmap(
            x=timeline.moments(seconds * 1000, length_ms),
            y=list(range(rows)),
            z=lanes,
            text=text,
            customdata=np.repeat(np.array(labels, dtype=object)[:, None], lanes.shape[1], axis=1),
            hovertemplate="%{customdata} at %{x}: <b>%{text}</b><extra></extra>",
            colorscale=scale,
            zmin=lowest,
            zmax=highest,
            showscale=False,
            ygap=1 if each >= 6 else 0,
        )
    )
    readable = each >= 11
    fig.update_layout(
        height=max(LEAST, rows * each + 50),
        xaxis=timeline.time_axis(length_ms, look) | {"showspikes": False},
        yaxis={
            "autorange": "reversed",
            "tickvals": list(range(rows)) if readable else [],
            "ticktext": list(labels) if readable else [],
            "tickfont": {"color": look.quiet, "size": 10},
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            "ticks": "",
        },
        margin=timeline.MARGIN,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "color": look.text, "size": 13},
        hoverlabel={"bgcolor": look.raised, "font": {"color": look.text, "size": 12}},
    )
    return fig


def synchrony_figure(ties: Mapping[str, Synchrony], look: Look) -> go.Figure:
    """What was found as a dot, what chance gives as a bar."""
    told = {name: one for name, one in ties.items() if not one.reason}
    names = [units.name(name) for name in told]
    fig = go.Figure()
    for name, one in told.items():
        fig.add_trace(
            go.Scatter(
                x=[one.low, one.high], y=[units.name(name)] * 2, mode="lines",
                line={"color": faded(look.quiet, 0.45), "width": 14},
                hovertemplate=f"by chance {one.low:.2f} to {one.high:.2f}<extra></extra>",
            )
        )  # fmt: skip
        fig.add_trace(
            go.Scatter(
                x=[one.value], y=[units.name(name)], mode="markers+text",
                marker={"color": look.ink, "size": 12, "symbol": "circle"},
                text=[f" {one.value:.2f}"], textposition="middle right",
                textfont={"size": 13, "color": look.text},
                hovertemplate="found %{x:.2f}<extra></extra>",
            )
        )  # fmt: skip
    top = max([0.5, *(max(one.value, one.high) for one in told.values())])
    bottom = min([-0.2, *(one.low - 0.05 for one in told.values())])
    fig.update_layout(
        height=46 * max(len(told), 1) + 54,
        xaxis={
            "range": [bottom, min(top + 0.15, 1.1)],
            "gridcolor": look.grid, "zeroline": True, "zerolinecolor": look.quiet,
            "tickfont": {"color": look.quiet, "size": 12}, "fixedrange": True,
            "title": {"text": "Correlation with the other viewers",
                      "font": {"color": look.quiet, "size": 12}},
        },
        yaxis={"categoryarray": names[::-1], "categoryorder": "array", "fixedrange": True,
               "tickfont": {"color": look.text, "size": 13}, "showgrid": False,
               "range": [-0.6, len(names) - 0.4]},
        margin={"t": 4, "b": 44, "l": 96, "r": 12},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "color": look.text, "size": 13},
        hoverlabel={"bgcolor": look.raised, "font": {"color": look.text, "size": 12}},
        showlegend=False,
    )  # fmt: skip
    return fig


def synchrony_finding(measure: str, tie: Synchrony | None) -> str:
    if tie is None or tie.reason:
        why = f": {tie.reason}" if tie is not None else ""
        return f"Whether viewers respond together cannot be told{why}"
    said = units.name(measure).lower()
    if tie.together:
        return f"Viewers respond together in {said}"
    return f"Viewers respond no more together in {said} than chance gives"


def _range(measure: str, lanes: np.ndarray) -> tuple[float, float]:
    if measure == "engagement":
        return 0.0, 100.0
    if measure == "valence":
        return -1.0, 1.0
    return 0.0, 1.0
