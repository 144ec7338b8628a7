"""The Train page: the model in use, the training that is shown, a new one, and past ones."""

from __future__ import annotations

import streamlit as st

from dashboard.lab.data import practice
from dashboard.lab.train import data as trainings
from dashboard.lab.train import plan as plans
from dashboard.lab.train import promotion
from dashboard.lab.train.data import Run
from dashboard.lab.train.overlay import overlay
from dashboard.lab.train.plan_view import new_run
from dashboard.lab.train.run_view import run_shown
from dashboard.navigation import go, page_of
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import heading, notice, show_errors
from dashboard.shared.web.access.identity import may
from dashboard.shared.widgets.empty_state import empty
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.errors import RaptError
from fer_core.text import ago, count, percent


def show() -> None:
    heading(
        "Train",
        "Can the model be made better? "
        "A new model stands beside the one in use before it replaces it, and you can go back.",
    )
    state = app_state()
    with show_errors():
        _in_use()
        runs = trainings.runs(state.store)
        wanted = st.query_params.get("run")
        shown = next((run for run in runs if run.job_id == wanted), runs[0] if runs else None)
        if shown is not None:
            run_shown(shown)
        found = plans.choices(state.home, state.store)
        if found:
            new_run(found)
        elif shown is None:
            _nothing_to_train_on()
        _past(runs, None if shown is None else shown.job_id)
        overlay(runs)


def _in_use() -> None:
    """Which model makes every new number, and the way back."""
    state = app_state()
    now = promotion.used(state.home)
    accuracy = promotion.accuracy_of(now.card)
    said = f"In use: **{escape_markdown(now.card.name)}**"
    if accuracy is not None:
        said += f", right on {percent(accuracy)} of held-out faces"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(said)
        if now.before is not None:
            st.button(
                f"Go back to {now.before}", icon=":material/undo:", on_click=_roll_back,
                help="Recordings analysed from now on are read by it again. Nothing is lost.",
            )  # fmt: skip
        if len(now.history) > 1:
            with st.popover("History", icon=":material/history:"):
                for one in reversed(now.history):
                    what = "back to " if one.back else ""
                    when = f" · {one.at[:16].replace('T', ' ')} UTC" if one.at else ""
                    st.markdown(f"{what}**{escape_markdown(one.name)}**{when}")


def _roll_back() -> None:
    state = app_state()
    try:
        card = promotion.roll_back(state.home, state.store)
        notice(f"{card.name} is in use again.")
    except RaptError as error:
        notice(str(error))


def _nothing_to_train_on() -> None:
    if empty(
        "A model learns from faces with labels. Add a data set, or label faces that were kept "
        "for review.",
        "Add a data set",
        key="no-data",
    ):
        go("data")
    if may(Action.EDIT):
        practice.offer(key="practice-train")


def _past(runs: list[Run], shown: str | None) -> None:
    """Every other run; a click opens it."""
    rest = [run for run in runs if run.job_id != shown]
    if not rest:
        return
    st.subheader("Other trainings", anchor=False)
    words = {"done": "done", "failed": "failed", "cancelled": "stopped", "queued": "waits",
             "running": "under way"}  # fmt: skip
    for run in rest:
        with st.container(key=f"row-{run.job_id}", gap=None):
            st.page_link(
                page_of("train"), label=escape_markdown(run.name), query_params={"run": run.job_id}
            )
            st.html(
                f'<div class="rapt-meta">{words[run.status]} · {ago(run.created)} · '
                f"{count(run.epochs_planned, 'epoch')}</div>"
            )
