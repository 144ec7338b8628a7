"""The page Set up: a study's film, its recordings, who watched what, in three steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import streamlit as st

from dashboard.audience.analyze.view import queue
from dashboard.audience.setup import data
from dashboard.audience.setup.film import film
from dashboard.audience.setup.recordings import recordings
from dashboard.audience.setup.who import who
from dashboard.audience.studies import data as studies
from dashboard.navigation import came_by_address, go
from dashboard.shared.page import heading, notice, show_errors, subject_heading
from dashboard.shared.purpose import ask_purpose
from dashboard.shared.widgets.empty_state import not_here
from dashboard.state import app_state
from fer_core.errors import StoreError
from fer_core.storage.studies import Study
from fer_core.text import count

STEPS: Final[dict[str, Callable[[Study], None]]] = {
    "Film": film, "Recordings": recordings, "Who watched what": who,
}  # fmt: skip
_NAMES: Final = tuple(STEPS)
_AT: Final = "setup-at"
_KEY: Final = "to-step-{}"


class _At(NamedTuple):
    """Where a person is."""

    study_id: str
    step: str


def show() -> None:
    """The set-up of the study that the address names; of a batch, a study is made first."""
    batch_id = st.query_params.get("batch", "")
    try:
        study = app_state().store.studies.get(st.query_params.get("study", ""))
    except StoreError:
        if batch_id:
            _name_it(batch_id)
        else:
            not_here("study", "studies")
        return
    subject_heading(
        study.name,
        ["Which film, which recordings, who watched what? Three steps, each may wait."],
        most=80,
    )
    ask_purpose(study.study_id)
    step = _step(study)
    _steps(step)
    STEPS[step](study)
    _onward(study, _NAMES.index(step))
    if step == "Recordings":
        queue()  # below the buttons, which must not move under a hand when its rows come and go


def _steps(step: str) -> None:
    """The steps' names; each leads there. Buttons, for a control's value comes back late too."""
    with st.container(horizontal=True, gap="small"):
        for name in _NAMES:
            st.button(
                f"**{name}**" if name == step else name, key=_KEY.format(name),
                type="secondary" if name == step else "tertiary", on_click=_to, args=(name,),
            )  # fmt: skip


def _step(study: Study) -> str:
    """The step at which a person is, which the address names too.

    The address counts where a person comes by it: by a link, or by the browser's «back». Else what
    was pressed counts: a request that the browser sent before it heard of a press (a file arrives)
    brings an old address, at a busy machine seconds later.
    """
    told = st.query_params.get("step", "")
    told = told if told in STEPS else _NAMES[0]
    at: _At | None = st.session_state.get(_AT)
    came = came_by_address("setup")
    drawn = _KEY.format(_NAMES[0]) in st.session_state  # forgotten while another page is shown
    if at is None or came or not drawn or at.study_id != study.study_id:
        at = _At(study.study_id, told)
    st.session_state[_AT] = at
    if told != at.step:
        st.query_params["step"] = at.step
    return at.step


def _to(step: str) -> None:
    at: _At = st.session_state[_AT]
    st.session_state[_AT] = _At(at.study_id, step)


def _onward(study: Study, at: int) -> None:
    """Back, on, and the study's answer at the end."""
    with st.container(horizontal=True, key="onward"):
        if at > 0:
            st.button("Back", key=f"back-{at}", on_click=_to, args=(_NAMES[at - 1],))
        if at + 1 < len(_NAMES):
            st.button(
                f"Next: {_NAMES[at + 1].lower()}", key=f"next-{at}", type="primary", on_click=_to,
                args=(_NAMES[at + 1],),
            )  # fmt: skip
        last = at + 1 == len(_NAMES)
        if st.button("Open the study", type="primary" if last else "secondary"):
            go("study", id=study.study_id)


def _name_it(batch_id: str) -> None:
    """A study for recordings that were given together and belong to none."""
    heading("A study of these recordings", "How should it be called, and what is compared?")
    with st.form("name-it", width=560):
        name = st.text_input("Name", placeholder="Spring spot", max_chars=200)
        question = st.text_input("Question", placeholder="Does the new cut hold attention better?")
        conditions = st.text_input("Conditions", placeholder="A, B", help="May stay empty.")
        pressed = st.form_submit_button("Make the study", type="primary")
    if pressed:
        with show_errors():
            store = app_state().store
            made = studies.create(store, name, question, conditions)
            added = data.add_batch(store, made, batch_id)
            notice(f"{count(added, 'recording')} added.")
            go("setup", study=made, step=_NAMES[2])
