"""What a number means, one click away."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from dashboard.shared.widgets.lazy_popover import lazy_popover
from fer_core.analytics.definitions import definition


def definitions(keys: Sequence[str], *, eyes: bool = True) -> None:
    """``eyes`` False: attention and engagement as they were before they knew of eyes."""
    lazy_popover(
        "Definitions",
        icon=":material/help:",
        key="definitions",
        content=partial(_list, keys, eyes),
    )


def _list(keys: Sequence[str], eyes: bool) -> None:
    for key in keys:
        one = definition(key, eyes=eyes)
        mark = " · experimental" if one.experimental else ""
        st.markdown(f"**{one.name}** :gray[{one.label}{mark}]  \n{one.sentence}")
        st.caption(one.how_to_read)
