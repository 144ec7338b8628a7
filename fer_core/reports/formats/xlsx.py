"""Excel workbooks: seconds, scenes, markers, viewers, synchrony, key numbers, method."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fer_core.reports.formats import ExportFormat, StudyOptions, add_format

if TYPE_CHECKING:
    from fer_core.storage import Store
    from fer_core.studies.membership import Study


def _session(store: Store, session_id: str, target: Path) -> int:
    from fer_core.reports.session_export import session_sheets
    from fer_core.reports.workbook import write_workbook

    book, rows = session_sheets(store, session_id)
    write_workbook(target, book)
    return rows


def _study(store: Store, study: Study, target: Path, options: StudyOptions) -> int:
    from fer_core.reports.study_export import study_sheets, viewers_seconds
    from fer_core.reports.workbook import write_workbook

    seconds = viewers_seconds(store, study, options.corrected)
    book = study_sheets(store, study, seconds, corrected=options.corrected, minimum=options.minimum)
    write_workbook(target, book)
    return len(book)


add_format(
    ExportFormat(
        name="xlsx",
        mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        order=2,
        study_order=0,
        session_label="Excel workbook",
        study_label="Excel workbook",
        session=_session,
        study=_study,
        study_counts="sheets",
    ),
)
