"""Buttons that hand out a study: its report, its rows, its figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import streamlit as st

from dashboard.shared import exports
from dashboard.shared.markdown import escape_markdown
from dashboard.shared.web.access.identity import may
from dashboard.shared.widgets.download import download_button
from dashboard.shared.widgets.filters import GROUP_SIZES
from dashboard.shared.widgets.lazy_popover import lazy_popover
from dashboard.state import app_state
from fer_core.access.permissions import Action
from fer_core.analytics.carried import SHARED
from fer_core.reports.content import ReportOptions
from fer_core.reports.formats import ExportFormat, StudyOptions, in_study_order
from fer_core.studies.membership import Study


def report(study: Study, options: ReportOptions, key: str) -> None:
    """One click: the report as a PDF."""
    _button("Report", study, "pdf", options, key, icon=":material/description:")


def study_exports(study: Study, by: str = "", *, key: str = "study") -> None:
    """The report with what is chosen on the page, and everything else behind one button.

    ``study``: narrowed as the page is; ``by``: the attribute that it is split by.
    """
    if study.counted.empty or not may(Action.EXPORT):
        return
    corrected = bool(st.session_state.get("baseline", False))
    options = ReportOptions(corrected=corrected, by=by or None)
    report(study, options, key)
    _menu(key, partial(_study_files, study, options, key))


def _menu(key: str, content: Callable[[], None]) -> None:
    lazy_popover("Export", icon=":material/download:", key=f"{key}-export", content=content)


def _study_files(study: Study, chosen: ReportOptions, key: str) -> None:
    if study.sessions_left_aside:
        st.caption(f"Of the viewers who are shown: {escape_markdown(study.name)}")
    st.markdown("**To share with others**")
    minimum = st.selectbox(
        "Smallest group shown",
        GROUP_SIZES,
        index=GROUP_SIZES.index(SHARED),
        key=f"{key}-shared-minimum",
        help="Seconds and scenes of fewer viewers stay empty.",
    )
    names = st.checkbox("Name the sessions that were left out", value=True, key=f"{key}-names")
    options = replace(chosen, minimum=int(minimum), names=names)
    left, right = st.columns(2)
    with left:
        _button("Report, PDF", study, "pdf", options, f"{key}-chosen", width="stretch")
    with right:
        _button("Report, HTML", study, "html", options, f"{key}-chosen", width="stretch")
    _button("Slides, PowerPoint", study, "pptx", options, f"{key}-chosen", width="stretch")
    for at, form in enumerate(one for one in in_study_order() if one.figures is not None):
        with (left, right)[at % 2]:
            _figures(form, study, options, key)
    st.markdown("**For further work**, viewer by viewer")
    for form in in_study_order():
        if form.study is None:
            continue
        for title in _films(study) if form.per_film else (None,):
            choice = StudyOptions(corrected=chosen.corrected, stimulus=title)
            download_button(
                form.study_label if title is None else f"{form.study_label}, {title}",
                data=partial(exports.study, app_state().store, study, form.name, choice),
                file_name=exports.file_name(study.name, form.name),
                mime=form.mime,
                of=("study", study.study_id),
                key=f"{key}-{form.name}-{title}",
                width="stretch",
            )
    st.caption("Keep these files where the recordings are kept.")


def comparison_exports(study: Study, options: ReportOptions, key: str) -> None:
    """The report of what is compared on the page, and its figures."""
    if not may(Action.EXPORT):
        return
    options = replace(options, minimum=max(options.minimum, SHARED))
    with st.container(horizontal=True):
        report(study, options, key)
        _menu(key, partial(_comparison_files, study, options, key))


def _comparison_files(study: Study, options: ReportOptions, key: str) -> None:
    _button("Report, HTML", study, "html", options, key, width="stretch")
    _button("Slides, PowerPoint", study, "pptx", options, key, width="stretch")
    for form in in_study_order():
        if form.figures is not None:
            _figures(form, study, options, key)


def _films(study: Study) -> tuple[str | None, ...]:
    """An ELAN file follows one film: one for each that was watched, where there are several."""
    watched = set(study.counted["stimulus_id"].dropna())
    if len(watched) < 2:
        return (None,)
    return tuple(one.title for one in study.stimuli if one.stimulus_id in watched)


def _button(
    label: str, study: Study, form: str, options: ReportOptions, key: str, *,
    icon: str | None = None, width: str = "content",
) -> None:  # fmt: skip
    download_button(
        label,
        data=partial(exports.report, app_state().store, study, form, options),
        file_name=exports.file_name(study.name, form),
        mime=exports.REPORTS[form],
        of=("study", study.study_id),
        key=f"{key}-report-{form}",
        icon=icon,
        width=width,
    )


def _figures(form: ExportFormat, study: Study, options: ReportOptions, key: str) -> None:
    download_button(
        form.study_label,
        data=partial(exports.figures, app_state().store, study, form.name, options),
        file_name=exports.file_name(f"{study.name} figures, {form.name}", "zip"),
        mime=exports.ZIP,
        of=("study", study.study_id),
        key=f"{key}-figures-{form.name}",
        width="stretch",
    )
