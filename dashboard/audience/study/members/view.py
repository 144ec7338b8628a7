"""Who is in a study: assigned in one table, by file name, left out and taken back."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard.audience.studies import data as studies
from dashboard.audience.study.members import assignment
from dashboard.audience.study.members.offsets import offsets
from dashboard.navigation import go
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import notice, show_errors
from dashboard.shared.web.access.identity import may
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.studies.membership import Study
from fer_core.text import count, percent, shorten


def members(study: Study) -> None:
    if may(Action.EDIT):
        _add(study)
    if study.sessions.empty:
        return
    _left_out(study)
    if may(Action.EDIT):
        _by_name(study)
        offsets(study)
    _table(study)


def _add(study: Study) -> None:
    """Sessions without a study: found by name, taken in together."""
    store = app_state().store
    row = st.container(horizontal=True)
    if row.button("Set up in three steps", icon=":material/checklist:"):
        go("setup", study=study.study_id)
    with row, st.popover("Add sessions", icon=":material/playlist_add:"):
        words = st.text_input("Name, respondent, tag or file holds", key="add-words")
        free = assignment.unassigned(store, words or "")
        names = dict(zip(free["session_id"].astype(str), free["name"].astype(str)))
        st.caption(f"{count(len(names), 'session')} without a study")
        chosen = st.multiselect(
            "Only these", list(names), placeholder="All of them", key="add-only",
            format_func=lambda key: shorten(names.get(str(key), str(key)), 50),
        )  # fmt: skip
        wanted = chosen or list(names)
        if st.button(f"Add {count(len(wanted), 'session')}", type="primary", disabled=not wanted):
            with show_errors():
                assignment.add(store, study.study_id, wanted)
                notice(f"{count(len(wanted), 'session')} added.")
                st.rerun()


def _left_out(study: Study) -> None:
    """Who does not count and why; what was decided by hand can be undone."""
    out = study.left_out
    by_hand = study.sessions[study.sessions["included"].notna()]
    shown = pd.concat([out, by_hand[by_hand["counts"]]])
    st.subheader(
        f"{len(out)} of {count(len(study.sessions), 'session')} left out" if len(out)
        else f"All {count(len(study.sessions), 'session')} count", anchor=False,
    )  # fmt: skip
    for row in shown.to_dict("records"):
        with st.container(key=f"member-{row['session_id']}", horizontal=True,
                          vertical_alignment="center"):  # fmt: skip
            reason = str(row["reason"] or "")
            st.markdown(
                f"**{escape_markdown(shorten(str(row['name']), 50))}** {escape_markdown(reason)}"
            )
            if may(Action.EDIT):
                _decide(row)
    if may(Action.EDIT):
        _leave_out(study)


def _decide(row: dict[Any, Any]) -> None:
    session_id = str(row["session_id"])
    if not pd.isna(row["included"]):
        st.button("Undo", key=f"undo-{session_id}", on_click=_undo, args=(session_id,))
    elif row["status"] == "done":
        with st.popover("Take back"), st.form(f"back-{session_id}", border=False):
            why = st.text_input("Why it counts after all", key=f"why-{session_id}")
            if st.form_submit_button("Take back"):
                with show_errors():
                    studies.take_back(app_state().store, session_id, why)
                    st.rerun()


def _undo(session_id: str) -> None:
    studies.by_rule(app_state().store, session_id)


def _leave_out(study: Study) -> None:
    names = dict(zip(study.counted["session_id"], study.counted["name"]))
    if not names:
        return
    with (
        st.popover("Leave a session out", icon=":material/person_remove:"),
        st.form("leave-out", border=False, clear_on_submit=True),
    ):
        session_id = st.selectbox(
            "Session", list(names), format_func=lambda key: shorten(str(names[key]), 60)
        )
        why = st.text_input("Why", placeholder="Watched with the sound off")
        if st.form_submit_button("Leave out") and session_id:
            with show_errors():
                studies.leave_out(app_state().store, str(session_id), why)
                st.rerun()


def _by_name(study: Study) -> None:
    """Conditions and respondents from the sessions' names, all at once."""
    st.subheader("From file names", anchor=False)
    text = st.text_input(
        "Pattern",
        placeholder=assignment.EXAMPLE,
        help="{respondent}, {condition} and {stimulus} stand for what the names hold; "
        "* for anything.",
        key="pattern",
    )
    if not text:
        st.caption(f"For names like P07_B_take2 write {escape_markdown(assignment.EXAMPLE)}.")
        return
    with show_errors():
        before = assignment.table(study.sessions)
        known = {
            "condition": study.conditions,
            "stimulus": tuple(one.title for one in study.stimuli),
        }
        found = assignment.read_names(before["name"].tolist(), text, known)
        fits = found.notna().any(axis=1)
        counts = found["condition"].value_counts()
        said = ", ".join(f"{n} in {escape_markdown(str(name))}" for name, n in counts.items())
        st.markdown(
            f"**{int(fits.sum())} of {count(len(found), 'name')} fit**"
            + (f": {said}" if said else "")
        )
        if not fits.any():
            return
        shown = found[fits].assign(name=before.loc[fits, "name"])
        filled = ["name", *(one for one in assignment.FIELDS if found[one].notna().any())]
        st.dataframe(shown[filled], hide_index=True, height=min(35 * len(shown) + 38, 220))
        if st.button(f"Assign {count(int(fits.sum()), 'session')}", type="primary"):
            after = before.copy()
            for field in assignment.FIELDS:
                after[field] = found[field].where(found[field].notna(), before[field])
            done = assignment.assign(app_state().store, before, after)
            notice(
                f"{count(done, 'session')} assigned."
                if done
                else "All of them are assigned like this already."
            )
            st.rerun()


def _table(study: Study) -> None:
    """Every session's place in the study, edited in one table."""
    edits = may(Action.EDIT)
    st.subheader("One by one", anchor=False)
    before = assignment.table(study.sessions)
    quality = [percent(float(one)) for one in study.sessions["quality"].fillna(float("nan"))]
    shown = before.drop(columns="session_id").assign(quality=quality)
    after = st.data_editor(
        shown,
        key=f"members-{study.stamp}",
        hide_index=True,
        disabled=["name", "quality"] if edits else True,
        height=min(35 * len(shown) + 38, 460),
        column_config={
            "name": st.column_config.TextColumn("Session", width="medium"),
            "stimulus": st.column_config.SelectboxColumn(
                "Stimulus", options=[one.title for one in study.stimuli]
            ),
            "condition": st.column_config.SelectboxColumn(
                "Condition", options=list(study.conditions)
            ),
            "respondent": st.column_config.TextColumn("Respondent"),
            "start_s": st.column_config.NumberColumn(
                "Film starts at, s", help="Where the film begins in the recording.", step=0.1,
                format="%.1f",
            ),
            "quality": st.column_config.TextColumn("Quality", width="small"),
        },
    )  # fmt: skip
    if not edits:
        return
    edited = before[["session_id"]].join(after)
    wanted = len(assignment.changes(before, edited))
    word = f"Save {count(wanted, 'change')}" if wanted else "Save changes"
    if st.button(word, type="primary", disabled=not wanted):
        with show_errors():
            done = assignment.assign(app_state().store, before, edited)
            notice(f"{count(done, 'session')} changed.")
            st.rerun()
