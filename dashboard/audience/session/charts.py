"""A session over time as one figure: panels that share a time axis, a zoom and a cursor.

``seconds`` has a row for every second of the recording: ``t_ms, n, engagement,
engagement_low, engagement_high, valence, emotion, confidence`` and the seven ``p_``
columns; NaN where nothing was measured. ``lanes`` has a row for every viewer and known
second: ``viewer, t_ms, emotion, confidence, engagement, seen``. ``gaps`` has the stretches
without a usable face: ``from_ms, to_ms``; ``shares`` the share of time by expression.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.shared.charts import findings, ribbon
from fer_core.labels import DISPLAY_ORDER
from fer_core.palette import EMOTION_COLOURS, FONT, Look, faded
from fer_core.text import percent, shorten, whole

TITLE, GAP = 50, 20  # pixels above a panel and between panels
MARGIN = {"t": 4, "b": 44, "l": 44, "r": 22}
MOST_LANES = 12
MOST_GAPS = 100
SECOND = 1000


@dataclass(frozen=True, slots=True)
class Panel:
    name: str
    title: str
    note: str  # how to read it, with the unit
    height: int
    axis: dict[str, Any]
    beside: bool = False  # hugs the panel above: no title of its own


def moments(t_ms: pd.Series, duration_ms: int) -> pd.Series:
    """The middle of each second, on a date axis: its ticks follow a zoom as m:ss."""
    lasts = (duration_ms - t_ms).clip(lower=0, upper=SECOND)
    return pd.to_datetime(t_ms + lasts // 2, unit="ms")


def time_axis(duration_ms: int, look: Look) -> dict[str, Any]:
    form = "%-H:%M:%S" if duration_ms >= 3_600_000 else "%-M:%S"
    return {
        "type": "date",
        "range": [
            pd.to_datetime(0, unit="ms"),
            pd.to_datetime(max(duration_ms, SECOND), unit="ms"),
        ],
        "tickformat": form,
        "hoverformat": form,
        "nticks": 9,
        "tickformatstops": [
            {"dtickrange": [None, SECOND - 1], "value": form + ".%1f"},
            {"dtickrange": [SECOND, None], "value": form},
        ],
        "minallowed": pd.to_datetime(0, unit="ms"),
        "maxallowed": pd.to_datetime(max(duration_ms, SECOND), unit="ms"),
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "showspikes": True,
        "spikemode": "across",
        "spikesnap": "cursor",
        "spikethickness": 1,
        "spikedash": "solid",
        "spikecolor": look.quiet,
        "tickfont": {"color": look.quiet, "size": 12},
        "title": {"text": "Time (m:ss)" if form == "%-M:%S" else "Time (h:mm:ss)"}
        | {"font": {"color": look.quiet, "size": 12}},
    }


def figure(
    seconds: pd.DataFrame,
    lanes: pd.DataFrame,
    gaps: pd.DataFrame,
    shares: pd.Series,
    *,
    duration_ms: int,
    emotions: tuple[str, ...],
    look: Look,
    names: dict[int, str] | None = None,
) -> go.Figure:
    """The figure; ``names`` are those that a person gave to viewers."""
    viewers = _longest_seen(lanes)
    labels = [shorten((names or {}).get(v, f"{v}"), 7) for v in viewers]
    panels = _panels(seconds, labels, lanes["viewer"].nunique(), emotions, shares)
    fig = go.Figure()
    height = lay_out(fig, panels, look, duration_ms)
    axes = {panel.name: "y" if i == 0 else f"y{i + 1}" for i, panel in enumerate(panels)}
    x = moments(seconds["t_ms"], duration_ms)

    _engagement(fig, x, seconds, look, axes["engagement"])
    fig.add_trace(
        ribbon.strip(
            x,
            [""],
            ribbon.levels(seconds["emotion"], seconds["confidence"])[None, :],
            None,
            look,
            axes["ribbon"],
        )
    )
    if "lanes" in axes:
        fig.add_trace(
            _lanes(lanes, x, seconds["t_ms"].to_numpy(), viewers, labels, look, axes["lanes"])
        )
    if "emotions" in axes:
        _emotions(fig, x, seconds, emotions, axes["emotions"])
    _valence(fig, x, seconds, look, axes["valence"])
    _veil(fig, gaps, axes, look)
    fig.update_layout(height=height)
    return fig


def _longest_seen(lanes: pd.DataFrame) -> list[int]:
    """The viewers that get a lane, in the order of their numbers."""
    seen = lanes[lanes["seen"] > 0].groupby("viewer").size()
    return sorted(int(viewer) for viewer in seen.nlargest(MOST_LANES).index)


def _panels(
    seconds: pd.DataFrame,
    viewers: list[str],
    known: int,
    emotions: tuple[str, ...],
    shares: pd.Series,
) -> list[Panel]:
    percents = {"range": [0, 1], "tickvals": [0, 0.5, 1], "ticktext": ["0 %", "50 %", "100 %"]}
    crowd = seconds["n"].max() > 1
    panels = [
        Panel(
            "engagement",
            findings.engagement(seconds),
            "Points of 100; the band is the 95 % range" if crowd else "Points of 100",
            220,
            {"range": [0, 100], "tickvals": [0, 50, 100]},
        ),
        Panel("ribbon", "", "", 18, {"visible": False}, beside=True),
    ]
    if len(viewers) > 1:
        of_all = f"; the {len(viewers)} seen longest of {known}" if known > len(viewers) else ""
        panels.append(
            Panel(
                "lanes",
                "Leading expression by viewer",
                "A row a viewer; empty where not seen" + of_all,
                26 * len(viewers),
                {
                    "categoryarray": viewers[::-1],
                    "type": "category",
                    "showgrid": False,
                    "ticks": "",
                },
            )
        )
    if emotions:
        said = findings.expressions(shares)
        panels.append(Panel("emotions", said, "Probability of each expression", 200, percents))
    panels.append(
        Panel(
            "valence",
            findings.valence(seconds),
            "Pleasant above, unpleasant below, −1 to 1",
            120,
            {"range": [-1.05, 1.05], "tickvals": [-1, 0, 1], "ticktext": ["−1", "0", "+1"]},
        )
    )
    return panels


def lay_out(fig: go.Figure, panels: list[Panel], look: Look, duration_ms: int) -> int:
    """Give each panel its own pixels; answer the figure's height."""
    inner = sum(p.height + (4 if p.beside else TITLE) for p in panels)
    inner += GAP * sum(not p.beside for p in panels[1:])
    top = float(inner)
    for i, panel in enumerate(panels):
        if panel.beside:
            top -= 4
        else:
            if i:
                top -= GAP
            fig.add_annotation(
                text=f"<b>{panel.title}</b><br>"
                f"<span style='font-size:12px;color:{look.quiet}'>{panel.note}</span>",
                xref="paper",
                yref="paper",
                x=0,
                y=top / inner,
                xanchor="left",
                yanchor="top",
                xshift=-MARGIN["l"] + 4,
                showarrow=False,
                align="left",
                font={"size": 14, "color": look.text},
            )
            top -= TITLE
        bottom = top - panel.height
        fig.update_layout(
            {
                "yaxis" if i == 0 else f"yaxis{i + 1}": {
                    "domain": [max(bottom / inner, 0.0), min(top / inner, 1.0)],
                    "anchor": "x",
                    "fixedrange": True,
                    "zeroline": False,
                    "gridcolor": look.grid,
                    "tickfont": {"color": look.quiet, "size": 12},
                }
                | panel.axis
            }
        )
        top = bottom
    last = "y" if len(panels) == 1 else f"y{len(panels)}"
    fig.update_layout(
        xaxis=time_axis(duration_ms, look) | {"anchor": last},
        margin=MARGIN,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "color": look.text, "size": 13},
        hovermode="x unified",
        hoversubplots="axis",
        hoverdistance=-1,  # the nearest second, however few there are
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": look.quiet, "activecolor": look.text},
        hoverlabel={
            "bgcolor": look.raised,
            "bordercolor": look.quiet,
            "font": {"color": look.text, "size": 12, "family": FONT},
        },
        showlegend=False,
        dragmode="zoom",
        uirevision="keep",
    )
    return int(inner) + MARGIN["t"] + MARGIN["b"]


def _engagement(
    fig: go.Figure, x: pd.Series, seconds: pd.DataFrame, look: Look, yaxis: str
) -> None:
    low, high = seconds["engagement_low"], seconds["engagement_high"]
    if (high - low).gt(0).any():
        # A band breaks where the curve does: a polygon through NaN would bridge the gap.
        for _, run in seconds[low.notna()].groupby((low.isna()).cumsum()[low.notna()]):
            at = x[run.index]
            fig.add_trace(
                go.Scatter(
                    x=pd.concat([at, at[::-1]]),
                    y=pd.concat([run["engagement_high"], run["engagement_low"][::-1]]),
                    mode="lines",  # a short curve would get dots at its corners
                    fill="toself",
                    fillcolor=faded(look.ink, 0.14),
                    line={"width": 0},
                    hoverinfo="skip",
                    yaxis=yaxis,
                )
            )
    said = [
        f"{emotion} ({percent(sure)})" if isinstance(emotion, str) else "no usable face"
        for emotion, sure in zip(seconds["emotion"], seconds["confidence"])
    ]
    crowd = [f" · {int(n)} viewers" if n > 1 else "" for n in seconds["n"].fillna(0)]
    fig.add_trace(
        go.Scatter(
            x=x,
            y=seconds["engagement"],
            mode="lines",
            connectgaps=False,
            line={"color": look.ink, "width": 2.25, "shape": "linear"},
            name="Engagement",
            customdata=[f"{a}{b}" for a, b in zip(said, crowd)],
            hovertemplate="Engagement <b>%{y:.0f}</b> · %{customdata}<extra></extra>",
            yaxis=yaxis,
        )
    )


def _emotions(
    fig: go.Figure, x: pd.Series, seconds: pd.DataFrame, emotions: tuple[str, ...], yaxis: str
) -> None:
    for name in [e for e in DISPLAY_ORDER if e in emotions]:
        fig.add_trace(
            go.Scatter(
                x=x,
                y=seconds[f"p_{name}"],
                mode="lines",
                connectgaps=False,
                line={"color": EMOTION_COLOURS[name], "width": 2},
                name=name,
                hovertemplate=f"{name} <b>%{{y:.0%}}</b><extra></extra>",
                yaxis=yaxis,
            )
        )


def _valence(fig: go.Figure, x: pd.Series, seconds: pd.DataFrame, look: Look, yaxis: str) -> None:
    value = seconds["valence"]
    for side, colour in (
        (value.clip(lower=0), EMOTION_COLOURS["happy"]),
        (value.clip(upper=0), EMOTION_COLOURS["sad"]),
    ):
        fig.add_trace(
            go.Scatter(
                x=x,
                y=side.fillna(0.0),
                mode="lines",
                line={"width": 0},
                fill="tozeroy",
                fillcolor=faded(colour, 0.45),
                hoverinfo="skip",
                yaxis=yaxis,
            )
        )
    fig.add_trace(
        go.Scatter(
            x=x,
            y=value,
            mode="lines",
            connectgaps=False,
            line={"color": look.quiet, "width": 1.5},
            name="Valence",
            hovertemplate="Valence <b>%{y:+.2f}</b><extra></extra>",
            yaxis=yaxis,
        )
    )


def _lanes(
    lanes: pd.DataFrame,
    x: pd.Series,
    times: np.ndarray,
    viewers: list[int],
    labels: list[str],
    look: Look,
    yaxis: str,
) -> go.Heatmap:
    z = np.full((len(viewers), len(times)), np.nan)
    text = np.full(z.shape, "not seen", dtype=object)
    for row, viewer in enumerate(viewers):
        mine = lanes[(lanes["viewer"] == viewer) & lanes["t_ms"].isin(times)]
        column = np.searchsorted(times, mine["t_ms"].to_numpy())
        z[row, column] = ribbon.levels(mine["emotion"], mine["confidence"])
        unread = mine["emotion"].isna().to_numpy() & (mine["seen"] > 0).to_numpy()
        z[row, column[unread]] = ribbon.UNUSABLE
        text[row, column] = [
            f"{emotion}, engagement {whole(value)}"
            if isinstance(emotion, str)
            else ("not usable" if seen else "not seen")
            for emotion, value, seen in zip(mine["emotion"], mine["engagement"], mine["seen"])
        ]
    return ribbon.strip(x, labels, z, text, look, yaxis)


def _veil(fig: go.Figure, gaps: pd.DataFrame, axes: dict[str, str], look: Look) -> None:
    """Grey where nobody could be read; the longest ones where there are very many."""
    longest = gaps.assign(length=gaps["to_ms"] - gaps["from_ms"]).nlargest(MOST_GAPS, "length")
    shapes = [
        {
            "type": "rect",
            "x0": pd.to_datetime(int(start), unit="ms"),
            "x1": pd.to_datetime(int(end), unit="ms"),
            "y0": 0,
            "y1": 1,
            "xref": "x",
            "yref": f"{axis} domain",
            "fillcolor": look.veil,
            "line": {"width": 0},
            "layer": "below",
        }
        for start, end in zip(longest["from_ms"], longest["to_ms"])
        for name, axis in axes.items()
        if name not in ("lanes", "ribbon")
    ]
    fig.update_layout(shapes=shapes)
