"""The map of faces on the page Mistakes: laid out by PCA, by UMAP where that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from dashboard.lab.mistakes import places
from dashboard.lab.mistakes.face_map import drawn, face_map
from dashboard.lab.models import evaluations
from dashboard.lab.models.figures import Figures
from dashboard.navigation import go
from dashboard.shared.charts import tables
from dashboard.shared.page import notice, show_errors
from dashboard.shared.web.access.identity import may
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.evaluation import umap_plane
from fer_core.evaluation.face_map import Area, FaceMap, Layout
from fer_core.jobs.evaluation import enqueue_map
from fer_core.sentences import Label
from fer_core.text import about, count, percent

MAP = Label("Faces that the model finds alike stand close together")
NONE: Final = (
    "There is no map of these faces yet. Evaluate the model on them again, with «Find the nearest "
    "training faces too»."
)


def show_map(figures: Figures) -> None:
    """The map of all evaluated faces; what is drawn around opens in the gallery."""
    state = app_state()
    with show_errors():
        there = places.maps(state.home, figures)
        if not there:
            st.caption(NONE)
            return
        layout = _layout(list(there))
        if Layout.UMAP not in there and may(Action.EDIT):
            _offer_umap(figures)
        key = f"face-map-{layout}"
        corners = drawn(key)
        if corners is not None:
            here, area = figures.evaluation_id or "", str(Area(corners, layout))
            go("mistakes", evaluation=here, view="Faces", area=area, layout=layout)
        st.html(tables.finding(MAP, _how(there[layout], layout)))
        face_map(places.on_map(state.store, figures, there[layout]), key=key)


def _layout(there: Sequence[Layout]) -> Layout:
    """Which of the layouts that are there is shown; the address says it."""
    asked = st.query_params.get("layout")
    shown = next((layout for layout in there if layout == asked), there[0])
    if len(there) < 2:
        return shown
    chosen = st.segmented_control(
        "Laid out by", there, default=shown, key="layout", format_func=str.upper,
        required=True,
    )  # fmt: skip
    shown = chosen or shown
    st.query_params["layout"] = shown
    return shown


def _offer_umap(figures: Figures) -> None:
    """A button that queues it, or what is missing."""
    state = app_state()
    if not umap_plane.is_installed():
        st.caption(
            f"UMAP, which keeps more of who is whose neighbour, is an extra: `{umap_plane.INSTALL}`"
        )
        return
    n = figures.scores.n
    waits = any(
        one.active and one.of == figures.evaluation_id for one in evaluations.shown(state.store)
    )
    if waits or n < umap_plane.FEWEST:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button("Lay out by UMAP", icon=":material/scatter_plot:")
        st.caption(
            "Keeps more of who is whose neighbour; "
            f"{about(umap_plane.seconds(n))} for {count(n, 'face')}, in the queue."
        )
    if pressed:
        enqueue_map(state.store, figures.evaluation_id or "")
        st.query_params["layout"] = Layout.UMAP  # shown as soon as it is there
        notice("Queued. The choice stands here when it is done.")
        st.rerun()


def _how(found: FaceMap, layout: Layout) -> str:
    """How to read the map."""
    if layout is Layout.PCA:
        return (
            "By the features that its last layer is given, on their first two principal "
            f"components, which show {percent(found.kept)} of their variance. Draw around some to "
            "open them"
        )
    return (
        "By the features that its last layer is given, laid out by UMAP. Neighbourhoods hold best: "
        f"of a face's {umap_plane.NEIGHBOURS} nearest, {percent(found.kept)} are among its nearest "
        "here. How far apart groups lie, or how wide they are, says nothing. Draw around some to "
        "open them"
    )
