"""Popovers whose content is made when they are opened: a closed one costs a page nothing."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st


def lazy_popover(label: str, *, icon: str, key: str, content: Callable[[], None]) -> None:
    """Show it; ``content`` draws what is in it, and runs again by itself."""
    with st.container(width="content"):  # a fragment by itself takes all the width there is
        _popover(label, icon, key, content)


@st.fragment
def _popover(label: str, icon: str, key: str, content: Callable[[], None]) -> None:
    box = st.popover(label, icon=icon, key=key, on_change="rerun")
    if box.open:
        with box:
            content()
