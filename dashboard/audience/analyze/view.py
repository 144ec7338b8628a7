"""Adding recordings: how they are analysed, the drop zone, the queue."""

from __future__ import annotations

from dataclasses import asdict, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.audience.analyze.data import Choices, add_to_study, take_path
from dashboard.shared.page import heading, notice, show_errors
from dashboard.shared.queue.batch_rows import batch_rows
from dashboard.shared.queue.batches import board
from dashboard.shared.queue.job_rows import job_rows
from dashboard.shared.web.upload.dropzone import dropzone
from dashboard.shared.web.upload.limits import set_upload_limit, upload_limit
from dashboard.state import AppState, app_state
from fer_core.batch.sources import ENDINGS
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
    choices = _choose(state)
    drop_recordings(state, choices, into=choices.study or "")
    with st.container(horizontal=True):
        _path_popover(state, choices)
        _settings_popover(state)
    if not state.whole_store.is_owner:
        st.info(
            "Another Rapt program holds this store. It takes what is added here; unless it is a "
            "dashboard, the queue starts when it ends.",
            icon=":material/info:",
        )
    queue()


def drop_recordings(state: AppState, choices: Choices, *, into: str) -> None:
    """The drop zone for recordings; ``into`` is the name of the study that was chosen, or ""."""
    limit = upload_limit(state.store)
    added = st.session_state.setdefault("added", {}).setdefault(into, [])
    dropped = dropzone(
        token=state.guard.token,
        limit=limit,
        hint=f"Videos and pictures, up to {size(limit)} each; they stay on this machine",
        options=asdict(choices),
        endings=sorted(ENDINGS),
        into=into,
        added=added,
        redraw=False,
    )
    if dropped.add:
        with show_errors():
            done = add_to_study(state.store, dropped.add, choices)
            added += dropped.add
            notice(f"{count(done, 'recording')} added to {into}.")
            st.rerun()


@st.fragment(run_every=1)
def queue() -> None:
    """The state is the store's: a refresh or another page changes nothing."""
    now = board(app_state().store)
    if now.count:
        st.subheader(f"Queue: {now.count}", anchor=False)
        batch_rows(now.under_way)
        job_rows(now.waiting)
    if now.finished or now.over:
        st.subheader("Finished", anchor=False)
        batch_rows(now.finished)
        job_rows(now.over)
    if not now.count and not now.finished and not now.over:
        st.caption("Recordings that are being analysed appear here. Nothing leaves this machine.")


def _choose(state: AppState) -> Choices:
    """How the next recordings are analysed, and where they belong."""
    study, stimulus, condition = _choose_study(state)
    return replace(how(), study=study, stimulus=stimulus, condition=condition)


def how() -> Choices:
    """How recordings are analysed: the frames, the model, eyes, whether faces are kept."""
    rate, kept = st.columns([1, 2], vertical_alignment="bottom")
    switches = kept.container(horizontal=True)
    fps = rate.selectbox(
        "Frames to look at",
        list(RATES),
        format_func=lambda fps: RATES[fps],
        key="fps",
        persist_state="session",
        help="Fewer frames are faster; a second brings its frames together, so 5 are often enough.",
    )
    eyes = switches.toggle(
        "Read eyes and movements",
        value=True,
        key="read-eyes",
        persist_state="session",
        help="Blinks, closed eyes, gaze, smiles and brows; attention then knows of closed eyes and "
        "looks aside. Without, attention follows the head alone, and each frame with a face takes "
        "about 2 ms less.",
    )
    keep = _keep_faces(switches)
    remove = switches.toggle(
        "Remove the recording when it is analysed",
        value=value_of(app_state().store, AFTER),
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
        eyes=bool(eyes),
        remove_recording=bool(remove),
    )


def _keep_faces(switches: DeltaGenerator) -> bool:
    """The switch for small pictures of faces; what is kept is said once it is on."""
    keep: bool = switches.toggle(
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
    return keep


def _choose_study(state: AppState) -> tuple[str | None, str | None, str | None]:
    """Names of a study, of one of its stimuli and of one of its conditions; each may be new."""
    left, middle, right = st.columns(3)
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
    conditions = state.store.studies.get(known[0]).conditions if known else ()
    stimulus = middle.selectbox(
        "Stimulus",
        titles,
        index=None,
        placeholder="None, or type it",
        accept_new_options=True,
        key="stimulus",
        persist_state="session",
    )
    condition = right.selectbox(
        "Condition",
        conditions,
        index=None,
        placeholder="None, or type it",
        accept_new_options=True,
        key="condition",
        persist_state="session",
        disabled=not study,
        help="Of all recordings that are dropped next; single ones are told apart later, by "
        "their names, in a table or from a CSV file.",
    )
    return study, stimulus, condition if study else None


def _path_popover(state: AppState, choices: Choices) -> None:
    """Files that are here already need no upload."""
    with st.popover("From a folder on this machine", icon=":material/folder_open:"):
        with st.form("paths", border=False, clear_on_submit=False):
            path = st.text_input(
                "Path of a file or folder", placeholder="/home/you/recordings", key="path"
            )
            pressed = st.form_submit_button("Add to the queue")
        with show_errors():
            if pressed:
                taken = take_path(state.store, path, choices)
                new = sum(not one.duplicate for one in taken)
                known = len(taken) - new
                parts = [f"{count(new, 'recording')} queued"] if new else []
                parts += [f"{known} already here"] if known else []
                st.success(", ".join(parts) + ".")
                st.session_state["known-by-path"] = [one for one in taken if one.duplicate]
            _add_known(state, choices)


def _add_known(state: AppState, choices: Choices) -> None:
    """What a path named and what is here already, for the chosen study."""
    known = st.session_state.get("known-by-path", [])
    free = [one.session_id for one in known if choices.study and one.study != choices.study]
    if free and st.button(f"Add the {len(free)} already here to «{choices.study}»"):
        done = add_to_study(state.store, free, choices)
        st.session_state["known-by-path"] = []
        notice(f"{count(done, 'recording')} added to {choices.study}.")
        st.rerun()


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
            f"Uploads up to {size(upload_limit(state.store))} are kept on this machine; "
            "deleting a session deletes its upload."
        )
