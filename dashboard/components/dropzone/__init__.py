"""The drop zone: many files, sent to the app's own upload route, never through Streamlit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent


def dropzone(
    *, token: str, limit: int, hint: str, options: dict[str, Any], key: str = "dropzone"
) -> dict[str, Any] | None:
    """Show it. The answer is what the server said of a file that has just arrived."""
    mount = st.components.v2.component(
        "rapt_dropzone",
        html=(_HERE / "dropzone.html").read_text("utf-8"),
        css=(_HERE / "dropzone.css").read_text("utf-8"),
        js=(_HERE / "dropzone.js").read_text("utf-8"),
    )
    result = mount(
        key=key,
        data={"url": "/upload", "token": token, "limit": limit, "hint": hint, "options": options},
        on_arrived_change=lambda: None,
    )
    arrived = result.arrived
    return arrived if isinstance(arrived, dict) else None
