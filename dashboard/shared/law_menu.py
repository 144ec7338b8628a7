"""A study's purpose and the papers about it, behind one button of its pages."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.shared.exports import file_name
from dashboard.shared.purpose import choose_purpose
from dashboard.shared.web.access.identity import may
from dashboard.shared.widgets.download import download_button
from dashboard.shared.widgets.lazy_popover import lazy_popover
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.access.purpose import label_of
from fer_core.law.facts import gather
from fer_core.law.papers import PAPERS, paper
from fer_core.law.responsible import responsible
from fer_core.reports.build import FORMS, written


def law_menu(study_id: str) -> None:
    """For everybody who sees the study; papers for those who may export."""
    lazy_popover("Law", icon=":material/gavel:", key="law", content=partial(_content, study_id))


def _content(study_id: str) -> None:
    store = app_state().store
    study = store.studies.get(study_id)
    if may(Action.EDIT) and not study.simulated:
        choose_purpose(study, key="law-purpose")
    else:
        st.markdown(f"Purpose: {label_of(study.purpose)}")
    if may(Action.EXPORT):
        st.markdown("**Papers**, filled from this study")
        for kind in PAPERS.values():
            download_button(
                f"{kind.label}, PDF",
                data=partial(_written, study_id, kind.name),
                file_name=file_name(f"{study.name}, {kind.label.lower()}", "pdf"),
                mime=FORMS["pdf"],
                of=("study", study_id),
                key=f"law-{kind.name}",
                help=kind.about,
                width="stretch",
            )
    who = responsible(store)
    if not who.name or not who.contact:
        st.caption("Nobody is named as responsible yet: an admin does that on the page «Privacy».")
    st.caption("Information, not legal advice. `docs/law.md` says what they follow.")


def _written(study_id: str, name: str) -> bytes:
    return written(paper(name, gather(app_state().store, study_id)), "pdf")
