"""A study's page: how the audience responded, who was in it, the film."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from dashboard.audience.studies import data as studies
from dashboard.audience.study import cached
from dashboard.audience.study.answers import answered, answers
from dashboard.audience.study.film.view import film
from dashboard.audience.study.limited import limited_to
from dashboard.audience.study.members.view import members
from dashboard.audience.study.response import response
from dashboard.audience.study.versions import versions_note
from dashboard.navigation import go
from dashboard.shared.definitions import definitions
from dashboard.shared.export_menu import study_exports
from dashboard.shared.forgetting import forget_button
from dashboard.shared.law_menu import law_menu
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.page import notice, show_errors, subject_heading
from dashboard.shared.purpose import ask_purpose
from dashboard.shared.segments import as_shown
from dashboard.shared.web.access.identity import may
from dashboard.shared.widgets.confirm import STAYS_IN_BACKUPS, confirmed
from dashboard.shared.widgets.empty_state import not_here
from dashboard.shared.widgets.lazy_popover import lazy_popover
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.analytics.simulate import SIMULATED
from fer_core.analytics.statistics import DEFINED
from fer_core.analytics.wording import listed
from fer_core.keeping.forget import plan_study
from fer_core.studies.groups import usual_kind
from fer_core.studies.membership import Study
from fer_core.text import count, shorten

EXPLAINED = (
    "engagement", "attention", "valence", "expressiveness", "second", "audience", "share",
    "baseline", "quality", *DEFINED, "key_moments", "lift", "peak_to_marker", "synchrony", "norm",
)  # fmt: skip
#: The views that can be narrowed to some viewers: what is exported there is narrowed too.
FILTERED = ("Response", "Answers")


def show(views: Mapping[str, Callable[[Study], None]], share: Callable[[Study, str], None]) -> None:
    """The study that the address names; ``views`` and ``share`` are what other wings add."""
    study_id = st.query_params.get("id", "")
    study = cached.study(study_id) if study_id else None
    if study is None:
        not_here("study", "studies")
        return
    _title(study)
    answer = st.container()
    simulated_note(study)
    versions_note(study)
    ask_purpose(study.study_id)
    actions = st.container(horizontal=True)
    shown: dict[str, Callable[[Study], None]] = {
        "Response": partial(response, answer=answer),
        "Sessions": members,
        "Film": film,
        **({"Answers": answers} if answered(study) else {}),
        **views,
    }
    view = st.segmented_control(
        "View", list(shown), default="Response", key="view", bind="query-params", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    with actions:
        _actions(study, view, share)
    shown[view](study)


def _title(study: Study) -> None:
    out = len(study.left_out)
    facts = (
        study.question,
        count(len(study.counted), "session"),
        f"{out} left out" if out else None,
        listed(study.conditions, "and") if len(study.conditions) > 1 else None,
    )
    subject_heading(study.name, facts, most=80)


def simulated_note(study: Study) -> None:
    if study.simulated:
        st.info(SIMULATED, icon=":material/smart_toy:")


def _actions(study: Study, view: str, share: Callable[[Study, str], None]) -> None:
    if len(study.conditions) > 1 or usual_kind(study):
        if st.button("Compare", icon=":material/compare_arrows:"):
            go("compare", study=study.study_id)
        if st.button(
            "Recommend", icon=":material/recommend:",
            help="Which of the films or versions suits this audience, and how surely.",
        ):  # fmt: skip
            go("recommend", study=study.study_id, view="For an audience")
    exported, by = as_shown(study) if view in FILTERED else (study, "")
    split = by if view == "Response" else ""
    study_exports(exported, split)
    share(exported, split)
    if st.button("Clips", icon=":material/movie:", help="The moments that matter, as films."):
        go("clips", study=study.study_id)
    definitions(EXPLAINED, eyes=study.eyes)
    if may(Action.EDIT):
        lazy_popover("Edit", icon=":material/edit:", key="edit", content=partial(_edit, study))
    law_menu(study.study_id)
    limited_to(study.study_id)
    if may(Action.DELETE) and st.button("Delete", icon=":material/delete:", type="tertiary"):
        _confirm_delete(study)
    forget_button(partial(plan_study, study=study.study_id), key="study", then="studies")


def _edit(study: Study) -> None:
    with st.form("edit-study", border=False):
        name = st.text_input("Name", value=study.name, max_chars=200)
        question = st.text_input("Question", value=study.question)
        conditions = st.text_input("Conditions", value=", ".join(study.conditions))
        if st.form_submit_button("Save"):
            with show_errors():
                studies.update(app_state().store, study.study_id, name, question, conditions)
                notice("Saved.")
                st.rerun()


@st.dialog("Delete this study?")
def _confirm_delete(study: Study) -> None:
    what = (
        f"**{escape_markdown(shorten(study.name, 60))}** with its stimuli, scenes and markers "
        "is removed. Its sessions stay, without a study. This cannot be undone. "
        f"{STAYS_IN_BACKUPS}"
    )
    if confirmed(what, yes="Delete study"):
        with show_errors():
            studies.delete(app_state().store, study.study_id)
            notice(f"{shorten(study.name, 40)} is deleted.")
            go("studies")
