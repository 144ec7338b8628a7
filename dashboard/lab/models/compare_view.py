"""Two models side by side, and the faces on which they differ."""

from __future__ import annotations

from collections.abc import Sequence

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
from dashboard.shared.web.access.identity import may
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.sentences import Finding, Template
from fer_core.text import percent, signed

SAME_FACES = Template(
    "models.same_faces",
    "Both cards give figures for {faces} faces, as many of each expression. To see on which they "
    "differ, evaluate both here.",
)
OTHER_FACES = Template(
    "models.other_faces",
    "Their figures come from different faces ({n_a} of {a}, {n_b} of {b}): the difference is not "
    "the models' alone.",
)
NO_FIGURES = Template("models.no_figures", "{name} has no figures yet.")
UNCLEAR = Template(
    "models.unclear", "{a} and {b} do not clearly differ on {faces} faces of {split}."
)
CLEAR = Template(
    "models.clear",
    "{better} is right {points} points more often than {worse} on {faces} faces of {split}.",
)

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
        st.info("One of these models is no longer here.", icon=":material/info:")
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
    mine, theirs = nearest_figures(one, other)
    st.html(tables.sentences(apart(one.card.name, mine, other.card.name, theirs)))
    if may(Action.EDIT):
        with st.popover("Evaluate both on…", icon=":material/fact_check:"):
            evaluate_form([a, b], key="both", choose=False)
    st.caption("Needs a data set; then the faces on which they differ are shown, and the test.")
    if mine is not None and theirs is not None:
        _beside(one, other, (mine, theirs))


def same_faces(mine: Figures, theirs: Figures) -> bool:
    """Whether both were measured on as many faces of each expression."""
    counts = [{k: v["actual"] for k, v in one.scores.counts.items()} for one in (mine, theirs)]
    return mine.scores.n == theirs.scores.n and counts[0] == counts[1]


def nearest_figures(one: Opened, other: Opened) -> tuple[Figures | None, Figures | None]:
    """A pair of figures from the same faces where there is one, else the first of each."""
    for mine in one.figures:
        for theirs in other.figures:
            if same_faces(mine, theirs):
                return mine, theirs
    first, second = (model.figures[0] if model.figures else None for model in (one, other))
    return first, second


def apart(a: str, mine: Figures | None, b: str, theirs: Figures | None) -> Finding:
    """What can be said of two models that were not evaluated here on the same faces."""
    if mine is None or theirs is None:
        return NO_FIGURES(name=a if mine is None else b)
    n_a, n_b = (f"{one.scores.n:,}" for one in (mine, theirs))
    if same_faces(mine, theirs):
        return SAME_FACES(faces=n_a)
    return OTHER_FACES(a=a, n_a=n_a, b=b, n_b=n_b)


def verdict(found: models.SideBySide) -> Finding:
    """Which of two models is right more often on the same faces, where that is clear."""
    paired, faces = found.paired, f"{found.paired.n:,}"
    if paired.p >= 0.05:
        return UNCLEAR(a=found.a, b=found.b, faces=faces, split=found.split)
    better, worse = (found.b, found.a) if paired.difference > 0 else (found.a, found.b)
    points = f"{abs(100 * paired.difference):.1f}"
    return CLEAR(better=better, worse=worse, points=points, faces=faces, split=found.split)


def _verdict(found: models.SideBySide) -> None:
    paired = found.paired
    p = "p < 0.001" if paired.p < 0.001 else f"p = {paired.p:.3f}"
    low, high = signed(100 * paired.low, 1), signed(100 * paired.high, 1)
    alone = paired.only_base_right + paired.only_candidate_right
    how = (
        f"{percent(paired.base)} against {percent(paired.candidate)}; {found.b} minus {found.a}: "
        f"{low} to {high} points (95 % range). McNemar's test on the {alone:,} faces that only "
        f"one gets right ({paired.only_base_right:,} {found.a}, "
        f"{paired.only_candidate_right:,} {found.b}): {p}"
    )
    st.html(tables.sentences(verdict(found)))
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
    """The same charts twice; their difference only where both saw the same faces."""
    st.subheader("Side by side", anchor=False)
    st.html(both_table(one, other, pair))
    shares = st.toggle("Shares instead of counts", value=True, key="both-shares")
    left, right = st.columns(2, gap="large")
    for column, model, figures in ((left, one, pair[0]), (right, other, pair[1])):
        with column:
            st.markdown(f"**{escape_markdown(model.card.name)}**")
            st.html(summary(figures.scores))
            matrix(model.card.name, figures, key=f"both-{model.card.name}", shares=shares)
            answers(figures, key=f"both-{model.card.name}", wide=False)
            learning(model.card, model.curves, key=f"both-{model.card.name}")


def both_table(one: Opened, other: Opened, pair: tuple[Figures, Figures]) -> str:
    """F1 by expression; a change only where both were measured on the same faces."""
    a, b = (figures.scores.per_class for figures in pair)
    shared = [label for label in on_screen(list(a)) if label in b]
    same = same_faces(*pair)
    rows = []
    for label in shared:
        first, second = f"{a[label]['f1']:.2f}", f"{b[label]['f1']:.2f}"
        change = float(second) - float(first)
        word = signed(change, 2)
        strong = f'<span class="rapt-clear">{word}</span>' if abs(change) >= 0.05 else word
        rows.append([label, first, second, *([strong] if same else [])])
    heads = ["F1 by expression", one.card.name, other.card.name, *(["Change"] if same else [])]
    return tables.table(heads, rows, "F1 of both models by expression")
