"""Who can reach the links that are given away, said beside them."""

from __future__ import annotations

import streamlit as st

from dashboard.camera.respondents.data import BaseAddress


def reach_note(address: BaseAddress, who: str) -> None:
    """``who`` opens the links: «Respondents», «Readers». Nothing where all is as it should be."""
    if not address.outside:
        st.info(
            f"Links begin with {address.url}: they open on this machine only. "
            "For other devices start Rapt with `rapt serve --tls --respondents 8600`.",
            icon=":material/info:",
        )
    elif not address.alone:
        st.info(
            f"{who} reach the same address as this dashboard. Give them one that shows "
            "nothing else: `rapt serve --tls --respondents 8600`.",
            icon=":material/shield:",
        )
