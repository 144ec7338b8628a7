"""What a number means, one click away."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fer_core.analytics.definitions import DEFINITIONS


def definitions(keys: Sequence[str], *, label: str = "Definitions") -> None:
    with st.container(width="content"):  # a fragment by itself takes all the width there is
        _definitions(keys, label)


@st.fragment
def _definitions(keys: Sequence[str], label: str) -> None:
    # Made when it is opened: thirty sentences that few visits need cost every visit a moment.
    box = st.popover(label, icon=":material/help:", key="definitions", on_change="rerun")
    if not box.open:
        return
    with box:
        for key in keys:
            one = DEFINITIONS[key]
            mark = " · experimental" if one.experimental else ""
            st.markdown(f"**{one.name}** :gray[{one.label}{mark}]  \n{one.sentence}")
            st.caption(one.how_to_read)
