"""How often a model is right on dark, blurred or otherwise hard pictures, slice by slice."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.lab.data.faces import data_stamp
from dashboard.lab.models.figures import Figures
from dashboard.navigation import go
from dashboard.shared.charts import tables
from dashboard.shared.page import show_errors
from dashboard.state import app_state
from fer_core.errors import DataError
from fer_core.evaluation import slices
from fer_core.evaluation.review import data_set_place
from fer_core.evaluation.slices import FEWEST, SliceScore
from fer_core.home import Home
from fer_core.jobs import face_cache
from fer_core.sentences import Finding, Template
from fer_core.storage import Store
from fer_core.text import fine_percent, percent, signed
from fer_core.types import Bytes

#: An evaluation's answers that are read at once, at most.
MOST_ANSWERS: Final = 1_000_000
WORST = Template(
    "slices.worst", "On the tenth {name} it is right on {share} of faces, elsewhere on {rest}"
)
NONE = Template("slices.none", "On none of {all} slices is it clearly less often right")
HOW = (
    "Each slice is the tenth of these faces in which a trait of the picture is strongest; the "
    "range is a 95 % interval, bold where the accuracy elsewhere lies outside it. The faces come "
    "cut out and scaled, so their size and turn are not known"
)


def evaluated(home: Home, store: Store, figures: Figures) -> tuple[Bytes, pd.DataFrame]:
    """The faces that were evaluated (n, h, w), and the answers to them in the same order."""
    assert figures.evaluation_id is not None
    images, _ = face_cache.load_faces(home, figures.data, figures.split)
    answers = store.evaluations.predictions(figures.evaluation_id, sort="item", limit=MOST_ANSWERS)
    rows = np.array([data_set_place(item)[1] for item in answers["item"]], np.int64)
    if len(rows) and rows.max() >= len(images):
        raise DataError("The data set was changed since.", "Evaluate the model on it again.")
    return np.asarray(images[rows], np.uint8), answers


def slice_scores(home: Home, store: Store, figures: Figures) -> list[SliceScore]:
    """How often the model is right in each slice, the worst first."""
    images, answers = evaluated(home, store, figures)
    right = (answers["truth"] == answers["guess"]).to_numpy(bool)
    found = slices.scores(slices.slices(images), right)
    return sorted(found, key=lambda one: one.accuracy)


def in_slice(home: Home, store: Store, figures: Figures, key: str) -> set[str]:
    """The faces of one slice."""
    slices.trait_called(key)
    images, answers = evaluated(home, store, figures)
    for one in slices.slices(images):
        if one.trait.key == key:
            return set(answers["item"][one.members])
    raise DataError("These are too few faces for slices.", f"It takes {FEWEST}.")


def slices_said(found: list[SliceScore]) -> Finding:
    """The slice on which the model is clearly worst."""
    worse = [one for one in found if one.differs and one.accuracy < one.elsewhere]
    if not worse:
        return NONE(all=len(found))
    worst = min(worse, key=lambda one: one.accuracy)
    return WORST(
        name=worst.slice.trait.name,
        share=percent(worst.accuracy),
        rest=percent(worst.elsewhere),
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
