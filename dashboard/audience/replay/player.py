"""The player: film, faces and curve under one clock. The film comes by ranges from the disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent
#: One module for the browser, from files that each hold one thing; ``replay`` uses the others.
_SCRIPTS = ("clock", "curve", "overlay", "marks", "replay")


def replay(data: dict[str, Any], *, key: str, on_asks: Callable[[], None]) -> None:
    """Show it. What the player asks (markers) lies in the session state under ``key``."""
    mount = st.components.v2.component(
        "rapt_replay",
        html=(_HERE / "replay.html").read_text("utf-8"),
        css=(_HERE / "replay.css").read_text("utf-8"),
        js="\n".join((_HERE / f"{name}.js").read_text("utf-8") for name in _SCRIPTS),
    )
    mount(key=key, data=data, on_asks_change=on_asks)


def asked(key: str) -> Any:
    """What the player asked for in this run; None where it asked nothing."""
    state = st.session_state.get(key)
    return None if state is None else state.get("asks")
