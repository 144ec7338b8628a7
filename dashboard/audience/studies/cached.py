"""The numbers of all studies, kept between reruns while the store stays as it is."""

from __future__ import annotations

import streamlit as st

from dashboard.audience.studies import data
from dashboard.state import app_state
from fer_core.studies.headlines import Headline


def headlines() -> dict[str, Headline]:
    """Each study's numbers by its id; read again only when the store has changed."""
    store = app_state().store
    return _headlines(store.stamp) if store.stamp else data.headlines(store)


@st.cache_data(max_entries=4, show_spinner=False)
def _headlines(stamp: str) -> dict[str, Headline]:
    return data.headlines(app_state().store)
