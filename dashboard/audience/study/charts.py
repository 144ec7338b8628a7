"""An audience over time: mean and band, how many, shares by expression.

``curve`` and each of ``shares`` have a row a second from 0: ``second``, the value, ``low,
high, n``; NaN where it is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.audience.session import charts as timeline
from dashboard.audience.session.charts import Panel
from fer_core.analytics.scenes import Marker, Scene
from fer_core.labels import DISPLAY_ORDER
from fer_core.palette import EMOTION_COLOURS, Look, faded
from fer_core.reports import units
from fer_core.reports.findings import response as finding
from fer_core.reports.findings import shares as shares_finding
from fer_core.reports.findings import told
from fer_core.text import count

__all__ = ["band", "figure", "finding", "mark", "second_of", "shares_finding", "told"]

NOTICED = 0.05  # a share below this never draws a line: seven flat lines say nothing


def figure(
    curve: pd.DataFrame,
    shares: Mapping[str, pd.DataFrame],
    measure: str,
    *,
    scenes: Sequence[Scene],
    markers: Sequence[Marker],
    length_ms: int,
    look: Look,
) -> go.Figure:
    """Mean with band, n below it, and the share of viewers showing each expression."""
    most = max(int(curve["n"].max()), 1)
    shown = [name for name in DISPLAY_ORDER if _seen(shares[name]["share"]) >= 100 * NOTICED]
    top = _seen(pd.concat([shares[name]["share"] for name in shown])) if shown else 0.0
    reach = next(step for step in (20, 50, 100) if top <= step or step == 100)
    values = [curve[name].to_numpy() for name in ("mean", "low", "high")]
    panels = [
        Panel("mean", "", "", 250, units.axis(measure, *values), beside=True),
        Panel(
            "n", "", "", 34,
            {"range": [0, most * 1.1], "tickvals": [most / 2], "ticktext": [f"n {most}"],
             "showgrid": False},
            beside=True,
        ),
        Panel(
            "shares",
            shares_finding(shares),
            "% of the viewers whose face could be read",
            170,
            {"range": [-0.06 * reach, reach], "tickvals": [0, reach / 2, reach],
             "ticktext": ["0 %", f"{reach // 2} %", f"{reach} %"]},
        ),
    ]  # fmt: skip
    fig = go.Figure()
    height = timeline.lay_out(fig, panels, look, length_ms)
    x = timeline.moments(curve["second"] * 1000, length_ms)
    line = units.colour(measure, look)
    band(fig, x, curve, line, "y")
    fig.add_trace(
        go.Scatter(
            x=x,
            y=curve["mean"],
            # a line alone cannot be clicked; the dot shows where it was
            mode="lines+markers",
            marker={"color": line, "size": 10, "opacity": 0},
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 0}},
            connectgaps=False,
            line={"color": line, "width": 2.5},
            name=units.name(measure),
            customdata=_between(curve, measure),
            hovertemplate=f"{units.name(measure)} <b>%{{y{units.hover(measure)}}}</b>"
            " · %{customdata}<extra></extra>",
            yaxis="y",
        )
    )
    fig.add_trace(
        go.Bar(
            x=x, y=curve["n"], yaxis="y2", marker={"color": faded(look.quiet, 0.45)},
            width=850, hoverinfo="skip",
        )
    )  # fmt: skip
    for name in shown:
        fig.add_trace(
            go.Scatter(
                x=x,
                y=shares[name]["share"],
                mode="lines",
                connectgaps=False,
                line={"color": EMOTION_COLOURS[name], "width": 2, "shape": "hvh"},
                name=name,
                hovertemplate=f"{name} <b>%{{y:.0f}} %</b><extra></extra>",
                yaxis="y3",
            )
        )
    mark(fig, scenes, markers, look, ("y", "y3"))
    fig.update_layout(height=height, bargap=0.15)
    return fig


def band(fig: go.Figure, x: pd.Series, curve: pd.DataFrame, colour: str, yaxis: str) -> None:
    """The 95 % range; it breaks where the curve does."""
    low = curve["low"]
    for _, run in curve[low.notna()].groupby(low.isna().cumsum()[low.notna()]):
        at = x[run.index]
        fig.add_trace(
            go.Scatter(
                x=pd.concat([at, at[::-1]]),
                y=pd.concat([run["high"], run["low"][::-1]]),
                mode="lines",  # a short curve would get dots at its corners
                fill="toself",
                fillcolor=faded(colour, 0.16),
                line={"width": 0},
                hoverinfo="skip",
                yaxis=yaxis,
            )
        )


def mark(
    fig: go.Figure,
    scenes: Sequence[Scene],
    markers: Sequence[Marker],
    look: Look,
    axes: Sequence[str],
) -> None:
    """Every other scene on a pale ground, a dotted line a marker."""
    shapes: list[dict[str, Any]] = list(fig.layout.shapes or ())
    for axis in axes:
        ground = {"xref": "x", "yref": f"{axis} domain", "y0": 0, "y1": 1, "layer": "below"}
        shapes += [
            ground
            | {"type": "rect", "x0": _at(one.from_ms), "x1": _at(one.to_ms), "line": {"width": 0},
               "fillcolor": faded(look.quiet, 0.07)}
            for one in scenes[1::2]
        ]  # fmt: skip
        shapes += [
            ground
            | {"type": "line", "x0": _at(one.t_ms), "x1": _at(one.t_ms),
               "line": {"color": look.quiet, "width": 1, "dash": "dot"}}
            for one in markers
        ]  # fmt: skip
    fig.update_layout(shapes=shapes)


def second_of(x: str) -> int:
    """The second under a clicked point of the time axis."""
    moment = pd.Timestamp(x)
    return int((moment - pd.Timestamp(0)) // pd.Timedelta(seconds=1))


def _between(curve: pd.DataFrame, measure: str) -> list[str]:
    return [
        f"{units.say(measure, low)} to {units.say(measure, high)}, {count(int(n), 'viewer')}"
        if np.isfinite(low)
        else count(int(n), "viewer")
        for low, high, n in zip(curve["low"], curve["high"], curve["n"])
    ]


def _seen(values: pd.Series) -> float:
    return float(values.max()) if values.notna().any() else 0.0


def _at(ms: int) -> pd.Timestamp:
    return pd.to_datetime(ms, unit="ms")
