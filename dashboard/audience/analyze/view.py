"""Adding recordings: how they are analysed, the drop zone, the queue."""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.audience.analyze.data import Choices, take_path
from dashboard.shared import jobs
from dashboard.shared.job_rows import job_rows
from dashboard.shared.page import heading, show_errors
from dashboard.shared.web.dropzone import dropzone
from dashboard.shared.web.upload_limits import set_upload_limit, upload_limit
from dashboard.state import AppState, app_state
from fer_core.errors import RaptError
from fer_core.keeping.rules import AFTER, value_of
from fer_core.text import count, size
from fer_core.zoo import in_use, list_cards

RATES: dict[float, str] = {
    0.0: "Every frame",
    15.0: "15 a second",
    10.0: "10 a second",
    5.0: "5 a second",
    2.0: "2 a second",
    1.0: "1 a second",
}
IN_USE = "The model in use"


def show() -> None:
    heading(
        "Analyze", "How do I get my videos in? Drop recordings of faces: each becomes a session."
    )
    state = app_state()
    limit = upload_limit(state.store)
    choices = _choose(state)
    dropzone(
        token=state.guard.token,
        limit=limit,
        hint=f"Videos and pictures, up to {size(limit)} each; they stay on this machine",
        options=asdict(choices),
    )
    with st.container(horizontal=True):
        _path_popover(state, choices)
        _settings_popover(state)
    if not state.looks_after_jobs:
        st.info(
            "Another Rapt program holds this store. It takes what is added here; unless it is a "
            "dashboard, the queue starts when it ends.",
            icon=":material/info:",
        )
    _queue()


@st.fragment(run_every=1)
def _queue() -> None:
    """The state is the store's: a refresh or another page changes nothing."""
    waiting, over = jobs.board(app_state().store)
    if waiting:
        st.subheader(f"Queue: {len(waiting)}", anchor=False)
        job_rows(waiting)
    if over:
        st.subheader("Finished", anchor=False)
        job_rows(over)
    if not waiting and not over:
        st.caption("Recordings that are being analysed appear here. Nothing leaves this machine.")


def _choose(state: AppState) -> Choices:
    """How the next recordings are analysed, and where they belong."""
    rate, left, right = st.columns(3)
    fps = rate.selectbox(
        "Frames to look at",
        list(RATES),
        format_func=lambda fps: RATES[fps],
        key="fps",
        persist_state="session",
        help="Fewer frames are faster; a second brings its frames together, so 5 are often enough.",
    )
    study, stimulus = _choose_study(state, left, right)
    keep = st.toggle(
        "Keep faces for review",
        key="keep-faces",
        persist_state="session",
        help="Keeps small grey pictures of faces, one of each viewer and second, so that you can "
        "label them later. They stay on this machine, in the session's own folder, until you "
        "delete them or the session. Otherwise no picture is ever kept.",
    )
    if keep:
        st.caption(
            "Kept: one grey picture of each viewer and second, as small as the model sees it, "
            "until you delete the faces on the session's page, or the session. "
            "Ask the people in the recording first."
        )
    remove = st.toggle(
        "Remove the recording when it is analysed",
        value=value_of(state.store, AFTER),
        key="remove-recording",
        persist_state="session",
        help="The numbers stay; the film is gone for the replay and for another analysis. Files "
        "that are on this machine already are never removed.",
    )
    model = st.session_state.get("model")
    return Choices(
        fps=fps or None,
        model=None if model in (None, IN_USE) else str(model),
        keep_faces=bool(keep),
        study=study,
        stimulus=stimulus,
        remove_recording=bool(remove),
    )


def _choose_study(
    state: AppState, left: DeltaGenerator, right: DeltaGenerator
) -> tuple[str | None, str | None]:
    """Names of a study and of one of its stimuli; both may be new."""
    studies = state.store.studies.list()
    study = left.selectbox(
        "Study",
        [one.name for one in studies],
        index=None,
        placeholder="None, or type a new one",
        accept_new_options=True,
        key="study",
        persist_state="session",
    )
    known = [one.study_id for one in studies if one.name == study]
    titles = [one.title for one in state.store.studies.stimuli(known[0])] if known else []
    stimulus = right.selectbox(
        "Stimulus",
        titles,
        index=None,
        placeholder="What was watched: none, or type it",
        accept_new_options=True,
        key="stimulus",
        persist_state="session",
    )
    return study, stimulus


def _path_popover(state: AppState, choices: Choices) -> None:
    """Files that are here already need no upload."""
    with st.popover("From a folder on this machine", icon=":material/folder_open:"):
        with st.form("paths", border=False, clear_on_submit=False):
            path = st.text_input(
                "Path of a file or folder", placeholder="/home/you/recordings", key="path"
            )
            pressed = st.form_submit_button("Add to the queue")
        if not pressed:
            return
        with show_errors():
            taken = take_path(state.store, path, choices)
            new = sum(not one.duplicate for one in taken)
            known = len(taken) - new
            parts = [f"{count(new, 'recording')} queued"] if new else []
            parts += [f"{known} already here"] if known else []
            st.success(", ".join(parts) + ".")


def _settings_popover(state: AppState) -> None:
    """The model, and how large a file may be."""
    with st.popover("Model and limits", icon=":material/tune:"):
        try:
            names = [IN_USE, *(card.name for card in list_cards(state.home))]
            current = in_use(state.home)
        except RaptError as error:
            names, current = [IN_USE], error.message
        st.selectbox("Model", names, key="model", persist_state="session")
        st.caption(f"In use: {current}")
        limit = st.number_input(
            "Largest upload, in GB",
            min_value=0.1,
            max_value=1000.0,
            value=upload_limit(state.store) / 1e9,
            step=1.0,
            format="%.1f",
        )
        if round(limit * 1e9) != upload_limit(state.store):
            with show_errors():
                set_upload_limit(state.store, round(limit * 1e9))
                st.rerun()
        st.caption(
            f"Uploads up to {size(upload_limit(state.store))} are kept in {state.home.uploads}; "
            "deleting a session deletes its upload."
        )
