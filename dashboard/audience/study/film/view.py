"""What was watched: the stimulus, its scenes and markers; typed, from CSV, deleted."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.audience.replay import data as replay
from dashboard.audience.study.film import markers
from dashboard.audience.study.film.cuts import cuts
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import notice, show_errors
from dashboard.shared.web.access.identity import may
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.storage.markers import AddMarkers, DeleteMarkers, Marker, NewMarker
from fer_core.storage.studies import AddStimulus
from fer_core.studies.membership import Study
from fer_core.text import clock, count, parse_clock
from fer_core.video.picture_film import LONGEST_S, SHORTEST_S


def film(study: Study) -> None:
    titles = {one.stimulus_id: one.title for one in study.stimuli}
    edits = may(Action.EDIT)
    if not titles:
        st.info("Say what was watched; then its scenes and markers can be set.")
        if edits:
            _new_stimulus(study)
        return
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    stimulus_id = left.selectbox(
        "Stimulus", list(titles), format_func=lambda key: titles[key], key="stimulus-shown"
    )
    with right:
        if edits:
            _new_stimulus(study)
    if stimulus_id is None:
        return
    marks = [mark for mark in study.markers if mark.stimulus_id == stimulus_id]
    length = study.length_ms(stimulus_id)
    said = f"{clock(length)} long · " if length else ""
    st.caption(f"{said}{count(len(marks), 'scene or marker', 'scenes and markers')}")
    if edits:
        _file(stimulus_id)
    if marks:
        _marks(marks)
    if not edits:
        return
    cuts(stimulus_id, has_scenes=any(mark.to_ms is not None for mark in marks))
    _type_one(stimulus_id)
    _import(stimulus_id)


def _new_stimulus(study: Study) -> None:
    with (
        st.popover("New stimulus", icon=":material/movie:"),
        st.form("new-stimulus", border=False, clear_on_submit=True),
    ):
        name = st.text_input("Title", placeholder="Spring spot, 30 s")
        length = st.text_input("Length", placeholder="0:30")
        if st.form_submit_button("Add"):
            with show_errors():
                app_state().store.run(
                    AddStimulus(
                        title=name,
                        study_id=study.study_id,
                        length_ms=parse_clock(length) if length.strip() else None,
                    )
                )
                notice("Added. Sessions are assigned to it in the view «Sessions».")
                st.rerun()


def _marks(marks: Sequence[Marker]) -> None:
    table = pd.DataFrame(
        {
            "Name": [mark.name for mark in marks],
            "From": [clock(mark.from_ms) for mark in marks],
            "To": ["" if mark.to_ms is None else clock(mark.to_ms) for mark in marks],
            "Kind": [str(mark.kind) for mark in marks],
        }
    )
    picked = st.dataframe(
        table,
        hide_index=True,
        key="marks",
        on_select="rerun",
        selection_mode="multi-row",
        height=min(35 * len(table) + 38, 420),
    )
    if not may(Action.EDIT):
        return
    chosen = [marks[i].marker_id for i in picked["selection"]["rows"]]
    if st.button(
        f"Delete {count(len(chosen), 'row')}" if chosen else "Delete", disabled=not chosen,
        icon=":material/delete:", help="Tick rows at their left first.",
    ):  # fmt: skip
        with show_errors():
            app_state().store.run(DeleteMarkers(marker_ids=tuple(chosen)))
            notice(f"{count(len(chosen), 'row')} deleted.")
            st.rerun()


def _type_one(stimulus_id: str) -> None:
    st.subheader("Add a scene or a marker", anchor=False)
    with st.form("add-mark", border=False, clear_on_submit=True):
        one, two, three = st.columns([2, 1, 1])
        name = one.text_input("Name", placeholder="Product in view")
        start = two.text_input("From", placeholder="0:12")
        stop = three.text_input("To", placeholder="Empty: a moment")
        if st.form_submit_button("Add"):
            with show_errors():
                _add(stimulus_id, [markers.typed(name, start, stop)], "typed")
                notice(f"{escape_markdown(name)} is added.")
                st.rerun()


def _import(stimulus_id: str) -> None:
    st.subheader("Import from CSV", anchor=False)
    given = st.file_uploader(
        "A file with the columns name, from and to; times as m:ss or seconds",
        type=["csv", "txt"],
        key=f"marks-file-{st.session_state.get('marks_taken', 0)}",
    )
    if given is None:
        return
    with show_errors():
        found = markers.from_csv(given.getvalue())
        st.caption(f"{count(len(found), 'row')} in {escape_markdown(given.name)}")
        if found and st.button(f"Import {count(len(found), 'row')}", type="primary"):
            _add(stimulus_id, found, "csv")
            st.session_state["marks_taken"] = st.session_state.get("marks_taken", 0) + 1
            notice(f"{count(len(found), 'row')} imported.")
            st.rerun()


def _add(stimulus_id: str, marks: Sequence[NewMarker], source: str) -> None:
    app_state().store.run(AddMarkers(markers=tuple(marks), stimulus_id=stimulus_id, source=source))


def _file(stimulus_id: str) -> None:
    """Where the film that was watched lies: the replay shows it beside the recording."""
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
