"""SPSS, Stata, and a bundle for R: viewers' seconds with labels and a codebook."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fer_core.reports.formats import ExportFormat, StudyOptions, add_format

if TYPE_CHECKING:
    from fer_core.storage import Store
    from fer_core.studies.membership import Study


def _session(form: str, store: Store, session_id: str, target: Path) -> int:
    from fer_core.reports.statistics.labelled import session_coded, write_labelled

    title = store.sessions.get(session_id).name
    return write_labelled(session_coded(store, session_id), target, form, title=title)


def _study(form: str, store: Store, study: Study, target: Path, options: StudyOptions) -> int:
    from fer_core.reports.statistics.labelled import study_coded, write_labelled

    return write_labelled(study_coded(store, study, options), target, form, title=study.name)


def _session_bundle(store: Store, session_id: str, target: Path) -> int:
    from fer_core.reports.statistics.labelled import session_coded, write_bundle

    title = store.sessions.get(session_id).name
    return write_bundle(session_coded(store, session_id), target, title=title)


def _study_bundle(store: Store, study: Study, target: Path, options: StudyOptions) -> int:
    from dataclasses import replace

    from fer_core.errors import DataError
    from fer_core.reports.statistics.labelled import study_coded, write_bundle

    long = study_coded(store, study, replace(options, wide=False))
    wider = None
    if options.minimum <= 1:
        try:
            wider = study_coded(store, study, replace(options, wide=True))
        except DataError:
            if options.wide:  # asked for, and more columns than there can be
                raise
    return write_bundle(long, target, title=study.name, wider=wider)


for order, (name, called, mime) in enumerate(
    (("sav", "SPSS", "application/x-spss-sav"), ("dta", "Stata", "application/x-stata-dta")),
    start=6,
):
    add_format(
        ExportFormat(
            name=name,
            mime=mime,
            order=order,
            session_label=called,
            study_label=f"Seconds for {called}",
            session=partial(_session, name),
            study=partial(_study, name),
        ),
    )
add_format(
    ExportFormat(
        name="zip",
        mime="application/zip",
        order=8,
        session_label="R, CSV and codebook",
        study_label="R, CSV and codebook",
        session=_session_bundle,
        study=_study_bundle,
    ),
)
