"""Studies as rows, a new one, and the empty case."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboard.audience.studies import data
from dashboard.audience.studies.cached import headlines
from dashboard.navigation import go
from dashboard.shared.page import heading, notice, show_errors
from dashboard.shared.web.access.identity import may
from dashboard.shared.widgets.empty_state import empty
from dashboard.shared.widgets.linked_row import linked_row
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.analytics.simulate import SIMULATED
from fer_core.storage.studies import StudyListed
from fer_core.studies.headlines import Headline
from fer_core.text import ago, count, whole

KINDS = ("ad", "film", "game", "talk")


def show() -> None:
    heading(
        "Studies", "How did the audience respond? Recordings of many viewers, brought together."
    )
    rows = app_state().store.studies.list()
    if not rows:
        no_studies()
        return
    if may(Action.EDIT):
        _begin(rows)
    _study_rows(rows)


def _begin(rows: Sequence[StudyListed]) -> None:
    with st.container(horizontal=True):
        _new_study()
        wanted = not any(row.simulated for row in rows) and st.button(
            "Make the demo study", icon=":material/smart_toy:"
        )
    if wanted:
        _make_demo()


def _study_rows(rows: Sequence[StudyListed]) -> None:
    """One row a study; the whole row opens it."""
    found = headlines()
    for row in rows:
        headline = found[row.study_id]
        linked_row(
            "study",
            row.study_id,
            row.name,
            facts=_facts(row, headline),
            figures='<div class="rapt-figures rapt-two"><div>'
            f"<strong>{headline.viewers:,}</strong><small>viewers</small></div><div>"
            f"<strong>{_means(headline)}</strong><small>engagement</small></div></div>",
            widths=(8, 3),
            most=80,
        )


def _means(headline: Headline) -> str:
    """The mean that the study's page shows; of several films the lowest and the highest."""
    known = [one for one in headline.means if one == one]
    ends = dict.fromkeys(whole(one) for one in (min(known), max(known))) if known else ("–",)
    return " to ".join(ends)


def _facts(row: StudyListed, headline: Headline) -> str:
    facts = [ago(row.created), count(headline.sessions, "session")]
    if headline.left_out:
        facts.append(f"{headline.left_out} left out")
    if row.stimuli:
        facts.append(count(row.stimuli, "stimulus", "stimuli"))
    if row.simulated:
        facts.insert(0, "simulated")
    asked = f'<span class="rapt-asked">{escape(row.question)}</span>' if row.question else ""
    return asked + " · ".join(facts)


def no_studies() -> None:
    """The beginning: look at one that is made up, or make a first one."""
    if not may(Action.EDIT):
        st.caption("There is no study yet.")
        return
    if empty(
        "A study brings the recordings of many viewers together and says how the audience "
        "responded. Look at a simulated one first, or begin your own.",
        "Make the demo study",
        key="first-study",
    ):
        _make_demo()
    with st.container(horizontal=True, horizontal_alignment="center"):
        _new_study()


def _make_demo() -> None:
    """Simulated viewers into the store, with a bar; then its page."""
    bar = st.progress(0.0, text=f"Making the demo study. {SIMULATED}")

    def show(done: int, total: int) -> None:
        bar.progress(done / total, text=f"Viewer {done} of {total}. {SIMULATED}")

    with show_errors():
        go("study", id=data.demo(app_state().store, show))


def _new_study() -> None:
    with (
        st.popover("New study", icon=":material/add:"),
        st.form("new-study", border=False),
    ):
        name = st.text_input("Name", placeholder="Spring spot", max_chars=200)
        question = st.text_input("Question", placeholder="Does the new cut hold attention better?")
        conditions = st.text_input(
            "Conditions", placeholder="A, B", help="What is compared; with commas. May stay empty."
        )
        kind = st.selectbox(
            "Kind",
            KINDS,
            index=None,
            placeholder="None, or type one",
            accept_new_options=True,
            help="Norms compare a study with others of its kind.",
        )
        pressed = st.form_submit_button("Create")
    if pressed:
        with show_errors():
            made = data.create(app_state().store, name, question, conditions, str(kind or ""))
            notice("Created. Now its film and recordings.")
            go("setup", study=made)
