"""A Plotly figure that keeps a person's zoom when its content changes."""

from __future__ import annotations

from typing import Any

import plotly
import plotly.graph_objects as go
import streamlit as st

from dashboard import cache
from dashboard.components.files import text

#: Zoom and save; panning and selecting would only be in the way.
CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "modeBarButtons": [["zoomIn2d", "zoomOut2d", "resetScale2d", "toImage"]],
}


def figure(drawing: go.Figure, *, alt: str, key: str) -> None:
    """Show it; ``alt`` is what a screen reader says instead.

    A zoom stays for as long as the drawing's ``uirevision`` does.
    """
    if not cache.house().served:
        # Without our server (plain ``streamlit run``) there is no route to Plotly's script.
        st.plotly_chart(drawing, key=key, theme=None, config=CONFIG, alt=alt)
        return
    mount = st.components.v2.component(
        "rapt_figure",
        html='<div class="rapt-figure" role="img"></div>',
        js=text("figure/figure.js"),
        isolate_styles=False,  # Plotly puts its style sheet into the page
    )
    mount(
        key=key,
        data={
            "figure": drawing.to_json(),
            "alt": alt,
            "config": CONFIG,
            "plotly": f"/plotly-{plotly.__version__}.min.js",
        },
    )
