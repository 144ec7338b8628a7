"""The red button that forgets something for good, and its one question."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.navigation import go
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import notice, show_errors
from dashboard.shared.web.access.identity import current, may
from dashboard.shared.widgets.confirm import confirmed
from dashboard.state import app_state
from fer_core.access.audit import Deed
from fer_core.access.permissions import Action, require
from fer_core.keeping.forget import (
    RULE,
    Outcome,
    Plan,
    forget,
    plan_session,
    plan_viewer,
    viewers_of,
)
from fer_core.storage import Store
from fer_core.text import count, shorten

KEY = "forget-for-good"


def forget_button(
    plan: Callable[[Store], Plan], *, key: str, then: str | None, label: str = "Forget for good"
) -> None:
    """A red button; after the question it forgets what ``plan`` names and opens the page ``then``,
    or stays where that is None."""
    if not may(Action.DELETE):
        return
    if st.button(label, icon=":material/delete_forever:", key=f"{KEY}-{key}"):
        _ask(plan, then)


@st.dialog("Forget for good?")
def _ask(plan: Callable[[Store], Plan], then: str | None) -> None:
    with show_errors():
        _carry_out(plan(app_state().store), then)


def forget_session(session_id: str) -> None:
    """The same for a session: all of it, or one of its viewers."""
    if not may(Action.DELETE):
        return
    if st.button("Forget for good", icon=":material/delete_forever:", key=f"{KEY}-session"):
        _ask_session(session_id)


@st.dialog("Forget for good?")
def _ask_session(session_id: str) -> None:
    with show_errors():
        store = app_state().store
        names = {None: "The whole session"} | {
            number: name or f"Viewer {number}" for number, name in viewers_of(store, session_id)
        }
        chosen = None
        if len(names) > 2:  # with one viewer alone there is nothing else to keep
            chosen = st.selectbox("What", list(names), format_func=lambda one: names[one])
        found = (
            plan_session(store, session_id)
            if chosen is None
            else plan_viewer(store, session_id, chosen)
        )
        _carry_out(found, "sessions" if chosen is None else None)


def _carry_out(found: Plan, then: str | None) -> None:
    if confirmed(question(found), yes="Forget for good", key="forget-yes"):
        with st.spinner("Every trace is removed, also from the backups …"):
            state, who = app_state(), current()
            require(who, Action.DELETE)
            done = forget(state.whole_store, found)
            for one in found.entries:
                state.audit.note(who, Deed.DELETED, one.kind, one.id, RULE)
        notice(told(done))
        if then is None:
            st.rerun()
        go(then)


def question(plan: Plan) -> str:
    """What is about to go, as Markdown."""
    name = f"**{escape_markdown(shorten(plan.name, 60))}**"
    if plan.kind == "viewer":
        said = (
            f"{name}: every number, the name, kept faces, and the recording of all viewers, in "
            "which this one can be seen. The numbers of the others stay."
        )
    elif plan.kind == "session":
        others = len(plan.sessions) - 1
        also = f" and {count(others, 'other analysis', 'other analyses')} of the same recording"
        said = f"{name}{also if others else ''}, with the recording, kept faces and every number."
    else:
        with_sessions = f" with {count(len(plan.sessions), 'session')}" if plan.sessions else ""
        films = ", links and films" if plan.kind == "study" else ""
        said = f"{name}{with_sessions}{films}, with recordings, kept faces and every number."
    return " ".join(
        [said, "It is removed from the backups as well and cannot be brought back.", *plan.stays]
    )


def told(done: Outcome) -> str:
    """What was done, in a line."""
    said = ["Forgotten."]
    if done.backups_rewritten:
        said.append(f"{count(done.backups_rewritten, 'backup')} written anew.")
    if done.backups_dropped:
        said.append(
            f"{count(len(done.backups_dropped), 'backup')} could not be read and was removed."
        )
    if done.places_not_reached:
        said.append(f"Not reached: {', '.join(done.places_not_reached)}.")
    if not done.complete:
        said.append("The rest is removed when the running job ends.")
    return " ".join(said)
