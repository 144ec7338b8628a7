"""The queue's rows: picture, name, bar, rate and time left; what can be done beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

import streamlit as st

from dashboard import cache
from dashboard.charts.wording import count, shorten, wait
from dashboard.components.page import in_words
from dashboard.components.places import place
from dashboard.components.session_rows import plain
from dashboard.services import work
from dashboard.services.work import Job

_NO_PICTURE = '<div class="rapt-thumb"></div>'


def job_rows(jobs: Sequence[Job], *, pictures: bool = True) -> None:
    for job in jobs:
        with st.container(key=f"job-{job.job_id}", border=True):
            parts = st.columns([2, 8, 4] if pictures else [8, 4], vertical_alignment="center")
            if pictures:
                parts[0].html(_picture(job.path))
            with parts[-2], st.container(gap=None):
                _about(job)
            with parts[-1]:
                _actions(job)


def _picture(path: str) -> str:
    try:
        changed = Path(path).stat().st_mtime
    except OSError:
        return _NO_PICTURE
    link = cache.thumbnail(path, changed)
    return f'<img class="rapt-thumb" src="{link}" alt="">' if link else _NO_PICTURE


def _about(job: Job) -> None:
    name = shorten(job.name, 60)
    if job.session_id and job.status in ("done", "running"):
        st.page_link(place("session"), label=plain(name), query_params={"id": job.session_id})
    else:
        st.html(f'<div class="rapt-name">{escape(name)}</div>')
    if job.status == "running":
        inner = (
            f'<i style="width:{100 * job.share:.1f}%"></i>'
            if job.share is not None
            else '<i class="unknown"></i>'
        )
        said = f'aria-valuenow="{round(100 * job.share)}"' if job.share is not None else ""
        st.html(
            f'<div class="rapt-bar" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
            f'{said} aria-label="{escape(job.name)}">{inner}</div>'
            f'<div class="rapt-meta">{_progress(job)}</div>'
        )
    else:
        st.html(f'<div class="rapt-meta">{_state(job)}</div>')


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
        return f"Waits for {count(job.waits_for, 'other recording')}"
    if job.status == "failed":
        return f'<span class="rapt-bad">{escape(job.error or "It failed without a word.")}</span>'
    if job.status == "cancelled":
        return "Stopped" + ("; what was analysed is kept" if job.resumes else "")
    return "Done"


def _actions(job: Job) -> None:
    store = cache.house().store
    with (
        st.container(horizontal=True, horizontal_alignment="right", gap="small"),
        in_words(),
    ):
        if job.active:
            if _button("Cancel", job, disabled=job.stopping):
                _do(lambda: work.cancel(store, job.job_id))
            return
        if job.status != "done":
            word = "Resume" if job.resumes else "Retry"
            if _button(word, job):
                _do(lambda: work.resume(store, job.job_id))
        if _button("Dismiss", job, quiet=True):
            _do(lambda: work.dismiss(store, job.job_id))


def _button(word: str, job: Job, *, disabled: bool = False, quiet: bool = False) -> bool:
    return st.button(
        word,
        key=f"{word}-{job.job_id}",
        disabled=disabled,
        type="tertiary" if quiet else "secondary",
        help=None,
    )


def _do(action: Callable[[], None]) -> None:
    action()
    st.rerun(scope="fragment")
