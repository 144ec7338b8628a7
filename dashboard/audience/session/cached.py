"""What the session's page keeps between reruns, keyed by the session's stamp."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.audience.session.data import SessionView, shares_of, view
from dashboard.shared.charts import findings
from dashboard.state import app_state
from fer_core.analytics.eyes import viewer_eyes


@st.cache_data(max_entries=24, show_spinner=False)
def session_view(session_id: str, stamp: str) -> SessionView:
    """A session ready to draw; ``stamp`` changes when the session does."""
    return view(app_state().store, session_id)


@st.cache_data(max_entries=100, show_spinner=False)
def session_said(_view: SessionView, session_id: str, stamp: str, name: str) -> str:
    """A session's curves in words; ``stamp`` changes when the session does."""
    return str(findings.session(_view.seconds, _view.shares, name))


@st.cache_data(max_entries=100, show_spinner=False)
def shares_between(session_id: str, stamp: str, from_ms: int, to_ms: int) -> pd.Series:
    """Shares of time by expression of a stretch; ``stamp`` changes when the session does."""
    return shares_of(app_state().store, session_id, from_ms=from_ms, to_ms=to_ms)


@st.cache_data(max_entries=100, show_spinner=False)
def eyes_of(session_id: str, stamp: str) -> pd.DataFrame:
    """A row a viewer, of ``viewer_eyes``; ``stamp`` changes when the session does."""
    columns = ("session_id", "viewer", "second", "blink", "eyes_closed", "eyes_away")
    return viewer_eyes(app_state().store.timeline.seconds(session_id, columns=columns))
