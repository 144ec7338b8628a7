"""Empty is a beginning: one sentence and one button."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard.shared.charts.sparkline import picture
from dashboard.shared.page import theme_look

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
    """Show it; True when the button was pressed."""
    curve = picture(_CURVE.format(ink=theme_look().ink), "rapt-drawing")
    st.html(f'<div class="rapt-empty">{curve}<p>{escape(sentence)}</p></div>')
    with st.container(horizontal=True, horizontal_alignment="center"):
        return st.button(button, type="primary", key=key)
