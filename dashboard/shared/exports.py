"""Sessions and studies as files to keep, made when they are asked for."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from fer_core.files import safe_name
from fer_core.reports import build
from fer_core.reports.content import ReportOptions
from fer_core.reports.formats import (
    StudyOptions,
    export_session,
    export_study,
    study_figures,
)
from fer_core.storage import Store
from fer_core.studies.membership import Study

REPORTS: Final = build.REPORTS
ZIP: Final = "application/zip"


def export(store: Store, session_id: str, form: str) -> bytes:
    """A session in one of its forms."""
    with tempfile.TemporaryDirectory(prefix="rapt-export-") as folder:
        target = Path(folder) / f"session.{form}"
        export_session(store, session_id, target, form)
        return target.read_bytes()


def study(store: Store, found: Study, form: str, options: StudyOptions) -> bytes:
    """A study's rows, workbook or ELAN file."""
    with tempfile.TemporaryDirectory(prefix="rapt-export-") as folder:
        target = Path(folder) / f"study.{form}"
        export_study(store, found, target, form, options)
        return target.read_bytes()


def figures(store: Store, found: Study, form: str, options: ReportOptions) -> bytes:
    """The figures of the report, each a file in one archive."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in study_figures(store, found, form, options).items():
            archive.writestr(name, content)
    return into.getvalue()


def report(store: Store, found: Study, form: str, options: ReportOptions) -> bytes:
    return build.report(store, found, form, options)


def file_name(name: str, form: str) -> str:
    return f"{safe_name(name)}.{form}"
