"""Charts of what a model answers: by class, by rank, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.lab.models.axes import lay_out, percent_axis
from dashboard.lab.models.figures import ReliabilityBin
from dashboard.lab.models.labels import colour, on_screen
from fer_core.evaluation.metrics import Scores
from fer_core.palette import A_COLOUR, Theme, faded
from fer_core.sentences import Finding, Template
from fer_core.text import count, fine_percent, percent

#: Faces; nothing is said of an expression with fewer.
ENOUGH_FACES = 30

COUNTS_FEW = Template(
    "counts.too_few", "Too few faces of each expression to say which is given too often"
)
COUNTS_EVEN = Template("counts.even", "Each expression is given about as often as it occurs")
COUNTS_ODD = Template("counts.odd", "{name} is given too {word}: {found} times for {faces} faces")
CLASSES_FEW = Template(
    "classes.too_few", "Too few faces of each expression to say which is read best"
)
CLASSES = Template("classes.all", "{best} is read best (F1 {high}), {worst} worst ({low})")
CLASSES_OF = Template(
    "classes.some",
    "Of those with at least {faces} faces, {best} is read best (F1 {high}), {worst} worst ({low})",
)
SURE = Template(
    "reliability.right", "Its confidence matches its accuracy: they differ by {points} on average"
)
TOO_SURE = Template(
    "reliability.over", "It is too confident: confidence and accuracy differ by {points} on average"
)
TOO_UNSURE = Template(
    "reliability.under",
    "It is not confident enough: confidence and accuracy differ by {points} on average",
)
CALIBRATION = Template(
    "reliability.card", "Its confidence and its accuracy differ by {points} on average"
)
RANKS = Template("ranks", "The label is among its first two answers for {share} of the faces")
NO_MISTAKE = Template("confusion.none", "No mistake at all")
MISTAKE = Template(
    "confusion.most",
    "The most frequent mistake: {truth} read as {guess}, {times} ({share} of {truth})",
)


def counts(scores: Scores, theme: Theme) -> go.Figure:
    """Actual, predicted and truly positive counts, three bars a class."""
    labels, figures = on_screen(scores.labels), scores.counts
    kinds = (
        ("actual", "are", theme.quiet, 0.55),
        ("predicted", "answered", A_COLOUR, 0.75),
        ("true_positive", "answered correctly", "#009E73", 0.9),
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
    return lay_out(
        fig,
        theme,
        300,
        barmode="group",
        bargap=0.28,
        bargroupgap=0.06,
        xaxis={"showgrid": False},
        yaxis={"title": {"text": "Faces"}, "nticks": 5, "tickformat": ",d"},
        showlegend=True,
        legend={"orientation": "h", "y": 1.14, "x": 0, "font": {"color": theme.quiet, "size": 12}},
        margin={"t": 30, "b": 34, "l": 56, "r": 8},
    )


def counts_said(scores: Scores) -> Finding:
    """The expression that is answered too often or too seldom."""
    figures = scores.counts

    def times(label: str) -> float:
        return figures[label]["predicted"] / figures[label]["actual"]

    known = [label for label in figures if figures[label]["actual"] >= ENOUGH_FACES]
    if not known:
        return COUNTS_FEW()
    low, high = min(known, key=times), max(known, key=times)
    if times(low) > 0.85 and times(high) < 1.15:
        return COUNTS_EVEN()
    seldom = 1 - times(low) >= times(high) - 1
    one, word = (low, "seldom") if seldom else (high, "often")
    found = figures[one]
    said, faces = f"{found['predicted']:,}", f"{found['actual']:,}"
    return COUNTS_ODD(name=one, word=word, found=said, faces=faces)


def per_class(scores: Scores, theme: Theme) -> go.Figure:
    """Precision and recall as two dots a class, F1 as the stroke between them."""
    labels, figures = on_screen(scores.labels)[::-1], scores.per_class
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
        tones = [theme.ink if key == "f1" else colour(one) for one in labels]
        fig.add_trace(
            go.Scatter(
                x=[figures[label][key] for label in labels],
                y=labels,
                customdata=[percent(figures[label][key]) for label in labels],
                mode="markers",
                marker={
                    "symbol": symbol, "size": 14 if key == "f1" else 11, "color": tones,
                    "line": {"width": 2.5, "color": tones},
                },
                hovertemplate=f"%{{y}}: {'F1' if key == 'f1' else key} <b>%{{customdata}}</b>"
                "<extra></extra>",
            )
        )  # fmt: skip
    return lay_out(
        fig,
        theme,
        36 * len(labels) + 44,
        xaxis={**percent_axis(0, 1), "range": [-0.03, 1.03]},
        yaxis={"showgrid": False, "automargin": True},
        margin={"t": 4, "b": 30, "l": 8, "r": 12},
    )


def per_class_said(scores: Scores) -> Finding:
    """The expressions that are read best and worst, of those with enough faces."""
    there = [label for label, one in scores.per_class.items() if one["support"]]
    known = {
        label: scores.per_class[label]["f1"]
        for label in there
        if scores.per_class[label]["support"] >= ENOUGH_FACES
    }
    if len(known) < 2:
        return CLASSES_FEW()
    best, worst = max(known, key=lambda k: known[k]), min(known, key=lambda k: known[k])
    said = {"best": best, "high": f"{known[best]:.2f}"}
    said |= {"worst": worst, "low": f"{known[worst]:.2f}"}
    return CLASSES(**said) if len(known) == len(there) else CLASSES_OF(faces=ENOUGH_FACES, **said)


def reliability(rows: Sequence[ReliabilityBin], theme: Theme) -> go.Figure:
    """How often it is right at each level of confidence, against the diagonal; the faces below."""
    right = [row.right for row in rows]
    half = [_half_interval(row.right, max(row.n, 1)) for row in rows]
    fig = go.Figure()
    fig.add_trace(
        go.Scatter(
            x=[0, 1],
            y=[0, 1],
            mode="lines",
            hoverinfo="skip",
            line={"color": theme.quiet, "width": 1, "dash": "dot"},
        )
    )
    fig.add_trace(
        go.Scatter(
            x=[row.confidence for row in rows],
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
            customdata=[[percent(row.confidence), percent(row.right), row.n] for row in rows],
            hovertemplate="probability %{customdata[0]}, right in <b>%{customdata[1]}</b> of "
            "%{customdata[2]:,} faces"
            "<extra></extra>",
        )
    )  # fmt: skip
    fig.add_trace(_faces_by_bin(rows))
    sure = percent_axis(0, 1)
    sure["ticktext"][0] = ""  # the counts' zero stands there
    return lay_out(
        fig,
        theme,
        360,
        xaxis={**sure, "title": {"text": "Confidence"}, "anchor": "y2"},
        yaxis={**percent_axis(0, 1), "domain": [0.28, 1], "title": {"text": "Accuracy"}},
        yaxis2={"domain": [0, 0.2], "nticks": 3, "title": {"text": "Faces"}},
        margin={"t": 8, "b": 44, "l": 60, "r": 12},
    )


def _faces_by_bin(rows: Sequence[ReliabilityBin]) -> go.Bar:
    return go.Bar(
        x=[(row.low + row.high) / 2 for row in rows],
        y=[row.n for row in rows],
        width=[0.9 * (row.high - row.low) for row in rows],
        yaxis="y2",
        marker={"color": faded("#8C8C8C", 0.5)},
        hovertemplate="<b>%{y:,}</b> faces<extra></extra>",
    )


def _half_interval(right: float, n: int) -> float:
    """Half of the 95 % interval of a share (normal approximation, never of no width)."""
    return 1.96 * float(np.sqrt(max(right * (1 - right), 0.25 / n) / n))


def points_of(ece: float) -> str:
    """The expected calibration error, 0 to 1, as points."""
    whole = round(100 * ece)
    return count(whole, "point") if whole else "less than a point"


def reliability_said(rows: Sequence[ReliabilityBin], ece: float) -> Finding:
    """Whether it is surer than it is right; ``ece`` is the expected calibration error."""
    total = sum(row.n for row in rows)
    lean = sum(row.n * (row.confidence - row.right) for row in rows) / max(total, 1)
    template = SURE if ece < 0.035 else TOO_SURE if lean > 0 else TOO_UNSURE
    return template(points=points_of(ece))


_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def ranks(shares: Sequence[float], theme: Theme) -> go.Figure:
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
            customdata=[fine_percent(one) for one in shown],
            hovertemplate="%{y}: <b>%{customdata}</b><extra></extra>",
        )
    )
    return lay_out(
        fig,
        theme,
        34 * len(shown) + 24,
        bargap=0.35,
        xaxis={"visible": False, "range": [0, max(shown) * 1.15]},
        yaxis={"autorange": "reversed", "showgrid": False, "automargin": True},
        margin={"t": 4, "b": 4, "l": 8, "r": 8},
    )


def ranks_said(shares: Sequence[float]) -> Finding:
    return RANKS(share=percent(sum(shares[:2])))


def confusion_said(found: pd.DataFrame) -> Finding:
    """The commonest mistake, of those that ``review.confused_pairs`` found."""
    if found.empty:
        return NO_MISTAKE()
    one = found.iloc[0]
    return MISTAKE(
        truth=one["truth"],
        guess=one["guess"],
        times=count(int(one["n"]), "time"),
        share=percent(float(one["share"])),
    )
