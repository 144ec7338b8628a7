"""Pages without content: nothing made yet, or the one that was asked for is not here."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard.navigation import page_of
from dashboard.shared.charts.sparkline import picture
from dashboard.shared.page import current_theme, heading

_CURVE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 84">'
    '<path d="M6 52c20 0 24-20 42-20 16 0 18 14 32 14 24 0 26-34 56-34 26 0 30 22 58 22" '
    'fill="none" stroke="{ink}" stroke-width="3" stroke-linecap="round"/>'
    '<rect x="6" y="68" width="46" height="8" rx="2" fill="#8C8C8C"/>'
    '<rect x="54" y="68" width="30" height="8" rx="2" fill="#56B4E9"/>'
    '<rect x="86" y="68" width="62" height="8" rx="2" fill="#E69F00"/>'
    '<rect x="150" y="68" width="44" height="8" rx="2" fill="#8C8C8C"/></svg>'
)


def empty(sentence: str, button: str, *, key: str) -> bool:
    """One sentence and one button to begin with; True when the button was pressed."""
    curve = picture(_CURVE.format(ink=current_theme().ink), "rapt-drawing")
    st.html(f'<div class="rapt-empty">{curve}<p>{escape(sentence)}</p></div>')
    with st.container(horizontal=True, horizontal_alignment="center"):
        return st.button(button, type="primary", key=key)


def not_here(what: str, overview: str, *, gone: str = "deleted") -> None:
    """The page's subject (a session, a study, …) is missing: lead back to the page of them all."""
    heading(f"This {what} is not here", f"It may have been {gone}, or the link is not complete.")
    st.page_link(page_of(overview), label=f"All {overview}", icon=":material/arrow_back:")
