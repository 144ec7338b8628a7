"""A session's eyes and movements over time: blinks as ticks, closed and averted eyes, lanes.

``spans`` are those of ``store.timeline.eye_spans``: viewer, kind, from_ms, to_ms.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.shared.charts import panels
from dashboard.shared.charts.panels import Panel
from fer_core.measures import BY_KEY
from fer_core.palette import Theme, faded
from fer_core.sentences import Label
from fer_core.text import count, shorten

#: From the top; those that a face shows most often first.
MOVEMENTS: Final = (
    "smile", "mouth_open", "brows_up", "brows_drawn", "eyes_narrowed", "lips_pressed",
)  # fmt: skip
#: Ticks and bars that a figure holds; of more, the longest.
MOST_SPANS: Final = 2000


def figure(
    spans: pd.DataFrame,
    seconds: pd.DataFrame,
    names: dict[int, str],
    *,
    duration_ms: int,
    theme: Theme,
) -> go.Figure:
    """Both panels; ``seconds`` are the audience's, with every measure and ``t_ms``.

    names: of the viewers that get a row, by their numbers.
    """
    labels = [shorten(name, 12) for name in names.values()]
    fig = go.Figure()
    shown = [_eyes_panel(spans, seconds, labels), _movements_panel()]
    panels.lay_out(fig, shown, theme, duration_ms)
    fig.add_traces(_eyes(spans, list(names), labels, theme, panels.axis_of(0)))
    x = panels.moments(seconds["t_ms"], duration_ms)
    fig.add_trace(_movements(x, seconds, theme, panels.axis_of(1)))
    return fig


def _eyes_panel(spans: pd.DataFrame, seconds: pd.DataFrame, labels: list[str]) -> Panel:
    """A row a viewer."""
    blinks = int((spans["kind"] == "blink").sum())
    known = seconds["blink"].notna().any()
    said = count(blinks, "blink") if known else "Blinks cannot be told at this frame rate"
    return Panel(
        Label(said),
        "A tick is a blink, a bar closed eyes, a pale bar eyes away",
        max(26 * len(labels), 34),
        {"categoryarray": labels[::-1], "type": "category", "showgrid": False, "ticks": "",
         "range": [-0.5, len(labels) - 0.5], "showticklabels": len(labels) > 1},
    )  # fmt: skip


def _eyes(
    spans: pd.DataFrame, viewers: list[int], labels: list[str], theme: Theme, yaxis: str
) -> list[go.Scatter]:
    """Bars of closed and averted eyes below ticks of blinks."""
    name = dict(zip(viewers, labels))
    mine = spans[spans["viewer"].isin(viewers)]
    mine = mine.assign(length=mine["to_ms"] - mine["from_ms"]).nlargest(MOST_SPANS, "length")
    bars = [
        _bars(mine[mine["kind"] == kind], name, colour, said, yaxis)
        for kind, colour, said in (
            ("away", faded(theme.ink, 0.25), "eyes away"),
            ("closed", theme.ink, "eyes closed"),
        )
    ]
    blinks = mine[mine["kind"] == "blink"].sort_values("from_ms")
    ticks = go.Scatter(
        x=pd.to_datetime((blinks["from_ms"] + blinks["to_ms"]) // 2, unit="ms"),
        y=[name[int(one)] for one in blinks["viewer"]],
        mode="markers",
        marker={"symbol": "line-ns", "size": 12, "line": {"width": 1.5, "color": theme.ink}},
        hovertemplate="blink<extra></extra>",
        name="",
        yaxis=yaxis,
    )
    # a category without a point has no row
    rows = go.Scatter(
        x=[panels.at(0)] * len(labels), y=labels, mode="markers", marker={"opacity": 0},
        hoverinfo="skip", yaxis=yaxis,
    )  # fmt: skip
    return [rows, *bars, ticks]


def _bars(
    spans: pd.DataFrame, name: dict[int, str], colour: str, said: str, yaxis: str
) -> go.Scatter:
    x: list[pd.Timestamp | None] = []
    y: list[str | None] = []
    for row in spans.sort_values("from_ms").itertuples():
        x += [panels.at(row.from_ms), panels.at(row.to_ms), None]
        y += [name[int(row.viewer)]] * 2 + [None]
    return go.Scatter(
        x=x, y=y, mode="lines", line={"width": 9, "color": colour}, connectgaps=False,
        hovertemplate=f"{said}<extra></extra>", name="", yaxis=yaxis,
    )  # fmt: skip


def _movements_panel() -> Panel:
    """A row a movement."""
    names = [BY_KEY[key].name for key in MOVEMENTS]
    return Panel(
        Label("Movements of the face"),
        "From each viewer's own rest; the mean over viewers",
        18 * len(names),
        {
            "categoryarray": names[::-1],
            "type": "category",
            "showgrid": False,
            "ticks": "",
            "automargin": True,
        },
    )


def _movements(x: pd.Series, seconds: pd.DataFrame, theme: Theme, yaxis: str) -> go.Heatmap:
    """Each movement as a lane, 0 to 1."""
    return go.Heatmap(
        x=x,
        y=[BY_KEY[key].name for key in MOVEMENTS],
        z=np.stack([seconds[key].to_numpy(float) for key in MOVEMENTS]),
        zmin=0,
        zmax=1,
        colorscale=[[0, faded(theme.ink, 0.05)], [1, theme.ink]],
        showscale=False,
        ygap=3,
        hovertemplate="%{y}: %{z:.2f}<extra></extra>",
        name="",
        yaxis=yaxis,
    )
