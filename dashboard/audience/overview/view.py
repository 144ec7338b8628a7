"""The overview: the store's totals, what is running, the latest sessions."""

from __future__ import annotations

import streamlit as st

from dashboard.audience.sessions import data as sessions
from dashboard.audience.sessions.rows import session_rows
from dashboard.navigation import go, page_of
from dashboard.shared import jobs
from dashboard.shared.empty_state import empty
from dashboard.shared.job_rows import job_rows
from dashboard.shared.page import heading
from dashboard.shared.problems import show_problems
from dashboard.state import app_state
from fer_core.text import count, hours, whole


def show() -> None:
    heading(
        "Overview",
        "What do I have, what is running? Every session in this store, and the work under way.",
    )
    _now()


@st.fragment(run_every=2)
def _now() -> None:
    """Looks again every two seconds: sessions also come from other programs."""
    store = app_state().store
    show_problems(app_state())
    rows, running = sessions.latest(store), jobs.active(store)
    if not rows and not running:
        if empty(
            "Rapt reads from faces how an audience responds, second by second. "
            "Begin with a recording of someone watching.",
            "Add recordings",
            key="first",
        ):
            go("analyze")
        return
    totals = sessions.totals(store)
    with st.container(horizontal=True, key="totals"):
        st.metric("Sessions", f"{totals.sessions:,}", border=True)
        st.metric("Viewers", f"{totals.viewers:,}", border=True)
        st.metric("Footage analysed", hours(totals.analysed_ms), border=True)
        st.metric(
            "Mean engagement",
            whole(totals.engagement),
            border=True,
            help="0 away, 40 watching quietly, 100 watching and moved; weighted by length.",
        )
    if totals.made_up:
        st.caption("Simulated viewers: nobody was filmed.")
    elif totals.simulated:
        st.caption(f"{count(totals.simulated, 'simulated session')} not counted here.")
    if running:
        st.subheader(f"Running and waiting: {len(running)}", anchor=False)
        job_rows(running[:3], pictures=False)
        if len(running) > 3:
            st.page_link(page_of("analyze"), label=f"See all {len(running)} in the queue")
    if rows:
        st.subheader("Latest sessions", anchor=False)
        session_rows(rows)
        st.page_link(page_of("sessions"), label="All sessions", icon=":material/arrow_forward:")
