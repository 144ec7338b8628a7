"""All sessions: found by name, study and kind, sorted, a page at a time; several at once."""

from __future__ import annotations

import streamlit as st

from dashboard.audience.sessions import data
from dashboard.audience.sessions.data import Filter
from dashboard.audience.sessions.picked import BOX, actions, picked
from dashboard.audience.sessions.rows import rows_to_pick, session_rows
from dashboard.navigation import go
from dashboard.shared.page import heading
from dashboard.shared.web.access.identity import may
from dashboard.shared.widgets.empty_state import empty
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.analytics.session import FLAGGED_UNDER
from fer_core.text import count, percent

NO_STUDY = "Without a study"
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
    wanted, order = _filters()
    several = may(Action.EDIT) and st.toggle("Select several", key="several", bind="query-params")
    # nothing moves under the hand of whoever is ticking
    st.fragment(_page_of_rows, run_every=None if several else 3)(wanted, order, several=several)


def _filters() -> tuple[Filter, str]:
    """What is listed, and in which order; the address keeps it."""
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
    studies = {one.name: one.study_id for one in app_state().store.studies.list()}
    named = {**studies, NO_STUDY: data.WITHOUT_STUDY}
    left, middle, right = st.columns([2, 1, 1], vertical_alignment="bottom")
    study = left.selectbox(
        "Study", list(named), index=None, placeholder="Any", key="in", bind="query-params"
    )
    kind = middle.selectbox(
        "Kind", list(data.KINDS), index=None, placeholder="Any", key="type", bind="query-params"
    )
    poor = right.toggle(
        "Needs a look",
        key="look",
        bind="query-params",
        help="Failed; a usable face in less than "
        f"{percent(FLAGGED_UNDER)} of the time; or more than {percent(data.LOST_OVER)} of the "
        "frames lost.",
    )
    wanted = Filter(words or "", named.get(study or "", ""), kind or "", bool(poor))
    return wanted, order or "created"


@st.fragment(run_every=3)
def _nothing_yet() -> None:
    """Looks again: a session may come from another program."""
    if data.any_there(app_state().store):
        st.rerun()
    if empty("There are no sessions yet.", "Add recordings", key="first"):
        go("analyze")


def _page_of_rows(wanted: Filter, order: str, *, several: bool) -> None:
    store = app_state().store
    number = int(st.session_state.get("page_number", 1))
    rows, found = data.page(store, wanted, sort=order, number=number)
    pages = max(1, -(-found // data.PAGE))
    if not rows and number > 1:
        st.session_state["page_number"] = 1
        st.rerun(scope="fragment")
    if not found:
        st.info(_nothing_found(wanted))
        return
    st.caption(count(found, "session"))
    if several:
        shown = [row.session_id for row in rows]
        chosen = picked(shown)
        actions(chosen, shown)
        rows_to_pick(rows, chosen, BOX)
    else:
        session_rows(rows)
    if pages > 1:
        with st.container(horizontal=True, horizontal_alignment="center"):
            _turn("Newer" if order == "created" else "Back", number - 1, number > 1)
            st.markdown(f"Page {number} of {pages}")
            _turn("Older" if order == "created" else "Next", number + 1, number < pages)


def _nothing_found(wanted: Filter) -> str:
    if wanted.search and wanted == Filter(wanted.search):
        return f"No session has «{wanted.search}» in its name, respondent, tags or file."
    if wanted == Filter(poor=True):
        return "No session needs a look."
    return "No session is all of that. Take one of the filters away."


def _turn(label: str, number: int, there: bool) -> None:
    if st.button(label, disabled=not there, key=f"turn-{label}"):
        st.session_state["page_number"] = number
        st.rerun(scope="fragment")
