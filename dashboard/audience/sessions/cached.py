"""Small curves of sessions, kept between reruns one by one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

import streamlit as st

from dashboard.audience.sessions.data import small_curves
from dashboard.shared.charts.sparkline import sparkline
from dashboard.state import app_state
from fer_core.palette import theme_named

MOST_SPARKLINES = 2000


@st.cache_resource(show_spinner=False)
def _kept() -> OrderedDict[tuple[str, str, str], str]:
    return OrderedDict()


def sparklines(stamps: Mapping[str, str], theme: str) -> dict[str, str]:
    """The small curves of sessions by id, as SVG; '' where nothing is known yet.

    Kept one by one, but read together: a query for each would be most of the page's time.
    """
    kept = _kept()
    found = {one: kept.get((one, stamp, theme)) for one, stamp in stamps.items()}
    missing = [one for one, drawn in found.items() if drawn is None]
    curves = small_curves(app_state().store, missing)
    for one in missing:
        found[one] = sparkline(curves[one], theme_named(theme)) if one in curves else ""
        kept[one, stamps[one], theme] = str(found[one])
    while len(kept) > MOST_SPARKLINES:
        kept.popitem(last=False)
    return {one: drawn or "" for one, drawn in found.items()}
