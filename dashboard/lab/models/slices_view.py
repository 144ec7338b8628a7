"""The slices of an evaluation as a table, and the way to the mistakes among each."""

from __future__ import annotations

import streamlit as st

from dashboard.lab.data.faces import data_stamp
from dashboard.lab.models.figures import Figures
from dashboard.lab.models.slices import SliceScore, slice_scores, slices_said
from dashboard.navigation import go
from dashboard.shared.charts import tables
from dashboard.shared.page import show_errors
from dashboard.state import app_state
from fer_core.evaluation.slices import FEWEST
from fer_core.text import fine_percent, signed

HOW = (
    "Each slice is the tenth of these faces in which a trait of the picture is strongest; the "
    "range is a 95 % interval, bold where the accuracy elsewhere lies outside it. The faces come "
    "cut out and scaled, so their size and turn are not known"
)


def slices_shown(figures: Figures) -> None:
    """The slices as a table, and the way to the mistakes among each."""
    if figures.evaluation_id is None:
        return
    st.subheader("Slices", anchor=False)
    with show_errors():
        found = _scores(figures, data_stamp(figures.data))
        if not found:
            st.caption(f"Fewer than {FEWEST} faces: a tenth of them says nothing.")
            return
        st.html(tables.finding(slices_said(found), HOW) + slice_table(found))
        names = {one.slice.trait.key: one.slice.trait.name for one in found}
        chosen = st.pills(
            "Open the mistakes on the tenth", list(names), format_func=names.__getitem__,
            key=f"slice-{figures.evaluation_id}",
        )  # fmt: skip
        if chosen:
            del st.session_state[f"slice-{figures.evaluation_id}"]
            go("mistakes", evaluation=figures.evaluation_id, view="Faces", slice=chosen)


@st.cache_data(max_entries=32, show_spinner=False, hash_funcs={Figures: lambda f: f.evaluation_id})
def _scores(figures: Figures, stamp: str) -> list[SliceScore]:
    """``stamp`` changes when the data set does."""
    state = app_state()
    return slice_scores(state.home, state.store, figures)


def slice_table(found: list[SliceScore]) -> str:
    """A row a slice as HTML."""
    rows = []
    for one in found:
        trait, points = one.slice.trait, 100 * (one.accuracy - one.elsewhere)
        edge = f"{one.slice.edge:.0f}" if one.slice.edge >= 10 else f"{one.slice.edge:.2f}"
        side = "under" if trait.low else "over"
        differs = f"<b>{signed(points, 1)}</b>" if one.differs else signed(points, 1)
        rows.append(
            [
                f"The tenth {trait.name}<br><small>{trait.unit} {side} {edge}</small>",
                f"{one.n:,}",
                f"{fine_percent(one.accuracy)} <small>{100 * one.low:.0f} to "
                f"{100 * one.high:.0f}</small>",
                fine_percent(one.elsewhere),
                differs,
            ]
        )
    heads = ("Slice", "Faces", "Accuracy, 95 %", "Elsewhere", "Points")
    return tables.table(heads, rows, "Accuracy by slice")
