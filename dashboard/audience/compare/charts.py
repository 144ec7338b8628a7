"""Groups beside each other: curves with the spans that differ, the difference, the spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.audience.session import charts as timeline
from dashboard.audience.session.charts import Panel
from dashboard.audience.study import charts as audience
from fer_core.analytics.compare import Comparison
from fer_core.analytics.scenes import Scene
from fer_core.palette import FONT, Look, faded
from fer_core.palette import group_colours as colours
from fer_core.reports import units
from fer_core.reports.findings import compared as finding
from fer_core.text import count

__all__ = ["colours", "figure", "finding", "spread"]


#: More viewers a group than this are a shape; longer names do not fit above a panel.
MOST_DOTS, MOST_TITLE = 60, 32


def figure(
    curves: Mapping[str, pd.DataFrame],
    comparison: Comparison,
    measure: str,
    *,
    scenes: Sequence[Scene],
    length_ms: int,
    look: Look,
) -> go.Figure:
    """Every group's mean with its band; below it A minus B, of the pair compared."""
    colour = colours(list(curves))
    over = comparison.over_time
    over = over[over["measure"] == measure]
    known = [table[name].to_numpy() for table in curves.values() for name in ("low", "high")]
    gaps = [over[name].to_numpy(np.float64) for name in ("difference", "low", "high")]
    panels = [
        Panel("means", "", "", 260, units.axis(measure, *known), beside=True),
        Panel(
            "difference",
            f"{comparison.a} minus {comparison.b}"
            if len(comparison.a) + len(comparison.b) < MOST_TITLE
            else "The first minus the second",
            "Above 0 the first is higher; band: 95 % range",
            150,
            units.difference_axis(measure, *gaps),
        ),
    ]
    fig = go.Figure()
    height = timeline.lay_out(fig, panels, look, length_ms)
    for name, table in curves.items():
        x = timeline.moments(table["second"] * 1000, length_ms)
        audience.band(fig, x, table, colour[name], "y")
    for name, table in curves.items():
        x = timeline.moments(table["second"] * 1000, length_ms)
        fig.add_trace(
            go.Scatter(
                x=x,
                y=table["mean"],
                mode="lines",
                connectgaps=False,
                line={"color": colour[name], "width": 2.5},
                name=name,
                customdata=[count(int(n), "viewer") for n in table["n"]],
                hovertemplate=f"{name} <b>%{{y{units.hover(measure)}}}</b> · "
                "%{customdata}<extra></extra>",
                yaxis="y",
            )
        )
    x = timeline.moments(over["second"] * 1000, length_ms)
    audience.band(fig, x, over, look.ink, "y2")
    fig.add_trace(
        go.Scatter(
            x=x,
            y=over["difference"],
            mode="lines",
            line={"color": look.ink, "width": 2},
            name="difference",
            hovertemplate=f"difference <b>%{{y{units.hover(measure)}}}</b><extra></extra>",
            yaxis="y2",
        )
    )
    audience.mark(fig, scenes, (), look, ("y", "y2"))
    _spans(fig, comparison, measure, colour)
    _zero(fig, look)
    fig.update_layout(height=height)
    return fig


def _spans(fig: go.Figure, comparison: Comparison, measure: str, colour: Mapping[str, str]) -> None:
    """Shade where the two differ, in the colour of the higher one."""
    shapes = list(fig.layout.shapes or ())
    for one in comparison.clusters:
        if one.measure != measure or not one.significant:
            continue
        for axis in ("y", "y2"):
            shapes.append(
                {
                    "type": "rect",
                    "x0": pd.to_datetime(one.from_ms, unit="ms"),
                    "x1": pd.to_datetime(one.to_ms, unit="ms"),
                    "y0": 0,
                    "y1": 1,
                    "xref": "x",
                    "yref": f"{axis} domain",
                    "fillcolor": faded(colour[one.higher], 0.14),
                    "line": {"width": 0},
                    "layer": "below",
                }
            )
    fig.update_layout(shapes=shapes)


def _zero(fig: go.Figure, look: Look) -> None:
    fig.update_layout(yaxis2={"zeroline": True, "zerolinecolor": look.quiet, "zerolinewidth": 1})


def spread(table: pd.DataFrame, names: Sequence[str], measure: str, look: Look) -> go.Figure:
    """A dot a viewer and a box a group, scene by scene."""
    colour = colours(list(names))
    scenes = list(dict.fromkeys(table["scene"]))
    axis = units.axis(measure, table["value"].to_numpy(np.float64))
    low, high = axis["range"]
    room = 0.04 * (high - low)  # dots at the very top of the scale are whole
    fig = go.Figure()
    for name in names:
        mine = table[table["group"] == name]
        fig.add_trace(
            _shape(mine, name, colour[name])
            if crowded(table)
            else go.Box(
                x=mine["scene"],
                y=mine["value"],
                name=name,
                boxpoints="all",
                pointpos=0,
                jitter=0.55,
                marker={"color": faded(colour[name], 0.55), "size": 4},
                line={"color": colour[name], "width": 1.5},
                fillcolor=faded(colour[name], 0.10),
                hoveron="points",
                hovertemplate=f"{name}: <b>%{{y{units.hover(measure)}}}</b><extra></extra>",
            )
        )
    fig.update_layout(
        boxmode="group",
        boxgap=0.25,
        boxgroupgap=0.15,
        violinmode="group",
        violingap=0.25,
        violingroupgap=0.1,
        height=300,
        xaxis={"categoryarray": scenes, "categoryorder": "array", "fixedrange": True,
               "automargin": True, "tickfont": {"color": look.quiet, "size": 12},
               "showgrid": False},
        yaxis=axis
        | {"range": [low - room, high + room],
           "fixedrange": True, "gridcolor": look.grid, "zeroline": False,
           "tickfont": {"color": look.quiet, "size": 12}},
        margin={"t": 4, "b": 34, "l": 44, "r": 12},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "color": look.text, "size": 13},
        hoverlabel={"bgcolor": look.raised, "font": {"color": look.text, "size": 12}},
        showlegend=False,
    )  # fmt: skip
    return fig


def crowded(table: pd.DataFrame) -> bool:
    """Whether a dot a viewer would be one grey cloud, and the page's slowest part."""
    return bool(table.groupby(["scene", "group"]).size().max() > MOST_DOTS)


def _shape(mine: pd.DataFrame, name: str, colour: str) -> go.Violin:
    return go.Violin(
        x=mine["scene"],
        y=mine["value"],
        name=name,
        points=False,
        spanmode="hard",
        box={"visible": True, "width": 0.25, "fillcolor": faded(colour, 0.25)},
        line={"color": colour, "width": 1.5},
        fillcolor=faded(colour, 0.16),
        hoverinfo="skip",
    )
