"""What a dialog asks before something is removed for good."""

from __future__ import annotations

import streamlit as st


def confirmed(text: str, *, yes: str, no: str = "Keep it", key: str | None = None) -> bool:
    """Markdown that says what goes, and two buttons; True when ``yes`` was pressed.

    The dialog closes when ``no`` is pressed. ``key`` names the button ``yes``.
    """
    st.markdown(text)
    with st.container(horizontal=True, horizontal_alignment="right"):
        keep = st.button(no)
        remove = st.button(yes, type="primary", key=key)
    if keep:
        st.rerun()
    return remove
