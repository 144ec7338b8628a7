"""Two models side by side, and the faces on which they differ."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboard.lab.data.faces import PAGE
from dashboard.lab.models import data as models
from dashboard.lab.models.data import Opened
from dashboard.lab.models.evaluate import evaluate_form, evaluations_under_way
from dashboard.lab.models.figures import Figures
from dashboard.lab.models.labels import on_screen
from dashboard.lab.models.parts import (
    answers,
    captioned_faces,
    learning,
    matrix,
    page_number,
    summary,
)
from dashboard.shared.charts import tables
from dashboard.shared.markdown import escape_markdown
from dashboard.state import app_state
from fer_core.reports.units import signed
from fer_core.text import percent

ONLY = ("Only {a} is right", "Only {b} is right", "Both are wrong")


def compare(names: Sequence[str]) -> None:
    """Two models: everything side by side, and the faces on which they differ."""
    if len(names) < 2:
        st.info(
            "There is one model here. Train another to compare the two.",
            icon=":material/compare_arrows:",
        )
        return
    left, right = st.columns(2)
    a = left.selectbox("A", names, index=0, key="model-a", bind="query-params") or names[0]
    b = right.selectbox("B", names, index=1, key="model-b", bind="query-params") or names[1]
    if a == b:
        st.info("Choose two different models.", icon=":material/compare_arrows:")
        return
    state = app_state()
    one, other = (models.open_model(state.home, state.store, name) for name in (a, b))
    if one is None or other is None:
        st.info("One of them is no longer here.", icon=":material/info:")
        return
    evaluations_under_way()
    pairs = models.shared_evaluations(state.store, a, b)
    if pairs:
        titles = {pair[0].title: pair for pair in pairs}
        chosen = next(iter(titles))
        if len(titles) > 1:
            chosen = st.selectbox("On", list(titles), key="compared-on") or chosen
        found = models.side_by_side(state.store, a, b, titles[chosen])
        _verdict(found)
        _differ(found)
        _beside(one, other, titles[chosen])
        return
    st.html(
        '<div class="rapt-sentence"><p>Both have figures on their cards, but they were not '
        "measured here on the same faces.</p></div>"
    )
    with st.popover("Evaluate both on…", icon=":material/fact_check:"):
        evaluate_form([a, b], key="both", choose=False)
    st.caption("Needs a data set; then the faces on which they differ are shown, and the test.")
    mine, theirs = (model.figures[0] if model.figures else None for model in (one, other))
    if mine is not None and theirs is not None:
        _beside(one, other, (mine, theirs))


def _verdict(found: models.SideBySide) -> None:
    paired = found.paired
    points = abs(100 * paired.difference)
    where = f"on {paired.n:,} faces of {found.split}"
    if paired.p >= 0.05:
        said = f"{found.a} and {found.b} do not clearly differ {where}"
    else:
        better, worse = (found.b, found.a) if paired.difference > 0 else (found.a, found.b)
        said = f"{better} is right {points:.1f} points more often than {worse} {where}"
    p = "p < 0.001" if paired.p < 0.001 else f"p = {paired.p:.3f}"
    low, high = signed(100 * paired.low, 1), signed(100 * paired.high, 1)
    alone = paired.only_base_right + paired.only_candidate_right
    how = (
        f"{percent(paired.base)} against {percent(paired.candidate)}; {found.b} minus {found.a}: "
        f"{low} to {high} points (95 % range). McNemar's test on the {alone:,} faces that only "
        f"one gets right ({paired.only_base_right:,} {found.a}, "
        f"{paired.only_candidate_right:,} {found.b}): {p}"
    )
    st.html(f'<div class="rapt-sentence" role="status"><p>{escape(said)}.</p></div>')
    st.caption(escape_markdown(how))


@st.fragment
def _differ(found: models.SideBySide) -> None:
    table = found.differ
    kinds = [text.format(a=found.a, b=found.b) for text in ONLY]
    right_a, right_b = table["guess_a"] == table["truth"], table["guess_b"] == table["truth"]
    masks = dict(zip(kinds, (right_a, right_b, ~right_a & ~right_b)))
    first = next((kind for kind in kinds if masks[kind].any()), kinds[0])
    st.subheader(f"They differ on {len(table):,} faces", anchor=False)
    kind = st.segmented_control(
        "Which", kinds, default=first, required=True, key="differ",
        format_func=lambda one: f"{one}: {int(masks[one].sum()):,}", label_visibility="collapsed",
    )  # fmt: skip
    shown = table[masks[kind or first]]
    if shown.empty:
        st.caption("No face of this kind.")
        return
    page = page_number(len(shown), key=f"differ-page-{kind}")
    shown = shown.iloc[(page - 1) * PAGE : page * PAGE]
    captions = [
        (str(row.truth), f"{found.a}: {row.guess_a}\n{found.b}: {row.guess_b}")
        for row in shown.itertuples()
    ]
    captioned_faces(found.data, [str(item) for item in shown["item"]], captions)
    st.caption("Above: the label; below: what each model answered.")


def _beside(one: Opened, other: Opened, pair: tuple[Figures, Figures]) -> None:
    """The same charts twice, on the same rows."""
    st.subheader("Side by side", anchor=False)
    st.html(_both_table(one, other, pair))
    shares = st.toggle("Shares instead of counts", value=True, key="both-shares")
    left, right = st.columns(2, gap="large")
    for column, model, figures in ((left, one, pair[0]), (right, other, pair[1])):
        with column:
            st.markdown(f"**{escape_markdown(model.card.name)}**")
            st.html(summary(figures.scores))
            matrix(model.card.name, figures, key=f"both-{model.card.name}", shares=shares)
            answers(figures, key=f"both-{model.card.name}", wide=False)
            learning(model.card, model.curves, key=f"both-{model.card.name}")


def _both_table(one: Opened, other: Opened, pair: tuple[Figures, Figures]) -> str:
    a, b = (figures.scores.per_class for figures in pair)
    shared = [label for label in on_screen(list(a)) if label in b]
    rows = []
    for label in shared:
        change = 100 * (b[label]["f1"] - a[label]["f1"])
        word = f"{change:+.0f} pts".replace("-", "−") if round(change) else "0 pts"
        strong = f'<span class="rapt-clear">{word}</span>' if abs(change) >= 5 else word
        rows.append([label, f"{a[label]['f1']:.2f}", f"{b[label]['f1']:.2f}", strong])
    heads = ["F1 by expression", one.card.name, other.card.name, "Change"]
    return tables.table(heads, rows, "F1 of both models by expression")
