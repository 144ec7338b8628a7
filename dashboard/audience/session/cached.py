"""What the session's page keeps between reruns, keyed by the session's stamp."""

from __future__ import annotations

import streamlit as st

from dashboard.audience.session.data import SessionView, view
from dashboard.state import app_state


@st.cache_data(max_entries=24, show_spinner=False)
def session_view(session_id: str, stamp: str) -> SessionView:
    """A session ready to draw; ``stamp`` changes when the session does."""
    return view(app_state().store, session_id)
