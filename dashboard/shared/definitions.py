"""What a number means, one click away."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from dashboard.shared.lazy_popover import lazy_popover
from fer_core.analytics.definitions import DEFINITIONS


def definitions(keys: Sequence[str]) -> None:
    lazy_popover(
        "Definitions", icon=":material/help:", key="definitions", content=partial(_list, keys)
    )


def _list(keys: Sequence[str]) -> None:
    for key in keys:
        one = DEFINITIONS[key]
        mark = " · experimental" if one.experimental else ""
        st.markdown(f"**{one.name}** :gray[{one.label}{mark}]  \n{one.sentence}")
        st.caption(one.how_to_read)
