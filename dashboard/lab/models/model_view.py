"""One model opened: what its card says, how it learned, what it answers."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard.lab.data import faces as data_faces
from dashboard.lab.data.cached import face_sheet
from dashboard.lab.models import html as lab_html
from dashboard.lab.models.data import Figures, Opened
from dashboard.lab.models.evaluate import evaluate_popover, evaluations_under_way
from dashboard.lab.models.parts import answers, learning, matrix, summary
from dashboard.navigation import go
from dashboard.shared.charts import tables
from dashboard.shared.markdown import escape_markdown
from fer_core.text import percent, shorten

VIEWS = ("Figures", "Training", "Card")


def title(model: Opened) -> None:
    card = model.card
    st.title(escape_markdown(shorten(card.name, 60)), anchor=False)
    st.html(f'<p class="rapt-lede">{escape(card.about)}</p>')
    marks = lab_html.badge("in use") if model.in_use else ""
    marks += lab_html.badge("ships with Rapt" if model.ships else "in this home", plain=True)
    st.html(f"<div>{marks}</div>")


def actions(model: Opened) -> None:
    with st.container(horizontal=True):
        evaluate_popover([model.card.name], key="one")
        kept = [one for one in model.figures if one.evaluation_id]
        if st.button("Mistakes", icon=":material/search:"):
            query = {"evaluation": kept[0].evaluation_id or ""} if kept else {}
            go("mistakes", **query)
        if not model.why_closed and st.button("Look inside", icon=":material/layers:"):
            go("inside", network=model.card.name)
        if st.button("Compare", icon=":material/compare_arrows:", type="tertiary"):
            go("models", view="Compare", **{"model-b": model.card.name})
    if model.why_closed:
        st.warning(
            f"It cannot be looked into. {escape_markdown(model.why_closed)}", icon=":material/lock:"
        )
    evaluations_under_way()


def show(model: Opened) -> None:
    view = st.segmented_control(
        "View", VIEWS, default=VIEWS[0], key="view", bind="query-params", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    if view == "Training":
        learning(model.card, model.curves, key="one")
    elif view == "Card":
        st.html(lab_html.card_in_words(model.card))
    elif not model.figures:
        st.info(
            "Its card holds no figures. Evaluate it on a data set to see what it is worth.",
            icon=":material/fact_check:",
        )
    else:
        _figures(model)


def _figures(model: Opened) -> None:
    titles = {one.title: one for one in model.figures}
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    # another evaluation makes another choice: what was just measured is what is shown
    key = f"on-{model.card.name}-{len(titles)}"
    chosen = left.selectbox("On", list(titles), key=key)
    figures = titles[chosen or next(iter(titles))]
    shares = right.toggle("Shares", key="shares", help="In % of each row instead of counts.")
    st.html(summary(figures))
    if figures.evaluation_id is None:
        st.caption(
            "These figures are from the card. Evaluate the model on a data set to open the faces "
            "behind them: FER2013 does not come with Rapt."
        )
    matrix(model.card.name, figures, key="one", shares=bool(shares))
    answers(figures, key="one")
    _leaked(figures)


@st.fragment
def _leaked(figures: Figures) -> None:
    """Faces of the test that stand in the training split too: leaks."""
    report = figures.report
    without = report.get("accuracy_without_copies")
    st.subheader("Copies of training faces", anchor=False)
    if figures.leaked is None:
        said = "The list needs the data set: evaluate the model on it."
        if without is not None:
            said = (
                f"Without copies of training faces its accuracy is {percent(without)}, with them "
                f"{percent(report['accuracy'])}. {said}"
            )
        st.caption(said)
        return
    if not figures.leaked:
        st.caption("No face stands in both splits.")
        return
    n = len(figures.leaked)
    st.html(
        tables.finding(
            f"{n:,} of {figures.n:,} faces stand in the training split too, pixel for pixel",
            "A model that was trained on them is not tested by them; Rapt leaves them out of "
            "training",
        )
    )
    if without is not None:
        st.caption(
            f"Accuracy without them: {100 * without:.1f} %; with them "
            f"{100 * report['accuracy']:.1f} %."
        )
    pages = -(-n // data_faces.PAGE)
    page = (
        int(st.number_input(f"Page of {pages}", 1, pages, key="leaked-page", width=160))
        if pages > 1
        else 1
    )
    part = figures.leaked[(page - 1) * data_faces.PAGE : page * data_faces.PAGE]
    items = tuple(one["item"] for one in part)
    sheet = face_sheet(figures.data, data_faces.data_stamp(figures.data), items)
    captions = [(one["item"], f"is {one['twin']}") for one in part]
    st.html(lab_html.faces(sheet, data_faces.COLUMNS, captions))
