"""A session over time as one figure: panels that share a time axis, a zoom and a cursor.

``seconds`` has a row for every second of the recording: ``t_ms, n, engagement,
engagement_low, engagement_high, attention, away, valence, emotion, confidence`` and the seven
``p_`` columns; NaN where nothing was measured. Curves break there; where nobody could be read
all panels are grey. ``lanes`` has a row for every viewer and known
second: ``viewer, t_ms, emotion, confidence, engagement, seen``. ``gaps`` has the stretches
without a usable face: ``from_ms, to_ms``; ``shares`` the share of time by expression.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.audience.session import attention
from dashboard.shared.charts import findings, panels, ribbon
from dashboard.shared.charts.panels import Panel
from fer_core.labels import DISPLAY_ORDER
from fer_core.measures import MIXED
from fer_core.palette import EMOTION_COLOURS, Theme, faded
from fer_core.sentences import Label
from fer_core.text import percent, shorten, whole

MOST_LANES = 12
MOST_GAPS = 60
_HALVES: Final = {"tickvals": [0, 0.5, 1], "ticktext": ["0 %", "50 %", "100 %"]}


def figure(
    seconds: pd.DataFrame,
    lanes: pd.DataFrame,
    gaps: pd.DataFrame,
    shares: pd.Series,
    *,
    duration_ms: int,
    emotions: tuple[str, ...],
    theme: Theme,
    names: dict[int, str] | None = None,
    eyes: pd.DataFrame | None = None,
) -> go.Figure:
    """The figure; ``names`` are those that a person gave to viewers, ``eyes`` their blinks and
    closed eyes (``data.eyes_of``)."""
    viewers = _longest_seen(lanes)
    labels = [shorten((names or {}).get(v, f"{v}"), 7) for v in viewers]
    shown = _panels(seconds, labels, lanes["viewer"].nunique(), emotions, shares)
    blinks = eyes if eyes is not None and eyes["kind"].isin(["blink", "closed"]).any() else None
    if blinks is not None:
        shown["attention"] = attention.with_eyes(shown["attention"])
    axes = {name: panels.axis_of(place) for place, name in enumerate(shown)}
    x = panels.moments(seconds["t_ms"], duration_ms)
    levels = ribbon.levels(seconds["emotion"], seconds["confidence"])[None, :]
    fig = go.Figure()
    panels.lay_out(fig, list(shown.values()), theme, duration_ms)
    fig.add_traces(_engagement(x, seconds, theme, axes["engagement"]))
    fig.add_trace(ribbon.strip(x, [""], levels, None, theme, axes["ribbon"]))
    fig.add_traces(attention.curve(x, seconds["attention"], theme, axes["attention"]))
    if blinks is not None:
        fig.add_traces(attention.eyes(blinks, names or {}, theme, axes["attention"]))
    if "emotions" in axes:
        fig.add_traces(_emotions(x, seconds, emotions, axes["emotions"]))
    if "lanes" in axes:
        times = seconds["t_ms"].to_numpy()
        fig.add_trace(_lanes(lanes, x, times, viewers, labels, theme, axes["lanes"]))
    fig.add_traces(_valence(x, seconds, theme, axes["valence"]))
    fig.update_layout(shapes=_veil(gaps, list(axes.values()), theme))
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
) -> dict[str, Panel]:
    """The panels by name, from the top; ``viewers`` have a lane, of all that are ``known``."""
    banded = seconds["engagement_low"].notna().any()
    found = {
        "engagement": Panel(
            findings.engagement(seconds),
            "Points of 100" + ("; the band is the 95 % range" if banded else ""),
            220,
            {"range": [0, 100], "tickvals": [0, 50, 100]},
        ),
        "ribbon": Panel(Label(""), "", 18, {"visible": False}, beside=True),
        "attention": Panel(
            findings.attention(seconds),
            "Turned to the screen; grey where no face could be used",
            90,
            {"range": [0, 1.04], **_HALVES},
        ),
    }
    if emotions:
        found["emotions"] = Panel(
            findings.expressions(shares), "Probability of each expression", 200,
            {"range": [0, 1], **_HALVES},
        )  # fmt: skip
    if len(viewers) > 1:
        of_all = f"; the {len(viewers)} seen longest of {known}" if known > len(viewers) else ""
        found["lanes"] = Panel(
            Label("Leading expression by viewer"),
            "One row per viewer; empty where not seen" + of_all,
            26 * len(viewers),
            {
                "categoryarray": viewers[::-1],
                "type": "category",
                "showgrid": False,
                "ticks": "",
            },
        )
    found["valence"] = Panel(
        findings.valence(seconds),
        "Pleasant above, unpleasant below, −1 to 1",
        120,
        {"range": [-1.05, 1.05], "tickvals": [-1, 0, 1], "ticktext": ["−1", "0", "+1"]},
    )
    return found


def _engagement(x: pd.Series, seconds: pd.DataFrame, theme: Theme, yaxis: str) -> list[go.Scatter]:
    low, high = seconds["engagement_low"], seconds["engagement_high"]
    traces = []
    if (high - low).gt(0).any():
        traces = panels.band(x, low, high, theme.ink, yaxis=yaxis, opacity=0.14)
    said = [
        _led(emotion, sure) if isinstance(emotion, str) else "no usable face"
        for emotion, sure in zip(seconds["emotion"], seconds["confidence"])
    ]
    crowd = [f" · {int(n)} viewers" if n > 1 else "" for n in seconds["n"].fillna(0)]
    curve = panels.line(
        x,
        seconds["engagement"],
        theme.ink,
        name="Engagement",
        hover="<b>%{y:.0f}</b> · %{customdata}",
        width=2.25,
        customdata=[f"{a}{b}" for a, b in zip(said, crowd)],
        yaxis=yaxis,
    )
    return [*traces, curve]


def _led(emotion: str, sure: float) -> str:
    return "mixed expressions" if emotion == MIXED else f"{emotion} ({percent(sure)})"


def _bold(shares: pd.Series) -> list[str]:
    return [f"<b>{percent(share)}</b>" for share in shares]


def _emotions(
    x: pd.Series, seconds: pd.DataFrame, emotions: tuple[str, ...], yaxis: str
) -> list[go.Scatter]:
    return [
        panels.line(
            x,
            seconds[f"p_{name}"],
            EMOTION_COLOURS[name],
            name=name,
            hover=_bold(seconds[f"p_{name}"]),
            yaxis=yaxis,
        )
        for name in DISPLAY_ORDER
        if name in emotions
    ]


def _valence(x: pd.Series, seconds: pd.DataFrame, theme: Theme, yaxis: str) -> list[go.Scatter]:
    """The curve, with its pleasant side in one colour and its unpleasant side in another."""
    value = seconds["valence"]
    sides = [
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
        for side, colour in (
            (value.clip(lower=0), EMOTION_COLOURS["happy"]),
            (value.clip(upper=0), EMOTION_COLOURS["sad"]),
        )
    ]
    curve = panels.line(
        x, value, theme.quiet, name="Valence", hover="<b>%{y:+.2f}</b>", width=1.5, yaxis=yaxis
    )
    return [*sides, curve]


def _lanes(
    lanes: pd.DataFrame,
    x: pd.Series,
    times: np.ndarray,
    viewers: list[int],
    labels: list[str],
    theme: Theme,
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
    return ribbon.strip(x, labels, z, text, theme, yaxis)


def _veil(gaps: pd.DataFrame, axes: list[str], theme: Theme) -> list[go.layout.Shape]:
    """Grey where nobody could be read; the longest ones where there are very many."""
    longest = gaps.assign(length=gaps["to_ms"] - gaps["from_ms"]).nlargest(MOST_GAPS, "length")
    return [
        panels.shade(start, end, theme.veil, axis)
        for start, end in zip(longest["from_ms"], longest["to_ms"])
        for axis in axes
    ]
