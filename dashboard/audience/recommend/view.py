"""The page Recommend: what fits a look, what suits an audience, and the catalogue."""

from __future__ import annotations

import streamlit as st

from dashboard.audience.recommend.sources import chosen_look
from dashboard.audience.recommend.titles import titles
from dashboard.audience.recommend.visitor import remember_visitor
from dashboard.shared.assets import text
from dashboard.shared.page import heading, show_errors


def show() -> None:
    st.html(f"<style>{text(__file__, 'recommend.css')}</style>")
    heading(
        "Recommend",
        "What fits this look? From an expression to films, books, songs and games.",
    )
    with show_errors():
        remember_visitor()
        found = chosen_look()
        if found is not None and isinstance(found.look, Look):
            titles(found, found.look)
