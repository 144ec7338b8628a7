"""What the lab adds to a session's page: another model's reading, and the faces kept of it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.lab.label import data as labels
from dashboard.navigation import go, page_of
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import notice, show_errors
from dashboard.shared.web.access.identity import may
from dashboard.shared.widgets.confirm import confirmed
from dashboard.state import app_state
from fer_core import zoo
from fer_core.access.permissions import Action
from fer_core.jobs import queue
from fer_core.storage.sessions import ForgetFaces
from fer_core.text import count, shorten
from fer_core.types import SessionStatus


def again_popover(session_id: str) -> None:
    """Read the same recording with another model, into a session beside this one."""
    state = app_state()
    session = state.store.sessions.get(session_id)
    path = session.path
    if session.status is SessionStatus.RUNNING or not path or not Path(path).is_file():
        return
    if not may(Action.EDIT):
        return
    with st.popover("Analyse again", icon=":material/refresh:"), show_errors():
        made_by = (session.model or "").split("@")[0]
        used = zoo.in_use(state.home)
        names = [card.name for card in zoo.list_cards(state.home)]
        names.sort(key=lambda name: name != used)
        chosen = st.selectbox(
            "With this model",
            names,
            format_func=lambda name: name + (", in use" if name == used else ""),
            key="again-model",
        )
        note = f"{escape_markdown(made_by)} made this session. " if made_by else ""
        study = (
            " It does not join the study: the same viewers would count twice there."
            if session.study
            else ""
        )
        st.caption(f"{note}The new one stands beside it and is linked here.{study}")
        if st.button("Analyse again", key="again", type="primary"):
            queue.analyse_again(state.store, session_id, chosen)
            notice("In the queue. The new session appears when it begins.")
            go("analyze")


def kept_faces(session_id: str) -> None:
    """Other readings of the same recording, and the faces that were kept."""
    state = app_state()
    others = state.store.sessions.other_analyses(session_id)
    if len(others):
        st.markdown("**The same recording, read by other models**")
        for row in others.itertuples():
            model = str(row.model or "").split("@")[0]
            st.page_link(
                page_of("session"),
                label=escape_markdown(
                    f"{shorten(str(row.name), 60)}, made by {model or 'an unknown model'}"
                ),
                query_params={"id": str(row.session_id)},
                icon=":material/timeline:",
            )
    with show_errors():
        kept = labels.kept(state.home, session_id)
        if len(kept):
            _kept(session_id, len(kept))


def _kept(session_id: str, number: int) -> None:
    st.markdown(
        f"**{count(number, 'face is', 'faces are')} kept for review**: one small grey picture of "
        "each viewer and second, in this session's folder."
    )
    with st.container(horizontal=True):
        if may(Action.EDIT) and st.button("Label them", icon=":material/new_label:"):
            go("label", session=session_id)
        status = app_state().store.sessions.get(session_id).status
        if (
            status.over
            and may(Action.DELETE)
            and st.button("Delete the faces", icon=":material/hide_image:", type="tertiary")
        ):
            _confirm_deletion(session_id, number)


@st.dialog("Delete these faces?")
def _confirm_deletion(session_id: str, number: int) -> None:
    what = (
        f"{count(number, 'picture is', 'pictures are')} deleted. The session keeps every number; "
        "labels of these faces can no longer train a model. This cannot be undone."
    )
    if confirmed(what, yes="Delete them", no="Keep them"):
        with show_errors():
            app_state().store.run(ForgetFaces(session_id=session_id))
            notice("The faces are deleted.")
            st.rerun()
