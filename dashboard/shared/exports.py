"""Sessions and studies as files to keep, made when they are asked for."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from fer_core.files import safe_name
from fer_core.reports import build
from fer_core.reports.content import ReportOptions
from fer_core.reports.session_export import export_session
from fer_core.reports.study_export import export_study, study_figures, zipped
from fer_core.storage import Store
from fer_core.studies.membership import Study

__all__ = [
    "FORMATS",
    "REPORTS",
    "ReportOptions",
    "export",
    "figures",
    "file_name",
    "report",
    "study",
]

FORMATS: Final = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "eaf": "application/xml",
    "svg": "image/svg+xml",
    "png": "image/png",
}
REPORTS: Final = build.FORMS
ZIP: Final = "application/zip"


def export(store: Store, session_id: str, form: str) -> bytes:
    """A session in one of its forms."""
    with tempfile.TemporaryDirectory(prefix="rapt-export-") as folder:
        target = Path(folder) / f"session.{form}"
        export_session(store, session_id, target, form)
        return target.read_bytes()


def study(
    store: Store, found: Study, form: str, *, stimulus: str | None = None, corrected: bool = False,
    minimum: int = 1,
) -> bytes:  # fmt: skip
    """A study's rows, workbook or ELAN file."""
    with tempfile.TemporaryDirectory(prefix="rapt-export-") as folder:
        target = Path(folder) / f"study.{form}"
        export_study(store, found, target, form, corrected=corrected, minimum=minimum,
                     stimulus=stimulus)  # fmt: skip
        return target.read_bytes()


def figures(store: Store, found: Study, form: str, options: ReportOptions) -> bytes:
    """The figures of the report, each a file in one archive."""
    return zipped(study_figures(store, found, form, options))


def report(store: Store, found: Study, form: str, options: ReportOptions) -> bytes:
    return build.report(store, found, form, options)


def file_name(name: str, form: str) -> str:
    return f"{safe_name(name)}.{form}"
