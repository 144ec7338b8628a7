"""All sessions: found by name, sorted, a page at a time."""

from __future__ import annotations

import streamlit as st

from dashboard.audience.sessions import data
from dashboard.audience.sessions.rows import session_rows
from dashboard.navigation import go
from dashboard.shared.empty_state import empty
from dashboard.shared.page import heading
from dashboard.state import app_state
from fer_core.text import count

SORTS = {
    "created": "Newest first",
    "name": "Name",
    "engagement": "Engagement",
    "quality": "Quality",
    "duration": "Length",
}


def show() -> None:
    heading(
        "Sessions",
        "What did each viewer show, and when? Everything that was analysed here.",
    )
    if not data.any_there(app_state().store):
        _nothing_yet()
        return
    search, sort = st.columns([3, 1])
    words = search.text_input(
        "Find a session",
        placeholder="Name, respondent, tag or file",
        key="find",
        bind="query-params",
    )
    order = sort.selectbox(
        "Sort by", list(SORTS), format_func=lambda key: SORTS[key], key="sort", bind="query-params"
    )
    _page_of_rows(words or "", order or "created")


@st.fragment(run_every=3)
def _nothing_yet() -> None:
    """Looks again: a session may come from another program."""
    if data.any_there(app_state().store):
        st.rerun()
    if empty("There are no sessions yet.", "Add recordings", key="first"):
        go("analyze")


@st.fragment(run_every=3)
def _page_of_rows(words: str, order: str) -> None:
    store = app_state().store
    number = int(st.session_state.get("page_number", 1))
    rows, found = data.page(store, search=words, sort=order, number=number)
    pages = max(1, -(-found // data.PAGE))
    if not rows and number > 1:
        st.session_state["page_number"] = 1
        st.rerun(scope="fragment")
    if not found:
        st.info(f"No session has «{words}» in its name, respondent, tags or file.")
        return
    st.caption(count(found, "session"))
    session_rows(rows)
    if pages > 1:
        with st.container(horizontal=True, horizontal_alignment="center"):
            _turn("Newer" if order == "created" else "Back", number - 1, number > 1)
            st.markdown(f"Page {number} of {pages}")
            _turn("Older" if order == "created" else "Next", number + 1, number < pages)


def _turn(label: str, number: int, there: bool) -> None:
    if st.button(label, disabled=not there, key=f"turn-{label}"):
        st.session_state["page_number"] = number
        st.rerun(scope="fragment")
