"""A button that hands out a file: for those who may export, and each file is written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.shared.web.access.identity import current, may
from dashboard.state import app_state
from fer_core.access.audit import Deed
from fer_core.access.permissions import Action


def download_button(
    label: str,
    *,
    data: Callable[[], bytes | str],
    file_name: str,
    mime: str,
    of: tuple[str, str],
    **more: Any,
) -> None:
    """Made when it is pressed. ``of``: what it is a file of, such as ``("session", id)``.

    Nothing is shown to whoever may not export.
    """
    if not may(Action.EXPORT):
        return
    state, who = app_state(), current()
    kind, subject = of

    def make() -> bytes | str:
        content = data()
        state.audit.note(who, Deed.EXPORTED, kind, subject, file_name.rpartition(".")[2])
        return content

    st.download_button(label, data=make, file_name=file_name, mime=mime, on_click="ignore", **more)
