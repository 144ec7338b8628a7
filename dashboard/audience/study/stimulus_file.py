"""Where the film that was watched lies: the replay shows it beside the recording."""

from __future__ import annotations

import streamlit as st

from dashboard.audience.replay import data as replay
from dashboard.shared.page import notice, show_errors
from dashboard.state import app_state
from fer_core.video.picture_film import LONGEST_S, SHORTEST_S


def stimulus_file(stimulus_id: str) -> None:
    store = app_state().store
    known = store.studies.stimulus(stimulus_id).path or ""
    with (
        st.popover(
            "Change the film file" if known else "Name the film file", icon=":material/videocam:"
        ),
        st.form(f"stimulus-file-{stimulus_id}", border=False),
    ):
        path = st.text_input(
            "Path of the film on this machine", value=known, placeholder="/home/you/spot.mp4"
        )
        st.caption("It stays where it is. The replay can show it under the same curve.")
        seconds = st.number_input(
            "Seconds, of a picture", SHORTEST_S, LONGEST_S, None, 1.0,
            placeholder="Only where the path is a picture's",
            help="A silent film of so many seconds is written beside the picture, and shown.",
        )  # fmt: skip
        if st.form_submit_button("Save"):
            with show_errors():
                replay.set_stimulus_file(store, stimulus_id, path, seconds)
                notice("The replay of its sessions can show it." if path.strip() else "No film.")
                st.rerun()
