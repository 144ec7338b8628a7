"""The page Recommend: what fits a look, what suits an audience, and the catalogue."""

from __future__ import annotations

import streamlit as st

from dashboard.audience.recommend.catalogue import catalogue
from dashboard.audience.recommend.creatives import creatives
from dashboard.audience.recommend.sources import chosen_look
from dashboard.audience.recommend.titles import titles
from dashboard.audience.recommend.visitor import remember_visitor
from dashboard.shared.assets import text
from dashboard.shared.page import heading, show_errors
from fer_core.recommend.look import Look

LOOK, AUDIENCE, CATALOGUE = VIEWS = ("For a look", "For an audience", "Catalogue")


def show() -> None:
    st.html(f"<style>{text(__file__, 'recommend.css')}</style>")
    heading("Recommend", "What fits this look, and which creative suits this audience?")
    view = st.segmented_control(
        "View", VIEWS, default=LOOK, key="view", bind="query-params", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    with show_errors():
        if view == AUDIENCE:
            creatives()
        elif view == CATALOGUE:
            catalogue()
        else:
            _for_a_look()


def _for_a_look() -> None:
    remember_visitor()
    found = chosen_look()
    if found is not None and isinstance(found.look, Look):
        titles(found, found.look)
