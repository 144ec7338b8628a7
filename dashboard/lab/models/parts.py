"""What the lab's pages share: their style, a chart with its finding, a model's charts."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboard.lab.models import charts as lab_figures
from dashboard.lab.models import html as lab_html
from dashboard.lab.models.confusion import confusion
from dashboard.lab.models.data import Figures
from dashboard.navigation import go as open_page
from dashboard.shared.assets import text
from dashboard.shared.charts import tables
from dashboard.shared.page import theme_look
from fer_core.evaluation.review import confused_pairs
from fer_core.text import percent
from fer_core.zoo.card import Card

STILL: dict[str, Any] = {"displayModeBar": False}
SHOW = ("Counts", "Shares")


def lab_style() -> None:
    st.html(f"<style>{text(__file__, 'lab.css')}</style>")


def chart(title: str, how: str, drawing: go.Figure, *, key: str) -> None:
    """A chart under what it shows and how it is read."""
    st.html(tables.finding(title, how))
    st.plotly_chart(drawing, key=key, theme=None, config=STILL, alt=f"{title}. {how}")


def learning(card: Card, curves: Any, *, key: str) -> None:
    """How the model learned, epoch by epoch and as a spread."""
    if curves["accuracy"].notna().sum() < 2:
        st.caption(f"The card of {card.name} holds no course of its training.")
        return
    chosen = card.training.get("chosen_epoch")
    chart(
        lab_figures.learning_said(curves),
        "Accuracy on held-out faces, loss on training faces and learning rate, by epoch; "
        "the dotted line marks the epoch that is used",
        lab_figures.learning(curves, chosen, theme_look()),
        key=f"learning-{key}",
    )
    chart(
        lab_figures.violins_said(curves),
        "A dot an epoch; the shape is wide where many epochs lie, the box holds the middle half",
        lab_figures.violins(curves, theme_look()),
        key=f"violins-{key}",
    )


def matrix(model: str, figures: Figures, *, key: str, shares: bool) -> None:
    """The confusion matrix; a cell opens the faces behind it."""
    labels = lab_figures.on_screen(figures.labels)
    order = [figures.labels.index(label) for label in labels]
    counts = figures.confusion[order][:, order]
    opens = figures.evaluation_id is not None
    how = "Rows are the labels, columns what was answered"
    how += ", in % of the row" if shares else ", in faces"
    how += "; a click opens those faces" if opens else ""
    st.html(
        tables.finding(
            lab_figures.confusion_said(confused_pairs(counts, tuple(labels), most=1)), how
        )
    )
    cell = confusion(labels, counts, shares=shares, opens=opens, key=f"confusion-{key}")
    if cell is not None and figures.evaluation_id is not None:
        query = {"evaluation": figures.evaluation_id, "truth": cell[0], "guess": cell[1]}
        open_page("mistakes", **query)


def answers(figures: Figures, *, key: str, wide: bool = True) -> None:
    """Class by class, counts, ranks and reliability; two beside each other where it is wide."""
    look = theme_look()
    report = figures.report
    chart(
        lab_figures.per_class_said(report["per_class"]),
        "Full dot: precision, how often the answer is right; ring: recall, how many of the faces "
        "are found; stroke: F1",
        lab_figures.per_class(report["per_class"], look),
        key=f"classes-{key}",
    )
    st.html(class_table(figures))
    left, right = st.columns(2, gap="large") if wide else (st.container(), st.container())
    with left:
        _often(figures, key)
    with right:
        _sure(figures, key)


def _often(figures: Figures, key: str) -> None:
    report, look = figures.report, theme_look()
    chart(
        lab_figures.counts_said(report["counts"]),
        "How many faces of each expression there are, were answered, and were answered rightly",
        lab_figures.counts(report["counts"], look),
        key=f"counts-{key}",
    )
    chart(
        lab_figures.ranks_said(figures.ranks),
        "At which place of its answers, by probability, the label stands",
        lab_figures.ranks(figures.ranks, look),
        key=f"ranks-{key}",
    )


def _sure(figures: Figures, key: str) -> None:
    report, look = figures.report, theme_look()
    rows = report.get("reliability")
    if rows:
        chart(
            lab_figures.reliability_said(rows, float(report["ece"])),
            "On the dotted line it is as sure as it is right, below it is too sure; the strokes "
            "are 95 % ranges, the bars below count faces",
            lab_figures.reliability(rows, look),
            key=f"reliability-{key}",
        )
    else:
        off = 100 * float(report["ece"])
        st.html(
            tables.finding(
                f"It is off by {off:.0f} points of sureness on average",
                "The reliability diagram needs the faces: evaluate the model on a data set",
            )
        )


def class_table(figures: Figures) -> str:
    per_class = figures.report["per_class"]
    rows = [
        [
            label,
            percent(per_class[label]["precision"]),
            percent(per_class[label]["recall"]),
            f"<b>{per_class[label]['f1']:.2f}</b>",
            f"{int(per_class[label]['support']):,}",
        ]
        for label in lab_figures.on_screen(figures.labels)
    ]
    heads = ["Expression", "Precision", "Recall", "F1", "Faces"]
    return tables.table(heads, rows, "Precision, recall and F1 by expression")


def summary(figures: Figures) -> str:
    """The figures in one row."""
    report = figures.report
    return lab_html.numbers(
        [
            ("Accuracy", percent(float(report["accuracy"]))),
            ("Macro-F1", f"{float(report['macro_f1']):.2f}"),
            ("Among first two", percent(float(report["top2"]))),
            ("Among first three", percent(float(report["top3"]))),
            ("Sureness off by", f"{100 * float(report['ece']):.0f} points"),
            ("Faces", f"{figures.n:,}"),
        ]
    )
