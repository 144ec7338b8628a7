"""Drawings of the page Train."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pandas as pd
import plotly.graph_objects as go

from dashboard.lab.models import learning_charts
from dashboard.lab.train.data import Examples
from dashboard.shared.charts import tables
from fer_core.evaluation.paired import DRAWN, Paired
from fer_core.palette import A_COLOUR, WARNING, Theme
from fer_core.sentences import Finding, Template
from fer_core.text import count, percent, signed
from fer_core.training.estimate import Estimate


def example_faces(examples: Examples) -> str:
    """The same few faces after every epoch: what they show, and what the network says."""
    tiles = []
    for face in examples.faces:
        right = face.truth == face.guess
        said = escape(face.guess)
        mark = "rapt-right" if right else "rapt-wrong"
        words = f"says {said}" if not right else "right"
        tiles.append(
            f'<figure class="{mark}"><img src="{face.picture}" alt="A face labelled '
            f'{escape(face.truth)}"><figcaption><b>{escape(face.truth)}</b>'
            f"<span>{words}, {percent(face.p)}</span></figcaption></figure>"
        )
    return f'<div class="rapt-examples">{"".join(tiles)}</div>'


EXAMPLES = Template(
    "training.examples", "{right} of these {all} faces are read correctly after epoch {epoch}"
)
GROWING_FIRST = Template("training.first", "The first epoch is under way")
GROWING = Template("training.now", "{share} correct after epoch {epoch} of {planned}")
GROWING_BEST = Template(
    "training.now.best",
    "{share} correct after epoch {epoch} of {planned}; epoch {best} was best with {most}",
)
STAYED = Template("training.stayed", "Accuracy on held-out faces stayed near {share}")
REACHED = Template("training.reached", "Accuracy on held-out faces reached {share}")


def examples_said(examples: Examples) -> Finding:
    right = sum(face.truth == face.guess for face in examples.faces)
    many = len(examples.faces)
    return EXAMPLES(right=right, all=many, epoch=examples.epoch)


ON = {
    DRAWN: "Drawn faces",
    "public labels": "Public faces, labels",
    "public votes": "Public faces, votes",
    "own labels": "Your held-out faces",
}


def comparison(found: Sequence[Paired], base: str, candidate: str) -> str:
    """Both models on the same faces: accuracies, and the difference with its 95 % interval."""
    reach = max([0.01, *(max(abs(one.low), abs(one.high)) for one in found)])
    rows = []
    for one in found:
        points = signed(100 * one.difference, 1)
        interval = f"{signed(100 * one.low, 1)} to {signed(100 * one.high, 1)}"
        clear = ' class="rapt-clear"' if one.p < 0.05 else ""
        rows.append(
            [
                f"{ON.get(one.on, escape(one.on))} <small>{one.n:,} faces</small>",
                f"{100 * one.base:.1f} %",
                f"{100 * one.candidate:.1f} %",
                f"<b{clear}>{points}</b> <small>{interval}</small>",
                _whisker(one, reach),
                tables.p_value(one.p),
            ]
        )
    heads = ("Held-out faces", base, candidate, "Difference, points (95 %)", "Worse · better", "p")
    return tables.table(heads, rows, f"{candidate} beside {base}")


def _whisker(one: Paired, reach: float) -> str:
    """The interval about zero; its dot is the difference."""

    def at(value: float) -> float:
        return 50 + 48 * max(-1.0, min(1.0, value / reach))

    low, high, dot = at(one.low), at(one.high), at(one.difference)
    tone = "currentColor"
    if one.p < 0.05:
        tone = A_COLOUR if one.difference > 0 else WARNING
    return (
        '<span class="rapt-whisker" aria-hidden="true"><i></i>'
        f'<u style="left:{low:.1f}%;width:{max(1.0, high - low):.1f}%;background:{tone}"></u>'
        f'<s style="left:{dot:.1f}%;background:{tone}"></s></span>'
    )


def growing(epochs: pd.DataFrame, planned: int, theme: Theme) -> go.Figure:
    """The curves of a run under way, on an axis as long as the run will be."""
    fig = learning_charts.learning(epochs, None, theme)
    fig.update_xaxes(range=[0.5, max(planned, 2) + 0.5], dtick=_step(planned))
    fig.update_layout(height=380, uirevision="run", yaxis3={"tickformat": "~r"})
    return fig


def _step(planned: int) -> int:
    return next(step for step in (1, 2, 5, 10, 20, 50) if planned / step <= 12 or step == 50)


def growing_said(epochs: pd.DataFrame, planned: int, active: bool) -> Finding:
    """What the curves show so far."""
    if epochs.empty:
        return GROWING_FIRST()
    last = epochs.iloc[-1]
    best = epochs.iloc[int(epochs["accuracy"].to_numpy().argmax())]
    if not active and float(best["accuracy"]) - float(last["accuracy"]) < 0.01:
        first = float(epochs["accuracy"].iloc[0])
        if abs(float(last["accuracy"]) - first) < 0.01:
            return STAYED(share=percent(float(last["accuracy"])))
        return REACHED(share=percent(float(best["accuracy"])))
    if not active:
        return learning_charts.learning_said(epochs)
    now = {"share": percent(float(last["accuracy"])), "epoch": int(last["epoch"])}
    if best["epoch"] == last["epoch"]:
        return GROWING(planned=planned, **now)
    most = percent(float(best["accuracy"]))
    return GROWING_BEST(planned=planned, best=int(best["epoch"]), most=most, **now)


def estimate_said(found: Estimate) -> str:
    """How long a training will take, as a sentence."""
    epochs = found.epochs_s
    low, high = min(epochs), max(epochs)
    each = (
        f"{length(low)} each"
        if high < 1.3 * low + 0.5
        else f"{length(low)} to {length(high)} each, as its pictures grow"
    )
    return (
        f"About {length(found.total_s)}: {count(len(epochs), 'epoch')} of {each}. "
        "Measured just now on this machine, as busy as it is."
    )


def length(seconds: float) -> str:
    """A duration to plan by."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
