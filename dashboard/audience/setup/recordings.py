"""The second step: the recordings of the viewers, dropped or taken from what is here."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard.audience.analyze.view import drop_recordings, how
from dashboard.audience.setup import data
from dashboard.audience.study.members import assignment
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import notice, show_errors
from dashboard.state import app_state
from fer_core.storage.studies import Study
from fer_core.text import count, shorten


def recordings(study: Study) -> None:
    state = app_state()
    films = {one.stimulus_id: one.title for one in state.store.studies.stimuli(study.study_id)}
    left, right = st.columns(2)
    watched = left.selectbox(
        "They watched", list(films), index=0 if len(films) == 1 else None,
        format_func=lambda key: shorten(films[key], 60), placeholder="Said later, one by one",
        disabled=not films,
    )  # fmt: skip
    condition = right.selectbox(
        "Condition", study.conditions, index=None, accept_new_options=True,
        placeholder="Said later, by name or in a table",
    )  # fmt: skip
    choices = replace(how(), study=study.study_id, stimulus=watched, condition=condition)
    drop_recordings(state, choices, into=study.name)
    with st.container(horizontal=True):
        _here_already(study)
    _summary(study)


@st.fragment(run_every=2)
def _summary(study: Study) -> None:
    """How many there are: more come while others are sent."""
    st.caption(escape_markdown(data.summary(data.recordings(app_state().store, study))))


def _here_already(study: Study) -> None:
    """Sessions that were analysed before and belong to no study."""
    store = app_state().store
    free = assignment.unassigned(store)
    names = dict(zip(free["session_id"].astype(str), free["name"].astype(str)))
    if not names:
        return
    with (
        st.popover(f"{count(len(names), 'session')} without a study", icon=":material/timeline:"),
        st.form("here-already", border=False),
    ):
        chosen = st.multiselect(
            "Only these", list(names), placeholder="All of them",
            format_func=lambda key: shorten(names.get(str(key), str(key)), 50),
        )  # fmt: skip
        if st.form_submit_button("Take them into this study", type="primary"):
            with show_errors():
                done = assignment.add(store, study.study_id, chosen or list(names))
                notice(f"{count(done, 'session')} added.")
                st.rerun()
