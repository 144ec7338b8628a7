"""What the lab's pages share: their style, a chart with its finding, a model's charts."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st
from plotly.graph_objects import Figure

from dashboard.lab.data.cached import face_sheet
from dashboard.lab.data.faces import COLUMNS, PAGE, data_stamp
from dashboard.lab.models import charts, html, learning_charts
from dashboard.lab.models.confusion import confusion
from dashboard.lab.models.data import ModelRow, Opened
from dashboard.lab.models.figures import Figures, with_range
from dashboard.lab.models.labels import on_screen
from dashboard.navigation import go
from dashboard.shared.assets import text
from dashboard.shared.charts import tables
from dashboard.shared.page import current_theme
from fer_core.evaluation.metrics import Scores
from fer_core.evaluation.review import confused_pairs
from fer_core.sentences import Title
from fer_core.text import count, percent
from fer_core.zoo.card import Card


def style() -> None:
    """The style sheet of the lab's pages."""
    st.html(f"<style>{text(__file__, 'lab.css')}</style>")


def chart(title: Title, how: str, drawing: Figure, *, key: str) -> None:
    """A chart under what it shows and how it is read."""
    st.html(tables.finding(title, how))
    st.plotly_chart(
        drawing, key=key, theme=None, config={"displayModeBar": False}, alt=f"{title}. {how}"
    )


def learning(card: Card, curves: pd.DataFrame, *, key: str) -> None:
    """How the model learned, epoch by epoch and as a spread."""
    epochs = int(curves["accuracy"].notna().sum())
    if epochs < learning_charts.FEWEST_EPOCHS:
        st.caption(
            f"It trained for {count(epochs, 'epoch')}: too few to draw a curve."
            if epochs
            else f"The card of {card.name} holds no training curves."
        )
        return
    chosen = card.training.get("chosen_epoch")
    chart(
        learning_charts.learning_said(curves),
        "Accuracy on held-out faces, loss on training faces and learning rate, by epoch; "
        "the dotted line marks the epoch that is used",
        learning_charts.learning(curves, chosen, current_theme()),
        key=f"learning-{key}",
    )
    chart(
        learning_charts.violins_said(curves),
        "One dot per epoch; the shape is wide where there are many, the box holds the middle half",
        learning_charts.violins(curves, current_theme()),
        key=f"violins-{key}",
    )


def matrix(model: str, figures: Figures, *, key: str, shares: bool) -> None:
    """The confusion matrix; a cell opens the faces behind it."""
    known = figures.scores.labels
    labels = on_screen(known)
    order = [known.index(label) for label in labels]
    counts = figures.scores.confusion[order][:, order]
    opens = figures.evaluation_id is not None
    how = "Rows are the labels, columns the model's answers"
    how += ", in % of the row" if shares else ", in faces"
    how += "; a click opens those faces" if opens else ""
    st.html(
        tables.finding(charts.confusion_said(confused_pairs(counts, tuple(labels), most=1)), how)
    )
    cell = confusion(labels, counts, shares=shares, opens=opens, key=f"confusion-{key}")
    if cell is not None and figures.evaluation_id is not None:
        go("mistakes", evaluation=figures.evaluation_id, truth=cell[0], guess=cell[1])


def answers(figures: Figures, *, key: str, wide: bool = True) -> None:
    """Class by class, counts, ranks and reliability; two beside each other where it is wide."""
    scores = figures.scores
    chart(
        charts.per_class_said(scores),
        "Full dot: precision, how often the answer is right; ring: recall, how many of the faces "
        "are found; stroke: F1",
        charts.per_class(scores, current_theme()),
        key=f"classes-{key}",
    )
    st.html(class_table(scores))
    left, right = st.columns(2, gap="large") if wide else (st.container(), st.container())
    with left:
        _often(figures, key)
    with right:
        _sure(figures, key)


def _often(figures: Figures, key: str) -> None:
    theme = current_theme()
    chart(
        charts.counts_said(figures.scores),
        "How many faces have each label, how often the model gave it, and how often it was correct",
        charts.counts(figures.scores, theme),
        key=f"counts-{key}",
    )
    chart(
        charts.ranks_said(figures.ranks),
        "Where the label comes among the model's answers, the most probable first",
        charts.ranks(figures.ranks, theme),
        key=f"ranks-{key}",
    )


def _sure(figures: Figures, key: str) -> None:
    if figures.reliability:
        chart(
            charts.reliability_said(figures.reliability, figures.scores.ece),
            "On the dotted line its confidence equals its accuracy, below it the model is too "
            "confident; strokes are 95 % ranges, the bars below count faces",
            charts.reliability(figures.reliability, current_theme()),
            key=f"reliability-{key}",
        )
    else:
        st.html(
            tables.finding(
                charts.CALIBRATION(points=charts.points_of(figures.scores.ece)),
                "The reliability diagram needs the faces: evaluate the model on a data set",
            )
        )


def class_table(scores: Scores) -> str:
    """Precision, recall and F1 of each expression as HTML."""
    per_class = scores.per_class
    rows = [
        [
            label,
            percent(per_class[label]["precision"]),
            percent(per_class[label]["recall"]),
            f"<b>{per_class[label]['f1']:.2f}</b>",
            f"{int(per_class[label]['support']):,}",
        ]
        for label in on_screen(scores.labels)
    ]
    heads = ["Expression", "Precision", "Recall", "F1", "Faces"]
    return tables.table(heads, rows, "Precision, recall and F1 by expression")


def summary(scores: Scores) -> str:
    """The figures in one row."""
    return html.numbers(
        [
            ("Accuracy", with_range(scores.accuracy, scores.n)),
            ("Macro-F1", f"{scores.macro_f1:.2f}"),
            ("Among first two", percent(scores.top2)),
            ("Among first three", percent(scores.top3)),
            ("Calibration error", charts.points_of(scores.ece)),
            ("Faces", f"{scores.n:,}"),
        ]
    )


def marks(model: ModelRow | Opened) -> str:
    """Whether a model is in use, and where it comes from, as HTML."""
    used = html.badge("in use") if model.in_use else ""
    used += html.badge("practice model") if model.practice else ""
    return used + html.badge("ships with Rapt" if model.ships else "in this home", plain=True)


def page_number(faces: int, *, key: str) -> int:
    """Which page of so many faces is shown; asked for where there are several."""
    pages = max(1, -(-faces // PAGE))
    if pages == 1:
        return 1
    return int(st.number_input(f"Page of {pages:,}", 1, pages, key=key, width=160))


def captioned_faces(data: str, items: Sequence[str], captions: Sequence[tuple[str, str]]) -> None:
    """Faces of a data set by name, each with what stands below it."""
    sheet = face_sheet(data, data_stamp(data), tuple(items))
    st.html(html.faces(sheet, COLUMNS, captions))
