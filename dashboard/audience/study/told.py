"""What viewers told by the second beside what their faces showed."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.audience.study.data import StudyView
from dashboard.shared.charts import panels
from dashboard.shared.charts.figure import figure
from dashboard.shared.page import current_theme
from dashboard.state import app_state
from fer_core.analytics.methods.told import Told
from fer_core.palette import Theme
from fer_core.reports import units
from fer_core.studies.answers import told
from fer_core.text import count


def told_curves(views: list[StudyView]) -> None:
    """A curve an audience where somebody told something; nothing where nobody did."""
    for at, one in enumerate(views):
        ids = [key for key, _ in one.keys] or list(
            one.response.lines.viewers["session_id"].astype(str)
        )
        curve = one.curve
        found = told(app_state().store, ids, curve["second"], curve["mean"])
        if found is None:
            continue
        table, beside = found
        few = table["n"] < max(one.response.minimum, 1)
        table.loc[few, "mean"] = float("nan")
        st.subheader(
            "What they told by the second" + (f", {one.name}" if len(views) > 1 else ""),
            anchor=False,
        )
        st.caption(said(beside, one.measure))
        drawing = _drawing(table, one.length_ms, current_theme())
        figure(drawing, alt=said(beside, one.measure), key=f"told-{at}")


def said(beside: Told, measure: str) -> str:
    """How what was told follows the curve of the faces."""
    name = units.name(measure).lower()
    who = count(beside.viewers, "viewer")
    if beside.reason:
        return f"{who}. It cannot be compared with {name}: {beside.reason}."
    follows = "follows" if beside.follows else "does not follow"
    return (
        f"What {who} told {follows} {name}: correlation {beside.correlation:.2f}, by chance "
        f"{beside.low:.2f} to {beside.high:.2f}."
    )


def _drawing(table: pd.DataFrame, length_ms: int, theme: Theme) -> go.Figure:
    fig = go.Figure(
        go.Scatter(
            x=panels.moments(1000 * table["second"], length_ms),
            y=table["mean"],
            mode="lines",
            line={"color": theme.ink, "width": 2},
            hovertemplate="%{y:.0f}<extra></extra>",
        )
    )
    ticks = {"fixedrange": True, "gridcolor": theme.grid, "zeroline": False,
             "tickfont": {"color": theme.quiet, "size": 12}}  # fmt: skip
    low = -1 if float(table["mean"].min()) < 0 or float(table["mean"].max()) <= 1 else 0
    fig.update_layout(
        panels.base(theme),
        height=180,
        showlegend=False,
        margin={"t": 8, "b": 30, "l": 44, "r": 12},
        xaxis=panels.time_axis(length_ms, theme),
        yaxis=ticks | {"range": [low, 1 if low < 0 else 100]},
    )
    return fig
