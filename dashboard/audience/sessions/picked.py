"""Several sessions at once: which are ticked, and what is done with all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from dashboard.audience.sessions import data
from dashboard.navigation import go
from dashboard.shared.page import notice, show_errors
from dashboard.shared.web.access.identity import may
from dashboard.shared.widgets.confirm import STAYS_IN_BACKUPS, confirmed
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.text import count, shorten

#: What the keys of the boxes begin with, and where ticks of other pages of the list are kept.
BOX: Final = "pick-"
_KEPT: Final = "picked-sessions"
#: As many groups as Compare takes.
_COMPARED: Final = range(2, 7)


def picked(shown: Sequence[str]) -> list[str]:
    """The sessions that are ticked, on this page of the list and on others."""
    kept: dict[str, None] = st.session_state.setdefault(_KEPT, {})
    for session_id in shown:
        ticked = st.session_state.get(f"{BOX}{session_id}")
        if ticked:
            kept[session_id] = None
        elif ticked is False:
            kept.pop(session_id, None)
    return [one for one in kept if app_state().store.sessions.exists(one)]


def tick(shown: Sequence[str], ticked: bool) -> None:
    """Tick all that are shown; or clear every tick there is."""
    kept: dict[str, None] = st.session_state.setdefault(_KEPT, {})
    for session_id in dict.fromkeys([*shown, *kept]) if not ticked else shown:
        st.session_state[f"{BOX}{session_id}"] = ticked
    st.session_state[_KEPT] = dict.fromkeys([*kept, *shown]) if ticked else {}


def actions(chosen: Sequence[str], shown: Sequence[str]) -> None:
    """One row of what can be done with the ticked sessions."""
    with st.container(horizontal=True, vertical_alignment="center", key="picked-actions"):
        st.markdown(f"**{len(chosen)} selected**", width="content")
        st.button("All on this page", on_click=tick, args=(shown, True), type="tertiary")
        if not chosen:
            return
        st.button("Clear", on_click=tick, args=(shown, False), type="tertiary")
        _move(chosen)
        _tags(chosen)
        _compare(chosen)
        if may(Action.DELETE) and st.button("Delete", icon=":material/delete:", type="tertiary"):
            _confirm_delete(chosen)


def _move(chosen: Sequence[str]) -> None:
    store = app_state().store
    with (
        st.popover("Move to a study", icon=":material/drive_file_move:"),
        st.form("move", border=False),
    ):
        study = st.selectbox(
            "Study", [one.name for one in store.studies.list()], index=None,
            placeholder="None, or type a new one", accept_new_options=True,
        )  # fmt: skip
        st.caption("Each belongs to one study: it leaves the one that it is in.")
        if st.form_submit_button("Move", type="primary"):
            with show_errors():
                data.move(store, chosen, study or "")
                where = f"moved to {shorten(study, 40)}" if study else "taken out of their study"
                notice(f"{count(len(chosen), 'session')} {where}.")
                st.rerun()


def _tags(chosen: Sequence[str]) -> None:
    store = app_state().store
    with st.popover("Tags", icon=":material/sell:"), st.form("tags", border=False):
        known = store.sessions.tags()
        add = st.multiselect("Add", known, accept_new_options=True, placeholder="pilot, round 2")
        remove = st.multiselect("Take away", known, placeholder="None")
        if st.form_submit_button("Save", type="primary"):
            data.tag(store, chosen, add, remove)
            notice(f"Tags of {count(len(chosen), 'session')} changed.")
            st.rerun()


def _compare(chosen: Sequence[str]) -> None:
    study = data.common_study(app_state().store, chosen) if len(chosen) in _COMPARED else ""
    pressed = st.button(
        "Compare",
        icon=":material/compare_arrows:",
        disabled=not study,
        help=None if study else "Two to six sessions of one study: move them to one first.",
    )
    if pressed:
        go("compare", study=study, kind="Sessions", sessions=",".join(chosen))


@st.dialog("Delete these sessions?")
def _confirm_delete(chosen: Sequence[str]) -> None:
    what = (
        f"**{count(len(chosen), 'session')}** with their timelines and uploaded files are "
        f"removed. This cannot be undone. {STAYS_IN_BACKUPS}"
    )
    if confirmed(what, yes=f"Delete {count(len(chosen), 'session')}"):
        bar = st.progress(0.0)
        problems = []
        for at, problem in enumerate(data.delete_all(app_state().store, chosen), start=1):
            bar.progress(at / len(chosen), text=f"{at} of {len(chosen)}")
            problems += [problem] if problem else []
        tick([], False)
        notice(
            f"{count(len(chosen) - len(problems), 'session')} deleted."
            + (f" {len(problems)} not: {problems[0]}" if problems else "")
        )
        st.rerun()
