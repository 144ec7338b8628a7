"""The Models page: every model as a card, or two models side by side."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboard.lab.models import data as models
from dashboard.lab.models import html
from dashboard.lab.models.compare_view import compare
from dashboard.lab.models.data import ModelRow
from dashboard.lab.models.evaluate import evaluations_under_way
from dashboard.lab.models.figures import with_range
from dashboard.lab.models.parts import (
    marks,
    style,
)
from dashboard.navigation import page_of
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import heading
from dashboard.state import app_state
from fer_core.text import shorten, size

VIEWS = ("Cards", "Compare")


def show() -> None:
    style()
    heading("Models", "Can I trust it? How often each model is right, and on which faces.")
    rows = models.rows(app_state().home)
    view = st.segmented_control(
        "View", VIEWS, default=VIEWS[0], key="view", bind="query-params", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    if view == "Compare":
        compare([row.name for row in rows if not row.problem])
    else:
        _cards(rows)


def _cards(rows: Sequence[ModelRow]) -> None:
    """Three beside each other; the name opens the model."""
    evaluations_under_way()
    for start in range(0, len(rows), 3):
        columns = st.columns(3)
        for row, column in zip(rows[start : start + 3], columns):
            with column, st.container(border=True, key=f"modelcard-{row.name}"):
                _card(row)


def _card(row: ModelRow) -> None:
    st.page_link(
        page_of("model"),
        label=escape_markdown(shorten(row.name, 28)),
        query_params={"id": row.name},
    )
    st.html(f'<div>{marks(row)}</div><p class="lab-about">{escape(row.about)}</p>')
    if row.problem:
        st.html(f'<p class="rapt-bad">{escape(row.problem)}</p>')
        return
    st.html(
        html.numbers(
            [
                (
                    "Accuracy",
                    "–" if row.accuracy is None else with_range(row.accuracy, row.faces),
                ),
                ("Macro-F1", "–" if row.macro_f1 is None else f"{row.macro_f1:.2f}"),
                ("Size", size(row.bytes)),
                ("Speed", "–" if row.ms is None else f"{row.ms:.1f} ms a face"),
                ("Made", row.created or "–"),
                ("Weights", f"{row.parameters:,}"),
            ]
        )
    )
    if row.measured:
        st.caption(f"On {row.measured}")
