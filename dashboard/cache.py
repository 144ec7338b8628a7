"""What is kept between reruns: the only ``cache_resource`` and ``cache_data``.

Everything is keyed by what it depends on, so nothing has to be cleared by hand: a session
that changed has another stamp.
"""

from __future__ import annotations

import base64

import streamlit as st

from dashboard.charts.palette import look
from dashboard.charts.small import sparkline
from dashboard.services import session_view, sessions
from dashboard.services.house import House, open_house
from fer_core.errors import RaptError


@st.cache_resource(show_spinner=False)
def house() -> House:
    """The process's house; the server has opened it already."""
    return open_house()


@st.cache_data(max_entries=24, show_spinner=False)
def view(session_id: str, stamp: str) -> session_view.SessionView:
    """A session ready to draw; ``stamp`` changes when the session does."""
    store = house().store
    row = store.session(session_id)
    running = row["status"] == "running"
    return session_view.view(
        store.timeline(session_id, edited=True),
        store.frames(session_id),
        store.seconds(session_id),
        length_ms=int((row["info"] or {}).get("duration_ms") or 0) if running else 0,
        offset_ms=int(row["offset_ms"] or 0),
    )


@st.cache_data(max_entries=2000, show_spinner=False)
def spark(session_id: str, stamp: str, theme: str) -> str:
    """A session's small curve; '' where nothing is known yet."""
    curve = sessions.small_curves(house().store, [session_id]).get(session_id)
    return "" if curve is None else sparkline(curve, look(theme))


@st.cache_data(max_entries=400, show_spinner=False)
def thumbnail(path: str, changed: float) -> str:
    """A recording's first picture as a data link; '' where there is none. Never on disk."""
    from fer_core.video import thumbnail as picture

    try:
        jpeg = picture(path, width=160)
    except RaptError:
        return ""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()
