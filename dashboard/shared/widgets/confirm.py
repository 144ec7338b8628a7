"""What a dialog asks before something is removed for good."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dashboard.shared.widgets.component import component

#: Whoever deletes a session or a study is told where it still lies.
STAYS_IN_BACKUPS: Final = (
    "Backups hold it until newer ones take their place; *Forget for good* clears those too."
)


def confirmed(
    text: str, *, yes: str, no: str = "Keep it", removes: bool = True, key: str = "confirm-yes"
) -> bool:
    """Markdown that says what goes, and two buttons; True when ``yes`` was pressed.

    The dialog closes when ``no`` is pressed, which has the focus; ``yes`` is red where it
    ``removes`` something, and is named by ``key``.
    """
    st.markdown(text)
    with st.container(horizontal=True, horizontal_alignment="right"):
        keep = st.button(no, key="confirm-no")
        with st.container(key="confirm-removal" if removes else "confirm", width="content"):
            remove = st.button(yes, type="primary", key=key)
    component(__file__, "focus", html="<span></span>")(data={"on": ".st-key-confirm-no button"})
    if keep:
        st.rerun()
    return remove
