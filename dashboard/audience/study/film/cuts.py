"""Scenes proposed from the film's own cuts: looked at, named, taken or left."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard.audience.replay.media import stimulus
from dashboard.audience.study.film.markers import scenes_of
from dashboard.shared.page import notice, show_errors
from dashboard.state import app_state
from fer_core.storage.markers import AddMarkers
from fer_core.studies.cuts import Shot, propose_scenes
from fer_core.text import clock, count


def cuts(stimulus_id: str, *, has_scenes: bool) -> None:
    st.subheader("Scenes from the film's cuts", anchor=False)
    state = app_state()
    path = stimulus(state.store, stimulus_id)
    if path is None:
        st.caption("Name the film above; its cuts then propose scenes.")
        return
    kept = f"cuts-{stimulus_id}-{path}"
    if st.button("Find the cuts", icon=":material/content_cut:"):
        with show_errors():
            st.session_state[kept] = _find(path)
    shots: list[Shot] | None = st.session_state.get(kept)
    if shots is not None:
        _choose(stimulus_id, shots, kept, has_scenes=has_scenes)


def _find(path: Path) -> list[Shot]:
    bar = st.progress(0.0, text="Looking for cuts")

    def show(done: float) -> None:
        bar.progress(done, text="Looking for cuts")

    shots = propose_scenes(path, on_progress=show)
    bar.empty()
    return shots


def _choose(stimulus_id: str, shots: Sequence[Shot], kept: str, *, has_scenes: bool) -> None:
    st.caption(
        f"{count(len(shots), 'scene')} between {count(len(shots) - 1, 'cut')}. Untick what is no "
        "scene of its own: it joins the one before."
        if len(shots) > 1
        else "No cut was found: the film is one scene."
    )
    table = pd.DataFrame(
        {
            "take": True,
            "picture": [_link(one.picture) for one in shots],
            "name": [f"Scene {number}" for number in range(1, len(shots) + 1)],
            "from": [clock(one.from_ms) for one in shots],
            "to": [clock(one.to_ms) for one in shots],
        }
    )
    edited = st.data_editor(
        table,
        key=f"editor-{kept}",
        hide_index=True,
        row_height=68,
        height=min(68 * len(shots) + 40, 480),
        disabled=["picture", "from", "to"],
        column_config={
            "take": st.column_config.CheckboxColumn("Take", width="small"),
            "picture": st.column_config.ImageColumn("Begins with", width="small"),
            "name": st.column_config.TextColumn("Name", width="medium"),
            "from": st.column_config.TextColumn("From", width="small"),
            "to": st.column_config.TextColumn("To", width="small"),
        },
    )
    scenes = scenes_of(shots, edited["take"].tolist(), edited["name"].tolist())
    if has_scenes:
        st.caption("The scenes that are there stay. Delete above what these take the place of.")
    with st.container(horizontal=True):
        add = st.button(f"Add {count(len(scenes), 'scene')}", type="primary", disabled=not scenes)
        leave = st.button("Leave them")
    if add:
        with show_errors():
            app_state().store.run(
                AddMarkers(markers=tuple(scenes), stimulus_id=stimulus_id, source="cuts")
            )
            notice(f"{count(len(scenes), 'scene')} added.")
            del st.session_state[kept]
            st.rerun()
    if leave:
        del st.session_state[kept]
        st.rerun()


def _link(jpeg: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()
