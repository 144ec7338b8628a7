"""The first step: the film that was watched, or one for each version."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.audience.setup.data import FOR_FILM
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import notice, show_errors
from dashboard.shared.thumbnails import picture_of
from dashboard.shared.web.access.identity import may
from dashboard.shared.web.upload.dropzone import dropzone
from dashboard.shared.web.upload.uploads import upload_limit
from dashboard.shared.widgets.confirm import confirmed
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.storage.studies import DeleteStimulus, Stimulus, Study
from fer_core.text import clock, count, shorten, size


def film(study: Study) -> None:
    state = app_state()
    limit = upload_limit(state.store)
    dropzone(
        token=state.guard.token,
        limit=limit,
        hint=f"One film, or one for each version; up to {size(limit)} each, kept on this machine",
        options={"for": FOR_FILM, "study": study.study_id},
        key="film-dropzone",
        lead="Drop the film that was watched",
        kept="On this machine, named below",
    )
    found = state.store.studies.stimuli(study.study_id)
    for one in found:
        _row(one)
    if not found:
        st.caption(
            "The replay shows the film beside the recording, its cuts propose scenes, and its "
            "length says where the curves end. Without a file, curves are drawn all the same."
        )


def _row(one: Stimulus) -> None:
    with st.container(key=f"film-{one.stimulus_id}", border=True):
        picture, facts, action = st.columns([2, 8, 3], vertical_alignment="center")
        picture.html(picture_of(one.path or ""))
        length = f"{clock(one.length_ms)} · " if one.length_ms else ""
        facts.markdown(
            f"**{escape_markdown(shorten(one.title, 70))}**  \n"
            f"{length}{count(one.sessions, 'recording')}"
        )
        with action, st.container(horizontal=True, horizontal_alignment="right"):
            if may(Action.DELETE) and st.button(
                "Remove", key=f"remove-{one.stimulus_id}", type="tertiary"
            ):
                _confirm_removal(one)


@st.dialog("Remove this film?")
def _confirm_removal(one: Stimulus) -> None:
    what = (
        f"**{escape_markdown(shorten(one.title, 60))}** goes with its scenes and markers. "
        f"{count(one.sessions, 'recording')} of it stay. This cannot be undone."
    )
    if confirmed(what, yes="Remove film"):
        with show_errors():
            app_state().store.run(DeleteStimulus(stimulus_id=one.stimulus_id))
            notice(f"{Path(one.title).name} is removed.")
            st.rerun()
