"""The overview: the store's totals, what is running, the latest sessions by study."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.audience.sessions.cached import overview
from dashboard.audience.sessions.data import Row, Totals
from dashboard.audience.sessions.rows import session_rows
from dashboard.navigation import go, page_of
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import heading
from dashboard.shared.problems import show_problems
from dashboard.shared.queue.batch_rows import batch_rows
from dashboard.shared.queue.batches import board
from dashboard.shared.queue.job_rows import job_rows
from dashboard.shared.widgets.empty_state import empty
from dashboard.state import app_state
from fer_core.text import count, hours, shorten

#: Jobs that are shown one by one.
MOST_JOBS = 3


def show() -> None:
    heading(
        "Overview",
        "What do I have, what is running? Every session in this store, and the work under way.",
    )
    _now()


@st.fragment(run_every=5)
def _now() -> None:
    """Looks again every five seconds: sessions also come from other programs."""
    store = app_state().store
    show_problems(app_state())
    queue = board(store)
    totals, groups = overview()
    if not groups and not queue.count:
        if empty(
            "Rapt reads from faces how an audience responds, second by second. "
            "Begin with a recording of someone watching.",
            "Add recordings",
            key="first",
        ):
            go("analyze")
        return
    _totals(totals)
    if queue.count:
        st.fragment(_running, run_every=2)()
    for rows in groups.values():
        _group(rows)
    _simulated(totals)
    if groups:
        st.page_link(page_of("sessions"), label="All sessions", icon=":material/arrow_forward:")


def _totals(totals: Totals) -> None:
    with st.container(horizontal=True, key="totals"):
        st.metric("Sessions", f"{totals.sessions:,}", border=True)
        st.metric("Viewers", f"{totals.viewers:,}", border=True)
        st.metric("Footage analysed", hours(totals.analysed_ms), border=True)
        st.metric(
            "Needs a look",
            f"{totals.poor:,}",
            border=True,
            help="Sessions that failed, lost frames, or show a usable face in too little of "
            "their time.",
        )
    if totals.poor:
        st.page_link(
            page_of("sessions"),
            label="See the session that needs a look"
            if totals.poor == 1
            else f"See the {totals.poor:,} that need a look",
            icon=":material/arrow_forward:",
            query_params={"look": "true"},
        )


def _running() -> None:
    """What moves while it is looked at, apart from what seldom changes."""
    queue = board(app_state().store)
    if not queue.count:
        return
    st.subheader(f"Running and waiting: {queue.count}", anchor=False)
    batch_rows(queue.under_way, pictures=False)
    job_rows(queue.waiting[:MOST_JOBS], pictures=False)
    if len(queue.waiting) > MOST_JOBS:
        st.page_link(page_of("analyze"), label=f"See all {queue.count} in the queue")


def _group(rows: Sequence[Row]) -> None:
    """The latest sessions of one study, or of those that belong to none."""
    first = rows[0]
    with st.container(horizontal=True, vertical_alignment="center", key=f"of-{first.study_id}"):
        name = escape_markdown(shorten(first.study, 60)) if first.study else "Without a study"
        st.subheader(name, anchor=False, width="content")
        st.caption(count(first.of_study, "session"), width="content")
        if first.study_id:
            st.page_link(
                page_of("study"),
                label="Open the study",
                icon=":material/arrow_forward:",
                query_params={"id": first.study_id},
            )
    session_rows(rows, pictures=True, studies=False)


def _simulated(totals: Totals) -> None:
    """One row for all that nobody was filmed for, unless there is nothing else."""
    if totals.made_up:
        st.caption("Simulated viewers: nobody was filmed.")
    elif totals.simulated:
        st.page_link(
            page_of("sessions"),
            label=f"{count(totals.simulated, 'simulated session')}, not counted here",
            icon=":material/smart_toy:",
            query_params={"type": "Simulated"},
        )
