"""What a study is for: asked once, on the study's pages and before a link for respondents."""

from __future__ import annotations

import streamlit as st

from dashboard.shared.page import notice, show_errors
from dashboard.shared.web.access.identity import may
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.access.purpose import EXCEPTIONS, FORBIDDEN, MOST_REASON, Purpose
from fer_core.storage.studies import StatePurpose, Study


def ask_purpose(study_id: str) -> None:
    """The question, to whoever may answer it, until it is answered."""
    study = app_state().store.studies.get(study_id)
    if study.purpose is None and not study.simulated and may(Action.EDIT):
        with st.container(border=True, key="ask-purpose"):
            st.markdown("**What is this study for?** Asked once, and kept with the study.")
            choose_purpose(study, key="purpose")


def choose_purpose(study: Study, *, key: str) -> None:
    """The choice. One that the law forbids is declined, unless an exception is named."""
    before = study.purpose.purpose if study.purpose else None
    chosen = st.selectbox(
        "Purpose", list(Purpose), index=list(Purpose).index(before) if before else None,
        format_func=lambda one: one.label, placeholder="Choose one", key=key, width=420,
    )  # fmt: skip
    if chosen is Purpose.WORK:
        _forbidden(study, key)
    elif chosen is not None and chosen is not before:
        _keep(StatePurpose(study_id=study.study_id, purpose=chosen))


def _forbidden(study: Study, key: str) -> None:
    st.warning(FORBIDDEN, icon=":material/gavel:")
    stated = study.purpose
    with st.form(f"{key}-exception", border=False):
        exception = st.radio(
            "Does one of its exceptions apply?", [None, *EXCEPTIONS],
            index=0 if stated is None or stated.exception is None
            else 1 + EXCEPTIONS.index(stated.exception),
            format_func=lambda one: f"Yes, {one.label.lower()} reasons" if one else "No",
        )  # fmt: skip
        reason = st.text_area(
            "The reason, in your words", value=stated.reason if stated else "",
            max_chars=MOST_REASON, help="It is kept with the study, and printed on its papers.",
        )  # fmt: skip
        pressed = st.form_submit_button("Keep this purpose")
    if pressed:
        _keep(
            StatePurpose(
                study_id=study.study_id, purpose=Purpose.WORK, exception=exception, reason=reason
            )
        )


def _keep(asked: StatePurpose) -> None:
    with show_errors():
        app_state().store.run(asked)
        notice("The purpose is kept.")
        st.rerun()
