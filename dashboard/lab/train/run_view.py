"""One training on its page: live while it goes on, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import streamlit as st

from dashboard.lab.data import practice
from dashboard.lab.models.figures import evaluations
from dashboard.lab.models.learning_charts import FEWEST_EPOCHS
from dashboard.lab.train import data as trainings
from dashboard.lab.train import promotion
from dashboard.lab.train.charts import (
    comparison,
    example_faces,
    examples_said,
    growing,
    growing_said,
)
from dashboard.lab.train.data import Run
from dashboard.navigation import go
from dashboard.shared.charts import tables
from dashboard.shared.charts.figure import figure
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import current_theme, notice
from dashboard.shared.queue.jobs import cancel, dismiss, resume
from dashboard.shared.widgets.confirm import confirmed
from dashboard.state import app_state
from fer_core.errors import RaptError
from fer_core.storage import Store
from fer_core.text import count, wait
from fer_core.types import JobStatus


def run_shown(run: Run) -> None:
    """A run: live while it goes on, and what came of it."""
    with st.container(key=f"training-{run.job_id}"):
        st.subheader(escape_markdown(run.name), anchor=False)
        if run.active:
            _live(run.job_id)
            return
        state = app_state()
        run = trainings.whole(state.home, state.store, run)
        _ended(run)
        if run.status is JobStatus.DONE:
            _outcome(run)
        _details(run)


@st.fragment(run_every=1)
def _live(job_id: str) -> None:
    """Drawn again every second; the whole page follows when the run ends."""
    state = app_state()
    found = next((r for r in trainings.runs(state.store) if r.job_id == job_id), None)
    if found is None or not found.active:
        st.rerun()
    run = trainings.whole(state.home, state.store, found)
    share = run.share or 0.0
    if run.status is JobStatus.QUEUED:
        said = "Waits for the training before it"
    elif run.stopping:
        said = "Stopping"
    else:
        said = " · ".join(
            one for one in (f"{int(100 * share)} %", wait(run.eta_s), run.message) if one
        )
    inner = f'<i style="width:{100 * share:.1f}%"></i>'
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(
            f'<div class="rapt-bar" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
            f'aria-valuenow="{round(100 * share)}" aria-label="{escape(run.name)}">{inner}</div>'
            f'<div class="rapt-meta">{escape(said)}</div>'
        )
        st.button(
            "Stop training", key=f"stop-{job_id}", disabled=run.stopping, on_click=_do,
            args=(cancel, job_id),
        )  # fmt: skip
    _details(run)


def _details(run: Run) -> None:
    """Curves and current examples."""
    if len(run.epochs):
        said = growing_said(run.epochs, run.epochs_planned, run.active)
        how = (
            "Accuracy on held-out faces, loss on training faces and learning rate, after each "
            "epoch."
        )
        st.html(tables.finding(said, how))
        if len(run.epochs) >= FEWEST_EPOCHS:
            figure(
                growing(run.epochs, run.epochs_planned, current_theme()),
                alt=said,
                key=f"curves-{run.job_id}",
            )
    elif run.active and run.status is JobStatus.RUNNING:
        st.caption(f"Curves are drawn from {FEWEST_EPOCHS} epochs on.")
    if run.examples:
        how = "Held-out faces, the same ones every time: their label, and what the network says."
        st.html(tables.finding(examples_said(run.examples), how) + example_faces(run.examples))
    if sources := trainings.source_names(run):
        notes = [f"Trains on {sources}." if run.active else f"Trained on {sources}."]
        notes += [f"{one[0].upper()}{one[1:]}." for one in run.notes]
        st.caption(" ".join(notes))


def _ended(run: Run) -> None:
    """How it ended, and what can be done where that was early."""
    if run.status is JobStatus.DONE:
        return
    done = len(run.epochs)
    if run.status is JobStatus.FAILED:
        st.error(
            escape_markdown(run.error or "It failed and gave no reason."), icon=":material/error:"
        )
    else:
        kept = f"; {count(done, 'epoch is', 'epochs are')} kept" if done else ""
        st.info(f"Stopped{kept}. It goes on where it stopped.", icon=":material/pause_circle:")
    with st.container(horizontal=True):
        st.button(
            "Resume" if done else "Start again", key=f"resume-{run.job_id}", type="primary",
            on_click=_do, args=(resume, run.job_id),
        )  # fmt: skip
        st.button(
            "Dismiss", key=f"dismiss-{run.job_id}", type="tertiary", on_click=_do,
            args=(dismiss, run.job_id),
        )  # fmt: skip


def _outcome(run: Run) -> None:
    """The candidate beside the model that it was compared with, and the way to promote it."""
    state = app_state()
    if run.practice:
        _practised(run)
        return
    found = promotion.verdict(run)
    tone = "" if found.better else " rapt-doubt"
    st.html(tables.sentences(found.sentence, tone=tone))
    for warning in found.warnings:
        st.warning(warning, icon=":material/warning:")
    if run.comparison:
        st.html(comparison(run.comparison, run.base, run.name))
        st.caption(
            "Both models read the same faces, and neither was trained on them. The "
            "interval is a bootstrap over the faces; p is McNemar's exact test over the faces "
            "that only one of them reads correctly."
            + (
                " The new model's best epoch was chosen on the public ones, so its figure there is "
                "slightly too high."
                if run.chose_best
                else ""
            )
        )
    now = promotion.used(state.home)
    with st.container(horizontal=True, vertical_alignment="center"):
        if now.card.name == run.name:
            st.badge("In use", icon=":material/check:", color="green")
        elif found.better and not found.warnings:
            st.button(
                "Promote", type="primary", icon=":material/upgrade:",
                key=f"promote-{run.job_id}", on_click=_promote, args=(run.name,),
                help="Every recording analysed from now on is read by it. You can go back.",
            )  # fmt: skip
        elif st.button("Promote anyway", icon=":material/upgrade:", key=f"promote-{run.job_id}"):
            _confirm(run, found.warnings)
        st.button(
            "Dismiss", key=f"dismiss-{run.job_id}", type="tertiary", on_click=_do,
            args=(dismiss, run.job_id),
            help="Removes it from this list; the model stays.",
        )  # fmt: skip


def _practised(run: Run) -> None:
    """What a practice model has learned: no comparison that could put it into use."""
    state = app_state()
    st.info(practice.ABOUT, icon=":material/draw:")
    if run.comparison:
        st.html(comparison(run.comparison, run.base, run.name))
        st.caption("Both models read the same drawn faces, which trained neither.")
    kept = [one for one in evaluations(state.store) if practice.is_practice(state.home, one.data)]
    with st.container(horizontal=True, vertical_alignment="center"):
        if kept and st.button("See the mistakes on drawn faces", icon=":material/search:"):
            go("mistakes", evaluation=kept[0].evaluation_id or "")
        st.button(
            "Dismiss", key=f"dismiss-{run.job_id}", type="tertiary", on_click=_do,
            args=(dismiss, run.job_id),
            help="Removes it from this list; the model stays.",
        )  # fmt: skip


@st.dialog("Promote it anyway?")
def _confirm(run: Run, warnings: tuple[str, ...]) -> None:
    against = "".join(f"- {escape_markdown(warning)}\n" for warning in warnings)
    what = f"{against}\nYou can go back to the model in use at any time."
    if confirmed(what, yes="Promote", no="Keep the model in use", removes=False):
        _promote(run.name)
        st.rerun()


def _promote(name: str) -> None:
    state = app_state()
    try:
        promotion.promote(state.home, state.store, name)
        notice(f"{name} is in use.")
    except RaptError as error:
        notice(str(error))


def _do(action: Callable[[Store, str], None], job_id: str) -> None:
    try:
        action(app_state().store, job_id)
    except RaptError as error:
        notice(str(error))
