"""What this browser can do with this server, line by line, as it finds out."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.shared.assets import text


def connection(*, token: str, servers: dict[str, Any], key: str = "connection") -> None:
    """Show it; it begins at once with what needs no permission."""
    mount = st.components.v2.component(
        "rapt_connection",
        html=text(__file__, "connection.html"),
        css=text(__file__, "connection.css"),
        js=text(__file__, "connection.js"),
    )
    mount(key=key, data={"url": "/connection-check", "token": token, **servers})
