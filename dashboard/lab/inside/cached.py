"""Faces found in photographs and recordings, kept in memory between reruns."""

from __future__ import annotations

import streamlit as st

from dashboard.lab.inside.faces import Face, from_photograph, from_recording
from dashboard.state import app_state


@st.cache_data(max_entries=24, show_spinner="Looking for faces")
def faces_of(_content: bytes, digest: str, name: str) -> list[Face]:
    """The faces of a photograph; ``digest`` stands for its content."""
    return from_photograph(app_state().home, _content, name)


@st.cache_data(max_entries=24, show_spinner="Looking for faces")
def faces_at(session_id: str, path: str, t_ms: int) -> list[Face]:
    """The faces in a recording at a moment."""
    state = app_state()
    return from_recording(state.home, state.store, session_id, path, t_ms)
