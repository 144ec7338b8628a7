"""The live component: consent, camera, picture, numbers and curves, without a rerun of the page.

It talks to routes of the server's own (``services/live_routes.py``): a page that reruns twice
a second would flicker, and the picture would stop each time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent
#: One module for the browser, from files that each hold one thing; ``live`` uses the others.
_SCRIPTS = ("words", "camera", "charts", "live")


def live(data: dict[str, Any], *, key: str) -> None:
    mount = st.components.v2.component(
        "rapt_live",
        html=(_HERE / "live.html").read_text("utf-8"),
        css=(_HERE / "live.css").read_text("utf-8"),
        js="\n".join((_HERE / f"{name}.js").read_text("utf-8") for name in _SCRIPTS),
    )
    mount(key=key, data=data)
