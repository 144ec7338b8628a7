"""Charts of how a model learned: epoch by epoch, and as a spread over its epochs."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from dashboard.lab.models.axes import lay_out, percent_axis_of
from fer_core.palette import A_COLOUR, B_COLOUR, Theme, faded
from fer_core.sentences import Finding, Template
from fer_core.text import fine_percent, percent

LOSS, ACCURACY, RATE = B_COLOUR, A_COLOUR, "#0F8F83"
#: Two points make no curve.
FEWEST_EPOCHS = 3


def learning(curves: pd.DataFrame, chosen: int | None, theme: Theme) -> go.Figure:
    """Accuracy, loss and learning rate by epoch, one above the other on one axis."""
    fig = go.Figure()
    panels = (
        ("accuracy", ACCURACY, "%{customdata}", "y"),
        ("loss", LOSS, "%{y:.2f}", "y2"),
        ("rate", RATE, "%{y:.4f}", "y3"),
    )
    for column, tone, shown, axis in panels:
        fig.add_trace(
            go.Scatter(
                x=curves["epoch"],
                y=curves[column],
                customdata=_percents(curves[column]) if column == "accuracy" else None,
                mode="lines+markers",
                yaxis=axis,
                line={"color": tone, "width": 2},
                marker={"size": 4},
                hovertemplate=f"epoch %{{x}}: {column} <b>{shown}</b><extra></extra>",
            )
        )
    if chosen is not None and (curves["epoch"] == chosen).any():
        fig.add_shape(
            type="line",
            x0=chosen,
            x1=chosen,
            y0=0,
            y1=1,
            yref="paper",
            line={"color": theme.quiet, "width": 1, "dash": "dot"},
        )
    return lay_out(
        fig,
        theme,
        430,
        xaxis={"title": {"text": "Epoch"}, "anchor": "y3", "showgrid": False},
        yaxis={
            "domain": [0.58, 1], "title": {"text": "Accuracy"},
            **percent_axis_of(curves["accuracy"]),
        },
        yaxis2={"domain": [0.27, 0.52], "title": {"text": "Loss"}, "nticks": 4},
        yaxis3={
            "domain": [0, 0.2], "title": {"text": "Rate"}, "nticks": 3, "rangemode": "tozero",
        },
    )  # fmt: skip


LEARNING_UNKNOWN = Template("learning.unknown", "Its card holds no training curves")
LEARNING_ON = Template(
    "learning.still",
    "Accuracy was still rising when it stopped: {gain} points in the last {epochs} epochs",
)
LEARNING_BEST = Template("learning.best", "Best at epoch {epoch} with {best}; {last} at the end")
LEARNING_LEVEL = Template("learning.level", "It levelled off at {best} by epoch {epoch}")
SPREAD_FEW = Template("spread.too_few", "Too few epochs to show their spread")
SPREAD = Template("spread", "The middle half of its epochs lies between {low} and {high}")


def learning_said(curves: pd.DataFrame) -> Finding:
    """What the curves show."""
    known = curves.dropna(subset=["accuracy"])
    if known.empty:
        return LEARNING_UNKNOWN()
    accuracy, epochs = known["accuracy"].to_numpy(float), known["epoch"].to_numpy(int)
    best = int(accuracy.argmax())
    tail = accuracy[-max(2, len(accuracy) // 5) :]
    gain = 100 * (tail[-1] - tail[0])
    if len(accuracy) > 4 and best >= len(accuracy) - 2 and gain > 0.5:
        return LEARNING_ON(gain=f"{gain:.1f}", epochs=len(tail))
    reached = percent(float(accuracy[best]))
    if best < len(accuracy) - 3:
        ended = percent(float(accuracy[-1]))
        return LEARNING_BEST(epoch=epochs[best], best=reached, last=ended)
    return LEARNING_LEVEL(best=reached, epoch=epochs[best])


def _percents(shares: pd.Series) -> list[str]:
    """Shares as the page writes them; Plotly's own have no space before the sign."""
    return [fine_percent(one) for one in shares]


def violins(curves: pd.DataFrame, theme: Theme) -> go.Figure:
    """How accuracy and loss were spread over the epochs, a dot an epoch."""
    fig = go.Figure()
    for suffix, column, tone, shown in (
        ("", "accuracy", ACCURACY, "%{customdata}"),
        ("2", "loss", LOSS, "%{y:.2f}"),
    ):
        fig.add_trace(
            go.Violin(
                y=curves[column],
                customdata=_percents(curves[column]) if column == "accuracy" else None,
                x0=column.capitalize(),
                xaxis=f"x{suffix}",
                yaxis=f"y{suffix}",
                points="all",
                pointpos=0,
                jitter=0.35,
                spanmode="hard",
                width=0.9,
                box={"visible": True, "width": 0.12, "line": {"color": tone, "width": 1}},
                line={"color": tone, "width": 1.5},
                fillcolor=faded(tone, 0.14),
                marker={"color": faded(tone, 0.75), "size": 4},
                hoveron="points",
                text=[f"epoch {int(one)}" for one in curves["epoch"]],
                hovertemplate=f"%{{text}}: <b>{shown}</b><extra></extra>",
            )
        )
    return lay_out(
        fig,
        theme,
        300,
        xaxis={"domain": [0, 0.44], "anchor": "y", "showgrid": False},
        xaxis2={"domain": [0.56, 1], "anchor": "y2", "showgrid": False},
        yaxis=percent_axis_of(curves["accuracy"]),
        yaxis2={"anchor": "x2", "nticks": 5},
        margin={"t": 8, "b": 28, "l": 48, "r": 12},
    )


def violins_said(curves: pd.DataFrame) -> Finding:
    accuracy = curves["accuracy"].dropna()
    if len(accuracy) < 4:
        return SPREAD_FEW()
    low, high = float(accuracy.quantile(0.25)), float(accuracy.quantile(0.75))
    return SPREAD(low=percent(low), high=percent(high))
