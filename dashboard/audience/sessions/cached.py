"""What the overview shows of the sessions, and their small curves, kept between reruns."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

import streamlit as st

from dashboard.audience.sessions import data
from dashboard.audience.sessions.data import Row, Totals, small_curves
from dashboard.shared.charts.sparkline import sparkline
from dashboard.state import app_state
from fer_core.palette import theme_named
from fer_core.storage import Store

MOST_SPARKLINES = 2000


def overview() -> tuple[Totals, dict[str, list[Row]]]:
    """The totals, and the latest sessions by study: read again once the store has changed."""
    store = app_state().store
    return _overview(store.stamp) if store.stamp else _read_overview(store)


@st.cache_resource(show_spinner=False, max_entries=20)
def _overview(stamp: str) -> tuple[Totals, dict[str, list[Row]]]:
    return _read_overview(app_state().store)


def _read_overview(store: Store) -> tuple[Totals, dict[str, list[Row]]]:
    totals = data.totals(store)
    return totals, data.latest(store, simulated=totals.made_up)


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
