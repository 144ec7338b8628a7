"""An audience over time: mean and band, how many, shares by expression.

``curve`` and each of ``shares`` have a row a second from 0: ``second``, the value, ``low,
high, n``; NaN where it is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.shared.charts import panels
from dashboard.shared.charts.panels import Panel
from fer_core.analytics.carried import carried
from fer_core.analytics.scenes import Marker, Scene
from fer_core.labels import DISPLAY_ORDER
from fer_core.palette import EMOTION_COLOURS, Theme, faded
from fer_core.reports import units
from fer_core.reports.findings import alt_text
from fer_core.reports.findings import response as finding
from fer_core.reports.findings import shares as shares_finding
from fer_core.sentences import Label
from fer_core.studies.response import Response
from fer_core.text import count

__all__ = ["alt_text", "figure", "finding"]

NOTICED = 0.05  # a share below this never draws a line: seven flat lines say nothing


def figure(
    response: Response,
    shares: Mapping[str, pd.DataFrame],
    *,
    scenes: Sequence[Scene],
    markers: Sequence[Marker],
    length_ms: int,
    theme: Theme,
) -> go.Figure:
    """Mean with band, n below it, and the share of viewers showing each expression."""
    curve, measure = response.curve, response.measure
    shown = [name for name in DISPLAY_ORDER if _highest(shares[name]["share"]) >= 100 * NOTICED]
    x = panels.moments(curve["second"] * 1000, length_ms)
    colour = units.colour(measure, theme)
    fig = go.Figure()
    panels.lay_out(fig, _panels(curve, shares, shown, measure), theme, length_ms)
    fig.add_traces(panels.band(x, curve["low"], curve["high"], colour, yaxis="y"))
    fig.add_traces(_mean(x, response, colour))
    fig.add_trace(
        go.Bar(
            x=x, y=curve["n"], yaxis="y2", marker={"color": faded(theme.quiet, 0.45)},
            width=850, hoverinfo="skip",
        )
    )  # fmt: skip
    fig.add_traces(
        [
            panels.line(
                x,
                shares[name]["share"],
                EMOTION_COLOURS[name],
                name=name,
                hover="<b>%{y:.0f} %</b>",
                shape="hvh",
                yaxis="y3",
            )
            for name in shown
        ]
    )
    fig.update_layout(shapes=panels.mark(scenes, markers, theme, ("y", "y3")), bargap=0.15)
    return fig


def _mean(x: pd.Series, response: Response, colour: str) -> list[go.Scatter]:
    """The mean; thin and dashed where fewer than half of the viewers carry it."""
    curve, measure = response.curve, response.measure
    enough = curve["mean"].isna() | carried(curve["n"].to_numpy(), response.viewers)
    whole = panels.line(
        x,
        curve["mean"],
        colour,
        name=units.name(measure),
        hover=f"<b>%{{y{units.hover(measure)}}}</b> · %{{customdata}}",
        width=2.5,
        customdata=_between(curve, measure),
        yaxis="y",
        # a line alone cannot be clicked; the dot shows where it was
        mode="lines+markers",
        marker={"color": colour, "size": 10, "opacity": 0},
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 0}},
    )
    return panels.solid_where(whole, enough)


def _panels(
    curve: pd.DataFrame, shares: Mapping[str, pd.DataFrame], shown: Sequence[str], measure: str
) -> list[Panel]:
    """The mean, the number of viewers, and the shares of the expressions that are drawn."""
    most = max(int(curve["n"].max()), 1)
    top = _highest(pd.concat([shares[name]["share"] for name in shown])) if shown else 0.0
    reach = next(step for step in (20, 50, 100) if top <= step or step == 100)
    values = [curve[name].to_numpy() for name in ("mean", "low", "high")]
    return [
        Panel(Label(""), "", 250, units.axis(measure, *values), beside=True),
        Panel(
            Label(""), "", 34,
            {"range": [0, most * 1.1], "tickvals": [most / 2], "ticktext": [f"n {most}"],
             "showgrid": False},
            beside=True,
        ),
        Panel(
            shares_finding(shares),
            "% of the viewers whose face could be read",
            170,
            {"range": [-0.06 * reach, reach], "tickvals": [0, reach / 2, reach],
             "ticktext": ["0 %", f"{reach // 2} %", f"{reach} %"]},
        ),
    ]  # fmt: skip


def _between(curve: pd.DataFrame, measure: str) -> list[str]:
    return [
        f"{units.say(measure, low)} to {units.say(measure, high)}, {count(int(n), 'viewer')}"
        if np.isfinite(low)
        else count(int(n), "viewer")
        for low, high, n in zip(curve["low"], curve["high"], curve["n"])
    ]


def _highest(values: pd.Series) -> float:
    return float(values.max()) if values.notna().any() else 0.0
