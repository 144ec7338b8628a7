"""What did this viewer show, when?"""

from __future__ import annotations

import streamlit as st

from dashboard.audience.session import charts as timeline
from dashboard.audience.session.cached import session_view
from dashboard.audience.session.page import SessionPage, load
from dashboard.audience.session.view import (
    actions,
    emotion_switches,
    facts,
    numbers,
    progress,
    title,
)
from dashboard.navigation import page_of
from dashboard.shared.charts import findings
from dashboard.shared.charts.figure import figure
from dashboard.shared.charts.sparkline import share_strip
from dashboard.shared.page import heading, theme_look
from dashboard.state import app_state


def show(page: SessionPage) -> None:
    title(page)
    actions(page)
    if page.row["status"] in ("running", "queued"):
        progress(page)
    view = session_view(page.session_id, page.stamp)
    if view.empty:
        st.info(page.why_empty, icon=":material/info:")
    else:
        numbers(page, view)
        emotions = emotion_switches()
        drawing = timeline.figure(
            view.seconds,
            view.lanes,
            view.gaps,
            view.shares,
            duration_ms=view.duration_ms,
            emotions=emotions,
            look=theme_look(),
            names=view.names,
        )
        said = findings.session(view.seconds, view.shares, page.name)
        figure(drawing, alt=said, key=f"timeline-{page.session_id}")
        st.subheader("Share of time by expression", anchor=False)
        st.html(share_strip(view.shares))
    facts(page, view)


session_id = st.query_params.get("id", "")
found = load(app_state().store, session_id) if session_id else None
if found is not None:
    show(found)
else:
    heading("This session is not here", "It may have been deleted, or the link is not complete.")
    st.page_link(page_of("sessions"), label="All sessions", icon=":material/arrow_back:")
