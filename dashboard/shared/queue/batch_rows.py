"""A batch of recordings as one line: how far it is, how long yet, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import streamlit as st

from dashboard.navigation import go, page_of
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import notice
from dashboard.shared.queue import batches
from dashboard.shared.queue.batches import Batch
from dashboard.shared.queue.job_rows import bar, job_rows, state_of
from dashboard.shared.queue.jobs import Job
from dashboard.shared.web.access.identity import may
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.errors import RaptError
from fer_core.storage import Store
from fer_core.storage.studies import Study
from fer_core.text import count, shorten, wait
from fer_core.types import JobStatus

STOPPED = (JobStatus.FAILED, JobStatus.CANCELLED)
#: Pixels of the list of a batch's recordings, which scrolls.
LIST_HEIGHT = 340


def batch_rows(shown: Sequence[Batch], *, pictures: bool = True) -> None:
    """A card for each batch: its line, the recording at work, those that failed, all of them."""
    for batch in shown:
        study = batches.study_of(app_state().store, batch)
        with st.container(key=f"batch-{batch.batch_id}", border=True):
            left, right = st.columns([7, 5], vertical_alignment="center")
            with left, st.container(gap=None):
                _line(batch, study)
            with right:
                _actions(batch, study)
            failed = batch.having(JobStatus.FAILED)
            job_rows([*batch.having(JobStatus.RUNNING), *failed[:5]], pictures=pictures)
            if len(failed) > 5:
                st.caption(f"{len(failed) - 5} more failed; they are named in the list.")
            _list(batch)


def _line(batch: Batch, study: Study | None) -> None:
    name = study.name if study else batch.study
    where = f" for «{shorten(name, 50)}»" if name else ""
    st.html(
        f'<div class="rapt-name">{count(len(batch.jobs), "recording")}{escape(where)}</div>'
        + (bar(batch.share, f"{len(batch.jobs)} recordings") if batch.active else "")
        + f'<div class="rapt-meta">{escape(progress(batch))}</div>'
    )


def progress(batch: Batch) -> str:
    """«12 of 30 analysed · about a minute left · 1 failed»."""
    done, failed = batch.count(JobStatus.DONE), batch.count(JobStatus.FAILED)
    stopped = batch.count(JobStatus.CANCELLED)
    parts = [f"{done} of {len(batch.jobs)} analysed"]
    if batch.active:
        parts.append(wait(batch.left_s) or "working out how long")
    if failed:
        parts.append(f"{failed} failed")
    if stopped:
        parts.append(f"{stopped} stopped")
    if done == len(batch.jobs):
        parts = [f"All {done} analysed"]
    return " · ".join(parts)


def _actions(batch: Batch, study: Study | None) -> None:
    active, stopped = [job for job in batch.jobs if job.active], batch.having(*STOPPED)
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if study is not None:
            pressed = st.button(
                "Open the study",
                key=f"study-{batch.batch_id}",
                type="secondary" if active else "primary",
            )
            if pressed:
                go("study", id=study.study_id)
        if not may(Action.EDIT):
            return
        word = "Who watched what" if study else "Make a study of these"
        to_come = bool(batch.study) and study is None  # made by the first that starts
        if not to_come and st.button(word, key=f"who-{batch.batch_id}"):
            query = {"study": study.study_id} if study else {"batch": batch.batch_id}
            go("setup", step="Who watched what", **query)
        if active:
            _button(f"Cancel {len(active)}", batch, batches.cancel, active)
            return
        if stopped:
            _button(f"Resume {len(stopped)}", batch, batches.resume, stopped)
        _button("Dismiss", batch, batches.dismiss, batch.jobs, tertiary=True)


def _button(
    word: str,
    batch: Batch,
    action: Callable[[Store, Sequence[Job]], None],
    given: Sequence[Job],
    *,
    tertiary: bool = False,
) -> None:
    st.button(
        word,
        key=f"{word.split(maxsplit=1)[0]}-{batch.batch_id}",
        type="tertiary" if tertiary else "secondary",
        on_click=_do,
        args=(action, given),
    )


def _do(action: Callable[[Store, Sequence[Job]], None], given: Sequence[Job]) -> None:
    try:
        action(app_state().store, given)
    except RaptError as error:
        notice(str(error))


def _list(batch: Batch) -> None:
    """Every recording in its order, drawn once somebody asks for it."""
    box = st.expander(
        f"All {len(batch.jobs)}, in order", key=f"list-{batch.batch_id}", on_change="rerun"
    )
    if not box.open:
        return
    with box, st.container(height=LIST_HEIGHT, border=False, gap=None):
        for number, job in enumerate(batch.jobs, start=1):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                name = f"{number}. {shorten(job.name, 60)}"
                if job.session_id and job.status is JobStatus.DONE:
                    st.page_link(
                        page_of("session"),
                        label=escape_markdown(name),
                        query_params={"id": job.session_id},
                    )
                else:
                    st.html(f'<div class="rapt-meta">{escape(name)} · {state_of(job)}</div>')
