"""Correcting viewers, from the session page: every number follows, and each step can be undone."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard.audience.session import viewer_edits
from dashboard.audience.session.viewer_edits import Viewer
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import notice, show_errors
from dashboard.shared.web.access.identity import may
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.errors import RaptError
from fer_core.storage.timeline.viewers import ViewerEdit
from fer_core.text import clock, count, parse_clock, shorten, whole

RENAME, MERGE, SPLIT, LEAVE_OUT = "Rename", "Merge", "Split", "Leave out"


def viewers_popover(session_id: str) -> None:
    """Who was seen, and what a person corrects about them."""
    store = app_state().store
    found = viewer_edits.viewers(store, session_id)
    edits = viewer_edits.edits(store, session_id)
    if not found and not edits:
        return
    with st.popover("Viewers", icon=":material/group:"):
        if found:
            st.html(_table(found))
        if found and may(Action.EDIT):
            kinds = [RENAME, *([MERGE] if len(found) > 1 else []), SPLIT, LEAVE_OUT]
            kind = st.segmented_control("Correct", kinds, default=RENAME, key="viewers-kind")
            people = {one.number: one for one in found}
            if kind == MERGE:
                _merge(session_id, people)
            elif kind == SPLIT:
                _split(session_id, people)
            elif kind == LEAVE_OUT:
                _leave_out(session_id, people)
            elif kind == RENAME:
                _rename(session_id, people)
        if edits:
            st.markdown("**Corrected**")
        for edit in edits:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(escape_markdown(said(edit)), width="stretch")
                if may(Action.EDIT) and st.button(
                    "Undo", key=f"undo-{edit.edit_id}", type="tertiary"
                ):
                    with show_errors():
                        viewer_edits.undo(store, edit.edit_id)
                        _over("Undone.")
        st.caption("Every number follows; the measured rows stay as they are.")


def _rename(session_id: str, people: dict[int, Viewer]) -> None:
    with st.form("viewer-rename", border=False):
        viewer = _choose("Viewer", people, "rename-who")
        name = st.text_input("Name", max_chars=60, placeholder="Leave empty to remove the name")
        if st.form_submit_button("Save the name"):
            with show_errors():
                viewer_edits.rename(app_state().store, session_id, viewer, name)
                _over("Renamed.")


def _merge(session_id: str, people: dict[int, Viewer]) -> None:
    store = app_state().store
    first, second = st.columns(2)
    with first:
        viewer = _choose("This number", people, "merge-who", start=1)
    with second:
        into = _choose("is this person", people, "merge-into")
    both = viewer_edits.together_s(store, session_id, viewer, into) if viewer != into else 0
    if both:
        st.warning(
            f"Both are seen together for {count(both, 'second')}: they may be two people.",
            icon=":material/group:",
        )
    if st.button("Merge", disabled=viewer == into):
        with show_errors():
            viewer_edits.merge(store, session_id, viewer, into)
            _over(f"Viewer {viewer} counts as viewer {into}.")


def _split(session_id: str, people: dict[int, Viewer]) -> None:
    with st.form("viewer-split", border=False):
        first, second = st.columns(2)
        with first:
            viewer = _choose("Viewer", people, "split-who")
        moment = second.text_input("From", placeholder="0:12")
        if st.form_submit_button("From here it is someone else"):
            with show_errors():
                at_ms = parse_clock(moment)
                viewer_edits.split(app_state().store, session_id, viewer, at_ms)
                _over(f"Viewer {viewer} is someone else from {clock(at_ms)} on.")


def _leave_out(session_id: str, people: dict[int, Viewer]) -> None:
    with st.form("viewer-leave-out", border=False):
        viewer = _choose("Viewer", people, "leave-who")
        first, second = st.columns(2)
        start = first.text_input("From", placeholder="0:00")
        end = second.text_input("To", placeholder="the end")
        if st.form_submit_button("Leave out"):
            with show_errors():
                viewer_edits.leave_out(app_state().store, session_id, viewer, start, end)
                _over(f"Viewer {viewer} is left out there.")


def said(edit: ViewerEdit) -> str:
    """An edit in words."""
    viewer = f"Viewer {edit.viewer}"
    if edit.kind == "rename":
        return f"{viewer} is called {shorten(edit.name, 40)}" if edit.name else f"{viewer}: no name"
    if edit.kind == "merge":
        return f"{viewer} is viewer {edit.into_viewer}"
    if edit.kind == "split":
        return f"{viewer} is viewer {edit.into_viewer} from {clock(edit.from_ms or 0)} on"
    if edit.from_ms is None and edit.to_ms is None:
        return f"{viewer} is left out"
    until = f"to {clock(edit.to_ms)}" if edit.to_ms is not None else "to the end"
    return f"{viewer} is left out from {clock(edit.from_ms or 0)} {until}"


def _choose(label: str, people: dict[int, Viewer], key: str, start: int = 0) -> int:
    chosen = st.selectbox(
        label,
        list(people),
        index=min(start, len(people) - 1),
        format_func=lambda number: people[number].label if number in people else str(number),
        key=key,
    )
    if chosen is None:
        raise RaptError("No viewer is chosen.")
    return int(chosen)


def _over(said: str) -> None:
    notice(said)
    st.rerun()


def _table(found: list[Viewer]) -> str:
    rows = "".join(
        f"<tr><td>{escape(shorten(one.label, 24))}</td>"
        f"<td>{clock(one.from_ms)} to {clock(one.to_ms)}</td><td>{whole(one.engagement)}</td></tr>"
        for one in found
    )
    return (
        '<div class="rapt-people"><table><thead><tr><th>Viewer</th><th>Seen</th>'
        f"<th>Engagement</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )
