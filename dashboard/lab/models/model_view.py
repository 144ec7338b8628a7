"""One model opened: what its card says, how it learned, what it answers."""

from __future__ import annotations

import streamlit as st

from dashboard.lab.data.faces import PAGE
from dashboard.lab.models import data as models
from dashboard.lab.models import html
from dashboard.lab.models.data import Opened
from dashboard.lab.models.evaluate import evaluate_popover, evaluations_under_way
from dashboard.lab.models.figures import Figures
from dashboard.lab.models.parts import (
    answers,
    captioned_faces,
    learning,
    marks,
    matrix,
    page_number,
    style,
    summary,
)
from dashboard.lab.models.slices_view import slices_shown
from dashboard.navigation import go
from dashboard.shared.charts import tables
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import heading
from dashboard.shared.widgets.empty_state import not_here
from dashboard.state import app_state
from fer_core.sentences import Finding, Template
from fer_core.text import percent, shorten

VIEWS = ("Figures", "Training", "Card")
LEAKED = Template(
    "leaked", "{leaked} of {faces} faces are in the training split too, pixel for pixel"
)


def show() -> None:
    """The model that the address names."""
    style()
    state = app_state()
    name = st.query_params.get("id", "")
    model = models.open_model(state.home, state.store, name) if name else None
    if model is None:
        not_here("model", "models", gone="removed")
        return
    _title(model)
    _actions(model)
    _shown(model)


def _title(model: Opened) -> None:
    card = model.card
    heading(escape_markdown(shorten(card.name, 60)), card.about, tab=card.name)
    st.html(f"<div>{marks(model)}</div>")


def _actions(model: Opened) -> None:
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
        st.info(
            f"Its inside cannot be shown. {escape_markdown(model.why_closed)}",
            icon=":material/lock:",
        )
    evaluations_under_way()


def _shown(model: Opened) -> None:
    view = st.segmented_control(
        "View", VIEWS, default=VIEWS[0], key="view", bind="query-params", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    if view == "Training":
        learning(model.card, model.curves, key="one")
    elif view == "Card":
        st.html(html.card_summary(model.card))
    elif not model.figures:
        st.info(
            "Its card holds no figures. Evaluate it on a data set to see how often it is right.",
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
    st.html(summary(figures.scores))
    if figures.evaluation_id is None:
        st.caption(
            "These figures are from the card. Evaluate the model on a data set to open the faces "
            "behind them: FER2013 does not come with Rapt."
        )
    matrix(model.card.name, figures, key="one", shares=bool(shares))
    answers(figures, key="one")
    slices_shown(figures)
    _leaked(figures)


def leaked_said(leaked: int, faces: int) -> Finding:
    return LEAKED(leaked=f"{leaked:,}", faces=f"{faces:,}")


@st.fragment
def _leaked(figures: Figures) -> None:
    """Faces of the test that stand in the training split too: leaks."""
    accuracy, without = figures.scores.accuracy, figures.without_copies
    st.subheader("Copies of training faces", anchor=False)
    if figures.leaked is None:
        said = "The list needs the data set: evaluate the model on it."
        if without is not None:
            said = (
                f"Without copies of training faces its accuracy is {percent(without)}, with them "
                f"{percent(accuracy)}. {said}"
            )
        st.caption(said)
        return
    if not figures.leaked:
        st.caption("No face stands in both splits.")
        return
    n = len(figures.leaked)
    st.html(
        tables.finding(
            leaked_said(n, figures.scores.n),
            "A model that was trained on them is not tested by them; Rapt leaves them out of "
            "training",
        )
    )
    if without is not None:
        st.caption(
            f"Accuracy without them: {100 * without:.1f} %; with them {100 * accuracy:.1f} %."
        )
    page = page_number(n, key="leaked-page")
    part = figures.leaked[(page - 1) * PAGE : page * PAGE]
    captioned_faces(
        figures.data,
        [one.item for one in part],
        [(one.item, f"is {one.twin}") for one in part],
    )
