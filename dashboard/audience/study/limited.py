"""Who may see a study: everybody with an account, or only those who are named here."""

from __future__ import annotations

import streamlit as st

from dashboard.shared.page import notice, show_errors
from dashboard.shared.web.access.identity import may
from dashboard.state import app_state
from fer_core.access.permissions import Action, Role
from fer_core.storage.accounts import LimitStudy


def limited_to(study_id: str) -> None:
    """For whoever manages accounts, where there are any."""
    if not may(Action.MANAGE):
        return
    store = app_state().store
    names = {one.user_id: one.name for one in store.accounts.list() if one.role is not Role.ADMIN}
    people = store.accounts.limits().get(study_id)
    if not names and people is None:
        return
    label = "Everyone" if people is None else "Limited"
    with st.popover(label, icon=":material/lock_person:"), st.form("limits", border=False):
        chosen = st.multiselect(
            "Limited to", list(names), default=[one for one in names if one in (people or ())],
            format_func=lambda one: names[one], placeholder="Everybody with an account",
            help="Admins see every study.",
        )  # fmt: skip
        if st.form_submit_button("Save"):
            with show_errors():
                store.run(LimitStudy(study_id=study_id, user_ids=tuple(chosen)))
                notice("Limited." if chosen else "Everybody with an account sees this study.")
                st.rerun()
