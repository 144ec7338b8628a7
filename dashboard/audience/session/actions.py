"""What can be done with a session on the pages that show one: keep, rename, delete it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import streamlit as st

from dashboard.audience.session.data import SessionPage, load
from dashboard.audience.sessions import data as sessions
from dashboard.navigation import go
from dashboard.shared import exports
from dashboard.shared.definitions import definitions
from dashboard.shared.forgetting import forget_session
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import notice, show_errors
from dashboard.shared.queue.job_rows import job_rows
from dashboard.shared.web.access.identity import may
from dashboard.shared.widgets.confirm import STAYS_IN_BACKUPS, confirmed
from dashboard.shared.widgets.download import download_button
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.measures import has_eyes
from fer_core.reports.formats import in_order
from fer_core.text import shorten

#: What another wing shows of a session on its page, given its id.
Extra = Callable[[str], None]


def actions(page: SessionPage, more: Iterable[Extra], explained: Sequence[str]) -> None:
    """Download, definitions of ``explained``, what other wings add, rename, delete."""
    if may(Action.EXPORT):
        _downloads(page)
    definitions(explained, eyes=has_eyes(page.session.versions))
    for action in more:
        action(page.session_id)
    if may(Action.EDIT):
        _rename(page)
    if may(Action.DELETE) and st.button("Delete", icon=":material/delete:", type="tertiary"):
        _confirm_delete(page)
    forget_session(page.session_id)


def _rename(page: SessionPage) -> None:
    with st.popover("Rename", icon=":material/edit:"), st.form("rename", border=False):
        name = st.text_input("Name", value=page.name, max_chars=200)
        if st.form_submit_button("Save"):
            with show_errors():
                sessions.rename(app_state().store, page.session_id, name)
                notice("Renamed.")
                st.rerun()


def _downloads(page: SessionPage) -> None:
    with st.popover("Download", icon=":material/download:"):
        st.caption(
            "CSV and Parquet: the whole timeline, one row per face and frame, raw. The workbook "
            "has seconds, scenes and viewers too."
        )
        for form in in_order():
            download_button(
                form.session_label,
                data=partial(exports.export, app_state().store, page.session_id, form.name),
                file_name=exports.file_name(page.name, form.name),
                mime=form.mime,
                of=("session", page.session_id),
                key=f"as-{form.name}",
                width="stretch",
            )


@st.dialog("Delete this session?")
def _confirm_delete(page: SessionPage) -> None:
    what = (
        f"**{escape_markdown(shorten(page.name, 60))}**, its timeline and its uploaded file "
        f"are removed. This cannot be undone. {STAYS_IN_BACKUPS}"
    )
    if confirmed(what, yes="Delete session"):
        with show_errors():
            sessions.delete(app_state().store, page.session_id)
            notice(f"{shorten(page.name, 40)} is deleted.")
            go("sessions")


@st.fragment(run_every=1)
def progress(page: SessionPage) -> None:
    """How far the analysis is; the whole page follows when it ends and every few seconds."""
    now = load(app_state().store, page.session_id)
    if now is None or not now.under_way or now.stamp != page.stamp:
        st.rerun()
    if now.job is not None:
        job_rows([now.job], pictures=False)
    elif now.session.kind == "live":
        st.info("This session is live: its curve grows while it runs.", icon=":material/videocam:")
    else:
        st.info("Another program is analysing this recording.", icon=":material/sync:")
