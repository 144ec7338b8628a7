"""The player: film, faces and curve under one clock. The film comes by ranges from the disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.audience.replay.payload import PlayerData
from dashboard.shared.widgets.component import component


def replay(
    data: PlayerData, *, key: str, on_asks: Callable[[], None], on_viewer: Callable[[], None]
) -> None:
    """Show it. What the player asks (markers, corrections, a viewer) lies under ``key``."""
    component(__file__, "replay")(
        key=key, data=data, on_asks_change=on_asks, on_viewer_change=on_viewer
    )


def asked(key: str, what: str) -> Any:
    """What the player asked for in this run; None where it asked nothing."""
    state = st.session_state.get(key)
    return None if state is None else state.get(what)
