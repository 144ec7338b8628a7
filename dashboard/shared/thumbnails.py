"""First pictures of recordings, kept in memory between reruns and never on disk."""

from __future__ import annotations

import base64
from pathlib import Path

import streamlit as st

from dashboard.shared.pictures import Pictures
from dashboard.state import app_state
from fer_core.errors import RaptError

_NO_PICTURE = '<div class="rapt-thumb"></div>'


@st.cache_data(max_entries=400, show_spinner=False)
def thumbnail(path: str, changed: float, width: int = 160) -> str:
    """A recording's first picture as a data link, ``width`` pixels wide; '' where there is none."""
    try:
        jpeg = app_state().service(Pictures).thumbnail(path, width=width)
    except RaptError:
        return ""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()


def picture_of(path: str) -> str:
    """A recording's first picture as HTML; an empty frame where there is none."""
    try:
        link = thumbnail(path, Path(path).stat().st_mtime) if path else ""
    except OSError:
        link = ""
    return f'<img class="rapt-thumb" src="{link}" alt="">' if link else _NO_PICTURE
