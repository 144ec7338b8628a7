"""Who looks at a page: shown in the side bar, and written down where it shows somebody."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import Final

import streamlit as st

from dashboard.shared.web.access import identity
from dashboard.state import AppState
from fer_core.access.audit import Deed
from fer_core.access.permissions import Identity
from fer_core.errors import RaptError

_THERE: Final = (
    "SELECT (SELECT count(*) FROM sessions WHERE session_id = $id)"
    " + (SELECT count(*) FROM studies WHERE study_id = $id) AS n"
)


def whoever() -> Identity | None:
    """Who looks at the page; None where that cannot be known, which the page then says."""
    try:
        return identity.current()
    except RaptError:
        return None


def show_account(who: Identity) -> None:
    """Who is logged in, in the side bar, with the way to log out."""
    if who.has_account:
        st.sidebar.html(
            f'<a class="rapt-account" href="/account" target="_self"><b>{escape(who.name)}</b>'
            f"<span>{escape(who.role)} · Log out</span></a>"
        )


def note_visit(state: AppState, who: Identity, page: str, parameter: str) -> None:
    """Write down that ``who`` saw what the page's parameter names, if they did."""
    subject = st.query_params.get(parameter, "") if parameter else ""
    if subject:
        state.audit.note(who, Deed.SAW, page, subject, there=partial(_is_there, state, subject))


def _is_there(state: AppState, subject: str) -> bool:
    """Whether whoever asks sees a session or a study of this id."""
    found = state.store.frame(_THERE, {"id": subject})
    return bool(found["n"].iloc[0])
