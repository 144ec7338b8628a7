"""A Plotly figure that keeps a person's zoom when its content changes."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Final

import plotly
import plotly.graph_objects as go
import plotly.io
import streamlit as st

from dashboard.shared.widgets.component import component
from dashboard.state import app_state

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

#: Zoom and save; panning and selecting would only be in the way.
CONFIG: dict[str, object] = {
    "displaylogo": False,
    "modeBarButtons": [["zoomIn2d", "zoomOut2d", "resetScale2d", "toImage"]],
}
PLOTLY: Final = f"/plotly-{plotly.__version__}.min.js"
STILL: dict[str, object] = {"displayModeBar": False}


def figure(
    drawing: go.Figure | str,
    *,
    alt: str,
    key: str,
    config: dict[str, object] = CONFIG,
    clicks: bool = False,
    zooms: bool = False,
) -> str | None:
    """Show it; ``alt`` is what a screen reader says instead. A figure may come as its JSON.

    A zoom stays for as long as the drawing's ``uirevision`` does. With ``clicks`` the answer
    is the place on the time axis that was clicked last; with ``zooms`` a zoom is told to
    ``zoomed``.
    """
    if not app_state().served:
        # Without our server (plain ``streamlit run``) there is no route to Plotly's script.
        shown = plotly.io.from_json(drawing) if isinstance(drawing, str) else drawing
        if not clicks:
            st.plotly_chart(shown, key=key, theme=None, config=config, alt=alt)
            return None
        picked = st.plotly_chart(
            shown, key=key, theme=None, config=config, on_select="rerun",
            selection_mode="points", alt=alt,
        )  # fmt: skip
        points = picked["selection"]["points"]
        return str(points[0]["x"]) if points else None
    result = _mount()(
        key=key,
        data={
            "figure": drawing if isinstance(drawing, str) else drawing.to_json(),
            "alt": alt,
            "config": config,
            "plotly": PLOTLY,
            "clicks": clicks,
            "zooms": zooms,
        },
        on_clicked_change=lambda: None,
        on_range_change=lambda: None,
    )
    return result.clicked if clicks and isinstance(result.clicked, str) else None


def expect_figure() -> None:
    """Let the browser load what draws figures, while the first of a page is still worked out."""
    if app_state().served:
        with st.container(key="expected-figure"):
            _mount()(key="expected", data={"figure": "", "plotly": PLOTLY})


def _mount() -> ComponentRenderer:
    return component(
        __file__,
        "figure",
        html='<div class="rapt-chart"><button type="button" class="rapt-reset" hidden>'
        'Reset zoom</button><div class="rapt-figure" role="figure" tabindex="-1"></div></div>',
        isolate_styles=False,  # Plotly puts its style sheet into the page
    )


def zoomed(key: str) -> tuple[int, int] | None:
    """The stretch of time that a figure shows, in ms; None for all of it."""
    state = st.session_state.get(key)
    ends = None if state is None else state.get("range")
    return None if not isinstance(ends, list) or len(ends) != 2 else (int(ends[0]), int(ends[1]))


@st.cache_data(max_entries=200, show_spinner=False)
def figure_json(_make: Callable[[], go.Figure], *key: Hashable) -> str:
    """A figure as the browser takes it, kept between reruns; ``key`` is all it depends on."""
    return str(_make().to_json())
