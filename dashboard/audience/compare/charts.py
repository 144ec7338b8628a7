"""Groups beside each other: curves with the spans that differ, the difference, the spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.shared.charts import groups, panels
from dashboard.shared.charts.panels import Panel
from fer_core.analytics.compare import Comparison
from fer_core.analytics.scenes import Scene
from fer_core.palette import Theme, faded
from fer_core.palette import group_colours as colours
from fer_core.reports import units
from fer_core.reports.findings import compared as finding
from fer_core.sentences import Label
from fer_core.text import known, shorten

__all__ = ["colours", "figure", "finding", "spread"]


#: More viewers a group than this are a shape; longer names do not fit above a panel.
MOST_DOTS, MOST_TITLE = 60, 32


def figure(
    curves: Mapping[str, pd.DataFrame],
    comparison: Comparison,
    measure: str,
    *,
    viewers: Mapping[str, int],
    scenes: Sequence[Scene],
    length_ms: int,
    theme: Theme,
) -> go.Figure:
    """Every group's mean with its band; below it the difference of the pair compared.

    ``viewers``: how many each group has; what under half of them carry is thin and dashed.
    """
    colour = colours(list(curves))
    over = comparison.over_time
    over = over[over["measure"] == measure]
    fig = go.Figure()
    panels.lay_out(fig, _panels(curves, comparison, over, measure), theme, length_ms)
    fig.add_traces(groups.means(curves, viewers, colour, measure, length_ms=length_ms))
    x = panels.moments(over["second"] * 1000, length_ms)
    fig.add_traces(panels.band(x, over["low"], over["high"], theme.ink, yaxis="y2"))
    fig.add_trace(
        panels.line(
            x,
            over["difference"],
            theme.ink,
            name=f"{comparison.a} − {comparison.b}",
            hover=[
                _said(measure, *row) for row in zip(over["difference"], over["low"], over["high"])
            ],
            yaxis="y2",
        )
    )
    fig.update_layout(
        shapes=[
            *panels.mark(scenes, (), theme, ("y", "y2")),
            *groups.differing(comparison.clusters, measure, colour, ("y", "y2")),
        ],
        yaxis2={"zeroline": True, "zerolinecolor": theme.quiet, "zerolinewidth": 1},
    )
    return fig


def _said(measure: str, difference: float, low: float, high: float) -> str:
    """What is said of a second's difference under the cursor."""
    if not known(difference):
        return "–"
    ends = [units.say_fine_change(measure, one) for one in (low, high)]
    between = f" · {ends[0]} to {ends[1]}" if known(low) else ""
    return f"<b>{units.say_fine_change(measure, difference)}</b>{between}"


def _panels(
    curves: Mapping[str, pd.DataFrame], comparison: Comparison, over: pd.DataFrame, measure: str
) -> list[Panel]:
    """The groups' means, and the difference of the two that are compared."""
    bands = [table[name].to_numpy() for table in curves.values() for name in ("low", "high")]
    gaps = [over[name].to_numpy(np.float64) for name in ("difference", "low", "high")]
    return [
        Panel(Label(""), "", 260, units.axis(measure, *bands), beside=True),
        Panel(
            Label(
                f"{comparison.a} minus {comparison.b}"
                if len(comparison.a) + len(comparison.b) < MOST_TITLE
                else "The other minus the reference"
            ),
            f"Above 0 {shorten(comparison.a, 24)} is higher; band: 95 % range",
            150,
            units.difference_axis(measure, *gaps),
        ),
    ]


def spread(table: pd.DataFrame, names: Sequence[str], measure: str, theme: Theme) -> go.Figure:
    """A dot a viewer and a box a group, scene by scene."""
    colour = colours(list(names))
    scenes = list(dict.fromkeys(table["scene"]))
    axis = units.axis(measure, table["value"].to_numpy(np.float64))
    low, high = axis["range"]
    room = 0.04 * (high - low)  # dots at the very top of the scale are whole
    draw = _shapes if crowded(table) else _dots
    fig = go.Figure(
        [draw(table[table["group"] == name], name, colour[name], measure) for name in names]
    )
    ticks = {"fixedrange": True, "tickfont": {"color": theme.quiet, "size": 12}}
    fig.update_layout(
        panels.base(theme),
        boxmode="group",
        boxgap=0.25,
        boxgroupgap=0.15,
        violinmode="group",
        violingap=0.25,
        violingroupgap=0.1,
        height=300,
        margin={"t": 4, "b": 34, "l": 44, "r": 12},
        xaxis=ticks
        | {"categoryarray": scenes, "categoryorder": "array", "automargin": True,
           "showgrid": False},
        yaxis=axis
        | ticks
        | {"range": [low - room, high + room], "gridcolor": theme.grid, "zeroline": False},
    )  # fmt: skip
    return fig


def crowded(table: pd.DataFrame) -> bool:
    """Whether a dot a viewer would be one grey cloud, and the page's slowest part."""
    return bool(table.groupby(["scene", "group"]).size().max() > MOST_DOTS)


def _dots(mine: pd.DataFrame, name: str, colour: str, measure: str) -> go.Box:
    return go.Box(
        x=mine["scene"],
        y=mine["value"],
        name=name,
        boxpoints="all",
        pointpos=0,
        jitter=0.55,
        marker={"color": faded(colour, 0.55), "size": 4},
        line={"color": colour, "width": 1.5},
        fillcolor=faded(colour, 0.10),
        hoveron="points",
        customdata=[units.say(measure, float(one)) for one in mine["value"]],
        hovertemplate=f"{name}: <b>%{{customdata}}</b><extra></extra>",
    )


def _shapes(mine: pd.DataFrame, name: str, colour: str, _measure: str) -> go.Violin:
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
