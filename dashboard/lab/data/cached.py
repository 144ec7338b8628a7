"""Sheets of faces, kept between reruns, keyed by the data set's stamp."""

from __future__ import annotations

import streamlit as st

from dashboard.lab.data.faces import faces_of, sheet
from dashboard.state import app_state


@st.cache_data(max_entries=64, show_spinner=False)
def face_sheet(data: str, stamp: str, items: tuple[str, ...]) -> str:
    """Faces of a data set as one picture; ``stamp`` changes when the data set does."""
    return sheet(faces_of(app_state().home, data, items))
