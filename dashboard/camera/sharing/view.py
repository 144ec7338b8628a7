"""A study's report by a link: made, copied and ended."""

from __future__ import annotations

import streamlit as st

from dashboard.camera.respondents.data import BaseAddress, base_address
from dashboard.camera.respondents.reach import reach_note
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import show_errors
from dashboard.shared.web.access.identity import may
from dashboard.shared.widgets.filters import GROUP_SIZES
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.access.share_links import DAYS, LONGEST_DAYS, link_path
from fer_core.analytics.carried import SHARED
from fer_core.reports.content import ReportOptions
from fer_core.reports.sharing import share
from fer_core.storage.shares import RevokeShare, Share
from fer_core.studies.membership import Study
from fer_core.text import ago


def share_button(study: Study, by: str) -> None:
    """``study``: narrowed as the page is; ``by``: what it is split by. Nothing for whoever may not
    export."""
    if study.counted.empty or not may(Action.EXPORT):
        return
    if st.button("Share", icon=":material/share:", help="The report by a link, without a login."):
        _share(study, by)


@st.dialog("Share the report", width="large")
def _share(study: Study, by: str) -> None:
    shared_links(study, by)


def shared_links(study: Study, by: str = "") -> None:
    """What is shared of a study, and a form for another link."""
    store = app_state().store
    st.markdown(
        "Whoever has the link can read the report as it is now: without a login, and nothing "
        "else of this server. Names of sessions are left out."
    )
    if study.sessions_left_aside:
        st.caption(f"Of the viewers who are shown: {escape_markdown(study.name)}")
    address = base_address(store, st.context.url or "")
    reach_note(address, "Readers")
    with st.form("share", border=False):
        left, right = st.columns(2)
        days = left.number_input("Days that the link holds", 1, LONGEST_DAYS, DAYS)
        minimum = right.selectbox(
            "Smallest group shown",
            [one for one in GROUP_SIZES if one >= SHARED],
            help="Seconds and scenes of fewer viewers stay empty.",
        )
        if st.form_submit_button("Make a link", icon=":material/add_link:", type="primary"):
            corrected = bool(st.session_state.get("baseline", False))
            options = ReportOptions(corrected=corrected, minimum=int(minimum), by=by or None)
            with show_errors():
                share(store, study, options, days=int(days))
                st.success("The link is made. Copy it and send it.", icon=":material/link:")
    for one in store.shares.list(study.study_id):
        _one(one, address)


def _one(one: Share, address: BaseAddress) -> None:
    store, place = app_state().store, st.empty()
    with place.container(border=True, gap="small"):
        path = link_path(store.home, one.share_id, one.ends)
        st.code(address.url + path, language=None, wrap_lines=True)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(
                f"Made {ago(one.created)} · until {one.ends:%-d %B %Y} · "
                f"groups of {one.minimum} and more"
            )
            ended = st.button(
                "End", key=f"end-{one.share_id}", icon=":material/link_off:",
                help="The link leads nowhere from now on, and its page is removed.",
            )  # fmt: skip
    if ended:
        with show_errors():
            store.run(RevokeShare(share_id=one.share_id))
            place.caption("This link has ended.")
