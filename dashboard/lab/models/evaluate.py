"""Evaluate on…: which model on which data set, as a job; and the jobs under way."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

import streamlit as st

from dashboard.lab.data import data as data_sets
from dashboard.lab.models import evaluations
from dashboard.shared.page import notice, show_errors
from dashboard.shared.queue.jobs import cancel, dismiss, resume
from dashboard.shared.web.access.identity import may
from dashboard.shared.web.upload.dropzone import dropzone
from dashboard.shared.web.upload.limits import upload_limit
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.text import percent, wait
from fer_core.types import JobStatus

ELSEWHERE = "Another folder or file"


def evaluate_form(models: Sequence[str], *, key: str, choose: bool = True) -> None:
    """A form that queues the evaluation of these models; ``choose``: of one among them."""
    state = app_state()
    known = evaluations.data_sets(state.store, state.home)
    with st.form(f"evaluate-{key}", border=False):
        wanted = list(models)
        if choose:
            picked = st.selectbox("Model", list(models), key=f"{key}-model")
            wanted = [picked] if picked else []
        where = ELSEWHERE
        if known:
            chosen = st.selectbox(
                "Data set", [*known, ELSEWHERE], key=f"{key}-known",
                format_func=lambda one: one if one == ELSEWHERE else _named(one, known),
            )  # fmt: skip
            where = chosen or ELSEWHERE
        path = st.text_input(
            "Path of another data set on this machine" if known else "Path of a data set",
            key=f"{key}-path",
            placeholder="/home/you/fer2013.csv",
            help="FER2013's CSV as Kaggle has it, or a folder with a folder of pictures for each "
            "expression.",
        )
        alike = st.checkbox(
            "Find the nearest training faces too",
            value=True,
            key=f"{key}-alike",
            help="Draws the map of all faces too. Runs them and every training face through the "
            "model once more: a few minutes for 28,000.",
        )
        pressed = st.form_submit_button("Evaluate", type="primary")
    _drop(key)
    if not pressed:
        return
    with show_errors():
        data = path.strip() or ("" if where == ELSEWHERE else where)
        for model in wanted:
            evaluations.evaluate(state.store, model, data, neighbours=alike)
        notice("Queued. The figures appear here when it is done.")
        st.rerun()


def _drop(key: str) -> None:
    """A data set dropped here is one of the page Data too."""
    state = app_state()
    arrived = dropzone(
        token=state.guard.token,
        limit=upload_limit(state.store),
        hint="A CSV as Kaggle's, or a zip with a folder of faces for each expression",
        options={"for": data_sets.FOR_DATA},
        key=f"{key}-dropzone",
        lead="Or drop a data set here",
        kept="On this machine: choose it above",
    ).arrived
    seen = f"{key}-arrived"
    if arrived and arrived.get("data_id") and st.session_state.get(seen) != arrived["data_id"]:
        st.session_state[seen] = arrived["data_id"]
        st.rerun()


def evaluate_popover(models: Sequence[str], *, key: str, choose: bool = False) -> None:
    if not may(Action.EDIT):
        return
    with st.popover("Evaluate on…", icon=":material/fact_check:"):
        evaluate_form(models, key=key, choose=choose)


def evaluations_under_way() -> None:
    """Rows of evaluations that run, wait or failed; the page is drawn anew when one ends."""
    jobs = evaluations.shown(app_state().store)
    if jobs:
        _rows([job.job_id for job in jobs if job.active])


@st.fragment(run_every=1)
def _rows(active: list[str]) -> None:
    store = app_state().store
    jobs = evaluations.shown(store)
    still = {job.job_id for job in jobs if job.active}
    if not set(active) <= still:
        st.rerun()
    for job in jobs:
        with st.container(key=f"job-{job.job_id}", border=True):
            left, right = st.columns([8, 3], vertical_alignment="center")
            with left, st.container(gap=None):
                st.html(f'<div class="rapt-name">{escape(job.title)}</div>{_state(job)}')
            with right, st.container(horizontal=True, horizontal_alignment="right"):
                if not may(Action.EDIT):
                    continue
                if job.active:
                    st.button("Stop", key=f"stop-{job.job_id}", on_click=cancel,
                              args=(store, job.job_id))  # fmt: skip
                else:
                    st.button("Retry", key=f"retry-{job.job_id}", on_click=resume,
                              args=(store, job.job_id))  # fmt: skip
                    st.button("Dismiss", key=f"gone-{job.job_id}", type="tertiary",
                              on_click=dismiss, args=(store, job.job_id))  # fmt: skip


def _named(path: str, known: Sequence[str]) -> str:
    """A data set's name without its folders, where no other has the same."""
    name = Path(path).name
    return path if sum(Path(one).name == name for one in known) > 1 else name


def _state(job: evaluations.EvaluationJob) -> str:
    if job.status is JobStatus.FAILED:
        return f'<div class="rapt-meta"><span class="rapt-bad">{escape(job.error)}</span></div>'
    if job.status is JobStatus.QUEUED:
        return '<div class="rapt-meta">Waits for its turn</div>'
    if job.share is None:
        inner, said = '<i class="unknown"></i>', escape(job.message or "Starting")
    else:
        inner = f'<i style="width:{100 * job.share:.1f}%"></i>'
        parts = [job.message, percent(job.share), wait(job.eta_s)]
        said = " · ".join(escape(part) for part in parts if part)
    return (
        f'<div class="rapt-bar" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
        f'aria-label="{escape(job.title)}">{inner}</div><div class="rapt-meta">{said}</div>'
    )
