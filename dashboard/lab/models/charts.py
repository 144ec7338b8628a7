"""Charts of a model: how it learned, how sure it is, what it answers too often."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from fer_core.labels import DISPLAY_ORDER
from fer_core.palette import A_COLOUR, B_COLOUR, EMOTION_COLOURS, FONT, Look, faded
from fer_core.text import percent

#: FER+ has other names for the same expressions, and one that is none of the seven.
SAME = {"happiness": "happy", "sadness": "sad", "anger": "angry"}
OTHER_COLOUR = "#A16207"
LOSS, ACCURACY, RATE = B_COLOUR, A_COLOUR, "#0F8F83"


def plain(label: str) -> str:
    """The name of an expression that every screen uses."""
    return str(SAME.get(label, label))


def colour(label: str) -> str:
    return EMOTION_COLOURS.get(plain(label), OTHER_COLOUR)


def on_screen(labels: Sequence[str]) -> list[str]:
    """Labels in the order of every screen; what is none of the seven comes last."""
    place: dict[str, int] = {name: k for k, name in enumerate(DISPLAY_ORDER)}
    return sorted(labels, key=lambda label: place.get(plain(label), len(place)))


def _base(fig: go.Figure, look: Look, height: int, **more: Any) -> go.Figure:
    fig.update_layout(
        height=height,
        margin={"t": 8, "b": 40, "l": 52, "r": 12},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "color": look.text, "size": 13},
        hoverlabel={"bgcolor": look.raised, "font": {"color": look.text, "size": 12}},
        showlegend=False,
    )
    fig.update_layout(**more)
    for name in ("xaxis", "xaxis2", "yaxis", "yaxis2", "yaxis3"):
        if name in ("xaxis", "yaxis") or name in more:
            axis = fig.layout[name]
            axis.update(gridcolor=look.grid, zeroline=False, fixedrange=True)
            axis.tickfont = {"color": look.quiet, "size": 12}
            axis.title.font = {"color": look.quiet, "size": 12}
    return fig


def _percents(low: float, high: float) -> dict[str, Any]:
    step = 0.05 if high - low < 0.25 else 0.1 if high - low < 0.55 else 0.25
    ticks = np.arange(np.floor(low / step), np.ceil(high / step) + 1) * step
    return {
        "range": [float(ticks[0]), float(ticks[-1])],
        "tickvals": ticks.tolist(),
        "ticktext": [f"{100 * t:.0f} %" for t in ticks],
    }


def _scale(values: pd.Series) -> dict[str, Any]:
    known = values.dropna()
    return _percents(float(known.min()), float(known.max())) if len(known) else {}


# -- how it learned -----------------------------------------------------------------------


def learning(curves: pd.DataFrame, chosen: int | None, look: Look) -> go.Figure:
    """Accuracy, loss and learning rate by epoch, one above the other on one axis."""
    fig = go.Figure()
    panels = (
        ("accuracy", ACCURACY, "%{y:.1%}", "y"),
        ("loss", LOSS, "%{y:.2f}", "y2"),
        ("rate", RATE, "%{y:.4f}", "y3"),
    )
    for column, tone, shown, axis in panels:
        fig.add_trace(
            go.Scatter(
                x=curves["epoch"],
                y=curves[column],
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
            line={"color": look.quiet, "width": 1, "dash": "dot"},
        )
    return _base(
        fig,
        look,
        430,
        xaxis={"title": {"text": "Epoch"}, "anchor": "y3", "showgrid": False},
        yaxis={"domain": [0.58, 1], "title": {"text": "Accuracy"}, **_scale(curves["accuracy"])},
        yaxis2={"domain": [0.27, 0.52], "title": {"text": "Loss"}, "nticks": 4},
        yaxis3={
            "domain": [0, 0.2], "title": {"text": "Rate"}, "nticks": 3, "rangemode": "tozero",
        },
    )  # fmt: skip


def learning_said(curves: pd.DataFrame) -> str:
    """What the curves show."""
    known = curves.dropna(subset=["accuracy"])
    if known.empty:
        return "How it learned is not on its card"
    accuracy, epochs = known["accuracy"].to_numpy(float), known["epoch"].to_numpy(int)
    best = int(accuracy.argmax())
    tail = accuracy[-max(2, len(accuracy) // 5) :]
    gain = 100 * (tail[-1] - tail[0])
    if len(accuracy) > 4 and best >= len(accuracy) - 2 and gain > 0.5:
        return (
            f"It was still learning when it stopped: {gain:.1f} points in the last "
            f"{len(tail)} epochs"
        )
    reached = percent(float(accuracy[best]))
    if best < len(accuracy) - 3:
        ended = percent(float(accuracy[-1]))
        return f"Best at epoch {epochs[best]} with {reached}; {ended} at the end"
    return f"It levelled off at {reached} by epoch {epochs[best]}"


def violins(curves: pd.DataFrame, look: Look) -> go.Figure:
    """How accuracy and loss were spread over the epochs, a dot an epoch."""
    fig = go.Figure()
    for suffix, column, tone, shown in (
        ("", "accuracy", ACCURACY, "%{y:.1%}"),
        ("2", "loss", LOSS, "%{y:.2f}"),
    ):
        fig.add_trace(
            go.Violin(
                y=curves[column],
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
    return _base(
        fig,
        look,
        300,
        xaxis={"domain": [0, 0.44], "anchor": "y", "showgrid": False},
        xaxis2={"domain": [0.56, 1], "anchor": "y2", "showgrid": False},
        yaxis=_scale(curves["accuracy"]),
        yaxis2={"anchor": "x2", "nticks": 5},
        margin={"t": 8, "b": 28, "l": 48, "r": 12},
    )


def violins_said(curves: pd.DataFrame) -> str:
    accuracy = curves["accuracy"].dropna()
    if len(accuracy) < 4:
        return "Too few epochs to speak of a spread"
    low, high = float(accuracy.quantile(0.25)), float(accuracy.quantile(0.75))
    return f"Half of its epochs reached {percent(low)} to {percent(high)}"


# -- what it answers ----------------------------------------------------------------------


def counts(figures: dict[str, dict[str, int]], look: Look) -> go.Figure:
    """Actual, predicted and truly positive counts, three bars a class."""
    labels = on_screen(list(figures))
    kinds = (
        ("actual", "are", look.quiet, 0.55),
        ("predicted", "answered", A_COLOUR, 0.75),
        ("true_positive", "answered rightly", "#009E73", 0.9),
    )
    fig = go.Figure()
    for key, word, tone, alpha in kinds:
        fig.add_trace(
            go.Bar(
                x=labels,
                y=[figures[label][key] for label in labels],
                name=word,
                marker={"color": faded(tone, alpha)},
                hovertemplate=f"%{{x}}: <b>%{{y:,}}</b> {word}<extra></extra>",
            )
        )
    return _base(
        fig,
        look,
        300,
        barmode="group",
        bargap=0.28,
        bargroupgap=0.06,
        xaxis={"showgrid": False},
        yaxis={"title": {"text": "Faces"}, "nticks": 5, "tickformat": ",d"},
        showlegend=True,
        legend={"orientation": "h", "y": 1.14, "x": 0, "font": {"color": look.quiet, "size": 12}},
        margin={"t": 30, "b": 34, "l": 56, "r": 8},
    )


def counts_said(figures: dict[str, dict[str, int]]) -> str:
    def times(label: str) -> float:
        return figures[label]["predicted"] / figures[label]["actual"]

    known = [label for label in figures if figures[label]["actual"]]
    if not known:
        return "No face of a known expression"
    low, high = min(known, key=times), max(known, key=times)
    if times(low) > 0.85 and times(high) < 1.15:
        return "Each expression is answered about as often as it occurs"
    seldom = 1 - times(low) >= times(high) - 1
    one, word = (low, "seldom") if seldom else (high, "often")
    found = figures[one]
    return (
        f"{one} is answered too {word}: {found['predicted']:,} times for {found['actual']:,} faces"
    )


def per_class(figures: dict[str, dict[str, float]], look: Look) -> go.Figure:
    """Precision and recall as two dots a class, F1 as the stroke between them."""
    labels = on_screen(list(figures))[::-1]
    fig = go.Figure()
    for label in labels:
        one = figures[label]
        fig.add_trace(
            go.Scatter(
                x=[one["precision"], one["recall"]],
                y=[label, label],
                mode="lines",
                line={"color": faded("#8C8C8C", 0.45), "width": 3},
                hoverinfo="skip",
            )
        )
    for key, symbol in (("precision", "circle"), ("recall", "circle-open"), ("f1", "line-ns-open")):
        tones = [look.ink if key == "f1" else colour(one) for one in labels]
        fig.add_trace(
            go.Scatter(
                x=[figures[label][key] for label in labels],
                y=labels,
                mode="markers",
                marker={
                    "symbol": symbol, "size": 14 if key == "f1" else 11, "color": tones,
                    "line": {"width": 2.5, "color": tones},
                },
                hovertemplate=f"%{{y}}: {'F1' if key == 'f1' else key} <b>%{{x:.0%}}</b>"
                "<extra></extra>",
            )
        )  # fmt: skip
    return _base(
        fig,
        look,
        36 * len(labels) + 44,
        xaxis={**_percents(0, 1), "range": [-0.03, 1.03]},
        yaxis={"showgrid": False, "automargin": True},
        margin={"t": 4, "b": 30, "l": 8, "r": 12},
    )


def per_class_said(figures: dict[str, dict[str, float]]) -> str:
    known = {label: one["f1"] for label, one in figures.items() if one["support"]}
    if len(known) < 2:
        return "One expression alone"
    best, worst = max(known, key=lambda k: known[k]), min(known, key=lambda k: known[k])
    return f"{best} is read best (F1 {known[best]:.2f}), {worst} worst ({known[worst]:.2f})"


def reliability(rows: list[dict[str, float]], look: Look) -> go.Figure:
    """How often it is right at each level of sureness, against the diagonal; the faces below."""
    right = [row["right"] for row in rows]
    half = [
        1.96 * float(np.sqrt(max(r * (1 - r), 0.25 / max(row["n"], 1)) / max(row["n"], 1)))
        for r, row in zip(right, rows)
    ]
    fig = go.Figure()
    fig.add_trace(
        go.Scatter(
            x=[0, 1],
            y=[0, 1],
            mode="lines",
            hoverinfo="skip",
            line={"color": look.quiet, "width": 1, "dash": "dot"},
        )
    )
    fig.add_trace(
        go.Scatter(
            x=[row["confidence"] for row in rows],
            y=right,
            mode="lines+markers",
            line={"color": A_COLOUR, "width": 2},
            marker={"size": 7},
            error_y={
                "type": "data", "symmetric": False, "color": faded(A_COLOUR, 0.5),
                "array": [min(h, 1 - r) for h, r in zip(half, right)],
                "arrayminus": [min(h, r) for h, r in zip(half, right)],
                "thickness": 1.5, "width": 0,
            },
            customdata=[row["n"] for row in rows],
            hovertemplate="sure of %{x:.0%}, right in <b>%{y:.0%}</b> of %{customdata:,} faces"
            "<extra></extra>",
        )
    )  # fmt: skip
    fig.add_trace(
        go.Bar(
            x=[(row["from"] + row["to"]) / 2 for row in rows],
            y=[row["n"] for row in rows],
            width=[0.9 * (row["to"] - row["from"]) for row in rows],
            yaxis="y2",
            marker={"color": faded("#8C8C8C", 0.5)},
            hovertemplate="<b>%{y:,}</b> faces<extra></extra>",
        )
    )
    sure = _percents(0, 1)
    sure["ticktext"][0] = ""  # the counts' zero stands there
    return _base(
        fig,
        look,
        360,
        xaxis={**sure, "title": {"text": "How sure it was"}, "anchor": "y2"},
        yaxis={**_percents(0, 1), "domain": [0.28, 1], "title": {"text": "How often right"}},
        yaxis2={"domain": [0, 0.2], "nticks": 3, "title": {"text": "Faces"}},
        margin={"t": 8, "b": 44, "l": 60, "r": 12},
    )


def reliability_said(rows: list[dict[str, float]], ece: float) -> str:
    total = sum(row["n"] for row in rows)
    lean = sum(row["n"] * (row["confidence"] - row["right"]) for row in rows) / max(total, 1)
    whole = round(100 * ece)
    points = f"{whole} point{'' if whole == 1 else 's'}" if whole else "less than a point"
    if ece < 0.035:
        return f"It is about as sure as it is right: off by {points} on average"
    word = "surer than it is right" if lean > 0 else "less sure than it is right"
    return f"It is {word}: off by {points} on average"


_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def ranks(shares: Sequence[float], look: Look) -> go.Figure:
    """How often the truth is the first, second, third … guess."""
    shown = [float(share) for share in shares[: len(_PLACES)]]
    labels = [f"{_PLACES[k]} guess" for k in range(len(shown))]
    rest = 1 - sum(shown)
    if rest > 0.0005:
        shown, labels = [*shown, rest], [*labels, "later"]
    tones = [A_COLOUR, faded(A_COLOUR, 0.6), faded(A_COLOUR, 0.4)]
    fig = go.Figure(
        go.Bar(
            x=shown,
            y=labels,
            orientation="h",
            text=[percent(one) for one in shown],
            textposition="outside",
            cliponaxis=False,
            marker={
                "color": [tones[k] if k < 3 else faded("#8C8C8C", 0.5) for k in range(len(shown))]
            },
            hovertemplate="%{y}: <b>%{x:.1%}</b><extra></extra>",
        )
    )
    return _base(
        fig,
        look,
        34 * len(shown) + 24,
        bargap=0.35,
        xaxis={"visible": False, "range": [0, max(shown) * 1.15]},
        yaxis={"autorange": "reversed", "showgrid": False, "automargin": True},
        margin={"t": 4, "b": 4, "l": 8, "r": 8},
    )


def ranks_said(shares: Sequence[float]) -> str:
    return f"The truth is among its first two guesses for {percent(sum(shares[:2]))} of the faces"


def confusion_said(found: pd.DataFrame) -> str:
    """From ``review.confused_pairs``: the commonest mistake in words."""
    if found.empty:
        return "No mistake at all"
    one = found.iloc[0]
    return (
        f"The commonest mistake: {one['truth']} taken for {one['guess']}, "
        f"{int(one['n']):,} times ({percent(float(one['share']))} of {one['truth']})"
    )
