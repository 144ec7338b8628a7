"""The queue's rows: picture, name, bar, rate and time left; what can be done beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Literal

import streamlit as st

from dashboard.navigation import page_of
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import notice
from dashboard.shared.queue.jobs import Job, cancel, dismiss, resume
from dashboard.shared.thumbnails import picture_of
from dashboard.shared.web.access.identity import may
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.errors import RaptError
from fer_core.storage import Store
from fer_core.text import about, count, shorten, wait


def job_rows(jobs: Sequence[Job], *, pictures: bool = True) -> None:
    for job in jobs:
        with st.container(key=f"job-{job.job_id}", border=True):
            parts = st.columns([2, 8, 4] if pictures else [8, 4], vertical_alignment="center")
            if pictures:
                parts[0].html(picture_of(job.path))
            with parts[-2], st.container(gap=None):
                _about(job)
            with parts[-1]:
                _actions(job)


def _about(job: Job) -> None:
    name = shorten(job.name, 60)
    if job.session_id and job.status in ("done", "running"):
        st.page_link(
            page_of("session"), label=escape_markdown(name), query_params={"id": job.session_id}
        )
    else:
        st.html(f'<div class="rapt-name">{escape(name)}</div>')
    if job.status == "running":
        st.html(f'{bar(job.share, job.name)}<div class="rapt-meta">{state_of(job)}</div>')
    else:
        st.html(f'<div class="rapt-meta">{state_of(job)}</div>')


def bar(share: float | None, what: str) -> str:
    """A bar as HTML, from 0 to 1; one that moves to and fro where nobody knows how far it is."""
    inner, said = '<i class="unknown"></i>', ""
    if share is not None:
        inner = f'<i style="width:{100 * share:.1f}%"></i>'
        said = f'aria-valuenow="{round(100 * share)}"'
    return (
        f'<div class="rapt-bar" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
        f'{said} aria-label="{escape(what)}">{inner}</div>'
    )


def state_of(job: Job) -> str:
    """How far a recording is, or how it ended, as HTML."""
    return _progress(job) if job.status == "running" else _state(job)


def _progress(job: Job) -> str:
    if job.stopping:
        return "Stopping"
    if job.share is None:
        return escape(job.message or "Starting")
    parts = [f"{int(100 * job.share)} %"]
    if job.rate:
        parts.append(f"{job.rate:.0f} frames/s")
    if job.eta_s is not None:
        parts.append(wait(job.eta_s))
    return " · ".join(parts)


def _state(job: Job) -> str:
    if job.status == "queued":
        if job.waits_for <= 0:
            return "Starts next"
        if job.starts_in_s is not None:
            return f"Starts in {about(job.starts_in_s)}"
        return f"Waits for {count(job.waits_for, 'other recording')}"
    if job.status == "failed":
        return f'<span class="rapt-bad">{escape(job.error or "It failed without a word.")}</span>'
    if job.status == "cancelled":
        return "Stopped" + ("; what was analysed is kept" if job.resumes else "")
    return "Done"


def _actions(job: Job) -> None:
    if not may(Action.EDIT):
        return
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if job.active:
            _button("Cancel", job, cancel, disabled=job.stopping)
            return
        if job.status != "done":
            _button("Resume" if job.resumes else "Retry", job, resume)
        _button("Dismiss", job, dismiss, kind="tertiary")


def _button(
    word: str,
    job: Job,
    action: Callable[[Store, str], None],
    *,
    kind: Literal["secondary", "tertiary"] = "secondary",
    disabled: bool = False,
) -> None:
    # A callback runs before anything is drawn: a click cannot get lost in a redraw.
    st.button(
        word,
        key=f"{word}-{job.job_id}",
        type=kind,
        disabled=disabled,
        on_click=_do,
        args=(action, job.job_id),
    )


def _do(action: Callable[[Store, str], None], job_id: str) -> None:
    try:
        action(app_state().store, job_id)
    except RaptError as error:
        notice(str(error))
