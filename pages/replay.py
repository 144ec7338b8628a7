"""Show me."""

from __future__ import annotations

import streamlit as st

from dashboard.audience.replay.view import open_replay, player, start_ms, title
from dashboard.navigation import page_of
from dashboard.shared.page import heading

page = open_replay(st.query_params.get("session", ""))
if page is not None:
    title(page)
    player(page, start_ms(st.query_params.get("t")))
else:
    heading("This session is not here", "It may have been deleted, or the link is not complete.")
    st.page_link(page_of("sessions"), label="All sessions", icon=":material/arrow_back:")
