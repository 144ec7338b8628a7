"""The anonymous number of a browser: what answers are kept under, and deleted with."""

from __future__ import annotations

import re

import streamlit as st

from dashboard.shared.widgets.component import component
from fer_core.storage import new_id

_NOW, _GONE = "recommend-visitor", "recommend-visitors-gone"
_VISITOR = re.compile(r"n[0-9a-z]{12}")


def visitor() -> str:
    """This browser's number; the browser remembers it until its answers are deleted."""
    found: str = st.session_state.setdefault(_NOW, new_id("visitor"))
    return found


def remember_visitor() -> None:
    """Take the number that this browser had at an earlier visit; else it remembers this one."""
    mount = component(__file__, "visitor", html="<div></div>")
    earlier = mount(
        key="visitor", data={"visitor": visitor()}, on_earlier_change=lambda: None
    ).earlier
    gone = st.session_state.setdefault(_GONE, set())
    if isinstance(earlier, str) and _VISITOR.fullmatch(earlier) and earlier not in gone:
        st.session_state[_NOW] = earlier


def forget_visitor() -> None:
    """What follows belongs to a new number."""
    st.session_state.setdefault(_GONE, set()).add(visitor())
    st.session_state[_NOW] = new_id("visitor")
