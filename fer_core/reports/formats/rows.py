"""CSV and Parquet: a session's timeline, a study's seconds."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fer_core.reports.formats import ExportFormat, StudyOptions, add_format
from fer_core.text import no_formula

if TYPE_CHECKING:
    import pandas as pd

    from fer_core.storage import Store
    from fer_core.studies.membership import Study


def _session(name: str, store: Store, session_id: str, target: Path) -> int:
    from fer_core.storage.timeline.export import export_timelines

    return export_timelines(store, [session_id], target, name)


def _study(name: str, store: Store, study: Study, target: Path, options: StudyOptions) -> int:
    from fer_core.analytics.seconds import curves
    from fer_core.analytics.study import audience_sheet
    from fer_core.reports.study_export import viewers_seconds

    table = viewers_seconds(store, study, options.corrected)
    if options.minimum > 1:
        lines = [curves(table, name) for name in study.measures]
        table = audience_sheet(lines, minimum=options.minimum)
    if name == "csv":
        no_formulas(table).to_csv(target, index=False)
    else:
        table.to_parquet(target, index=False, compression="zstd")
    return len(table)


def no_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """The same with names and other texts that a spreadsheet does not run."""
    changed = table.rename(columns=lambda name: no_formula(str(name)))
    for name in changed.select_dtypes(exclude=["number", "bool"]).columns:
        changed[name] = changed[name].map(
            lambda value: no_formula(value) if isinstance(value, str) else value
        )
    return changed


for order, (name, called, mime) in enumerate(
    (("csv", "CSV", "text/csv"), ("parquet", "Parquet", "application/vnd.apache.parquet"))
):
    add_format(
        ExportFormat(
            name=name,
            mime=mime,
            order=order,
            study_order=order + 1,
            session_label=called,
            study_label=f"Seconds as {called}",
            session=partial(_session, name),
            study=partial(_study, name),
        ),
    )
