"""The page Clips: the moments that matter, as short films."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.audience.clips import data
from dashboard.audience.study import cached
from dashboard.audience.study.view import simulated_note
from dashboard.navigation import page_of
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import heading, notice, show_errors
from dashboard.shared.queue.job_rows import bar
from dashboard.shared.queue.jobs import cancel, dismiss
from dashboard.shared.web.access.identity import current, may
from dashboard.shared.widgets.download import download_button
from dashboard.shared.widgets.empty_state import not_here
from dashboard.shared.widgets.filters import GROUP_SIZES
from dashboard.state import app_state
from fer_core.access.audit import Deed
from fer_core.access.permissions import Action
from fer_core.analytics.carried import SHARED
from fer_core.clips.moments import Moment
from fer_core.clips.spec import ClipSpec
from fer_core.files import safe_name
from fer_core.measures import BY_KEY, HEADLINES
from fer_core.studies.audiences import audiences
from fer_core.studies.groups import usual_groups
from fer_core.studies.membership import Study
from fer_core.text import clock, shorten
from fer_core.types import JobStatus

_FILM, _RECORDING = "The film with the curve", "A recording, faces hidden"


def show() -> None:
    study_id = st.query_params.get("study", "")
    study = cached.study(study_id) if study_id else None
    if study is None:
        not_here("study", "studies")
        return
    heading(
        f"Clips of {escape_markdown(shorten(study.name, 50))}",
        "Which moments are worth showing?",
        tab="Clips",
    )
    st.page_link(
        page_of("study"), label="Back to the study", icon=":material/arrow_back:",
        query_params={"id": study.study_id},
    )  # fmt: skip
    simulated_note(study)
    if study.counted.empty:
        st.info("No session counts yet: there is no curve to draw.")
        return
    if may(Action.EXPORT) and may(Action.EDIT):
        there = data.recordings(study)
        what = _FILM
        if there:
            what = st.segmented_control(
                "Show", (_FILM, _RECORDING), default=_FILM, key="clip-what",
                label_visibility="collapsed", required=True,
            ) or _FILM  # fmt: skip
        with show_errors():
            _film(study) if what == _FILM else _recording(study, there)
    _clips(study.study_id)


def _film(study: Study) -> None:
    names = [one.name for one in audiences(study)]
    groups = [one.name for one in usual_groups(study)]
    left, middle, right = st.columns(3)
    of = left.selectbox("Audience", names, key="clip-of")
    others = ["None", *(one for one in names if one != of)]
    first = others.index(groups[1]) if len(groups) == 2 and of == groups[0] else 0
    versus = middle.selectbox("Side by side with", others, index=first, key=f"clip-versus-{of}")
    measure = right.selectbox(
        "Measure", HEADLINES, format_func=lambda key: BY_KEY[key].name, key="clip-measure"
    )
    if reason := data.cannot(app_state().store, study, of):
        st.warning(reason, icon=":material/movie_off:")
        return
    left, middle, _ = st.columns(3)
    minimum = left.selectbox(
        "Smallest group shown", GROUP_SIZES, index=GROUP_SIZES.index(SHARED), key="clip-minimum"
    )
    form = middle.selectbox("As", ("mp4", "gif"), format_func=str.upper, key="clip-form")
    table = data.chosen(app_state().store, study, of, measure, int(minimum))
    edited = st.data_editor(
        table, hide_index=True, num_rows="dynamic", key=f"clip-moments-{of}-{measure}-{minimum}",
        width="stretch",
        column_config={
            "show": st.column_config.CheckboxColumn("Show", default=True, width="small"),
            "moment": st.column_config.TextColumn("Moment", max_chars=80),
            "from": st.column_config.NumberColumn("From, s", min_value=0.0, step=0.1),
            "to": st.column_config.NumberColumn("To, s", min_value=0.0, step=0.1),
            "why": st.column_config.TextColumn("Chosen because", disabled=True),
        },
    )  # fmt: skip
    st.caption("One moment makes a clip, several a reel, each with its name on it.")
    if st.button("Make the clip", type="primary", icon=":material/movie:"):
        spec = ClipSpec(
            data.spans(edited), study=study.study_id, of=of,
            versus=None if versus == "None" else versus, measure=measure, form=form,
            minimum=int(minimum),
        )  # fmt: skip
        versions = of if versus == "None" else f"{of} and {versus}"
        data.make(app_state().store, spec, f"{versions}, {measure}")
        _being_made()


def _recording(study: Study, there: dict[str, str]) -> None:
    left, right = st.columns([2, 1])
    session = left.selectbox(
        "Recording", list(there), format_func=there.__getitem__, key="clip-session"
    )
    form = right.selectbox("As", ("mp4", "gif"), format_func=str.upper, key="clip-form-recording")
    begin = left.number_input("From, s", min_value=0.0, step=0.5, key="clip-from")
    end = right.number_input("To, s", min_value=0.5, value=5.0, step=0.5, key="clip-to")
    boxes = left.checkbox("Boxes, names and expressions", value=True, key="clip-boxes")
    faces = right.checkbox(
        "Show faces", key="clip-faces",
        help="Only where everybody who is to be seen agreed to it. The log keeps who said so.",
    )  # fmt: skip
    st.caption(
        "Faces are hidden along their tracks, and whole pictures where a face was lost. A face "
        "that was never found is not hidden: look at the clip before you pass it on."
    )
    if st.button("Make the clip", type="primary", icon=":material/movie:"):
        span = Moment("Recording", round(1000 * begin), round(1000 * end))
        spec = ClipSpec((span,), session=session, form=form, faces=faces, boxes=boxes)
        data.make(app_state().store, spec, f"{there[session]}, {clock(span.from_ms)}")
        if faces:
            app_state().audit.note(
                current(), Deed.EXPORTED, "session", session, "clip, faces shown"
            )
        _being_made()


def _being_made() -> None:
    notice("The clip is being made.")
    st.rerun()


def _clips(study_id: str) -> None:
    study = cached.study(study_id)
    found = data.clips(app_state().store, study) if study is not None else []
    if not found:
        return
    st.subheader("Clips", anchor=False)
    active = any(not one.job.status.over for one in found)
    st.fragment(_rows, run_every=1 if active else None)(study_id, active)


def _rows(study_id: str, were_active: bool) -> None:
    study = cached.study(study_id)
    found = data.clips(app_state().store, study) if study is not None else []
    if were_active and all(one.job.status.over for one in found):
        st.rerun()
    for one in found:
        with st.container(key=f"clip-{one.job.job_id}", border=True):
            _row(one)


def _row(one: data.Clip) -> None:
    job = one.job
    name = shorten(job.title or "Clip", 60)
    st.markdown(f"**{escape_markdown(name)}**")
    if not job.status.over:
        st.html(bar(job.progress, name))
    elif job.status is not JobStatus.DONE:
        st.caption(job.error or "Stopped.")
    elif one.path is None:
        st.caption("Its file is gone.")
    elif one.form == "gif":
        st.image(str(one.path), width=480)
    else:
        st.video(str(one.path), width=640)
    with st.container(horizontal=True):
        if one.path is not None and job.status is JobStatus.DONE:
            of = ("session", job.session_id) if job.session_id else ("study", job.spec["study"])
            download_button(
                "Download", data=partial(one.path.read_bytes), mime=one.mime, of=of,
                file_name=f"{safe_name(name)}.{one.form}", key=f"get-{job.job_id}",
            )  # fmt: skip
        if may(Action.EDIT):
            said, act = ("Remove", dismiss) if job.status.over else ("Cancel", cancel)
            if st.button(said, key=f"drop-{job.job_id}", type="tertiary"):
                act(app_state().store, job.job_id)
                st.rerun()
