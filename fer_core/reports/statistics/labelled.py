"""What the files for statisticians hold: a session's or a study's seconds, coded, long or wide."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pandas as pd

from fer_core import __version__
from fer_core.analytics.seconds import curves
from fer_core.analytics.study import audience_sheet, shown_measures
from fer_core.errors import DataError, StoreError
from fer_core.files import replacing
from fer_core.measures import MEASURES, has_eyes
from fer_core.reports.formats import StudyOptions
from fer_core.reports.formats.rows import no_formulas
from fer_core.reports.statistics.codebook import Coded, coded, wide
from fer_core.reports.study_export import viewers_seconds
from fer_core.storage import Store
from fer_core.studies.membership import Study

#: The most letters of a text that Stata takes; SPSS takes more.
_LONGEST_TEXT: Final = 2000


def study_table(store: Store, study: Study, options: StudyOptions) -> tuple[pd.DataFrame, bool]:
    """A study's seconds, viewer by viewer; the audience's with a smallest group above 1.

    Whether it has a row a viewer and second, so that it can be made wide.
    """
    seconds = viewers_seconds(store, study, options.corrected)
    if options.minimum > 1:
        lines = [curves(seconds, name) for name in shown_measures(seconds, study.measures)]
        return audience_sheet(lines, minimum=options.minimum), False
    titles = {one.stimulus_id: one.title for one in study.stimuli}
    seconds.insert(4, "stimulus", seconds["stimulus_id"].map(titles))
    absent = set(study.measures) - set(shown_measures(seconds, study.measures))
    return seconds.drop(columns=["stimulus_id", *absent]), True


def study_coded(store: Store, study: Study, options: StudyOptions) -> Coded:
    """The same with labels, one row a viewer where that is asked for."""
    table, viewers = study_table(store, study, options)
    if options.wide:
        if not viewers:
            raise DataError(
                "One row a viewer shows single viewers.", "Leave out --wide or the smallest group."
            )
        table = wide(table, study.measures)
    return coded(table, eyes=study.eyes)


def session_coded(store: Store, session_id: str) -> Coded:
    """A session's seconds, viewer by viewer, with labels."""
    seconds = store.timeline.seconds(session_id)
    session = store.sessions.get(session_id)
    if seconds.empty:
        raise DataError(
            f"In {session.name!r} no second of any viewer is known.",
            "Its timeline can be taken as CSV.",
        )
    absent = set(MEASURES) - set(shown_measures(seconds))
    table = seconds.drop(columns=[one for one in absent if one in seconds])
    return coded(table, eyes=has_eyes(session.versions))


def write_labelled(found: Coded, target: Path, form: str, *, title: str) -> int:
    """Write SPSS (``sav``) or Stata (``dta``); how many rows it has."""
    import pyreadstat

    table = found.table.copy()
    for name in table.select_dtypes(include=["object", "string"]).columns:
        table[name] = table[name].map(lambda one: str(one)[:_LONGEST_TEXT], na_action="ignore")
    about = {
        "column_labels": found.column_labels,
        "variable_value_labels": found.value_labels,
        "file_label": title.encode("ascii", "replace").decode()[:60],
    }
    with _put(target) as part:
        if form == "sav":
            pyreadstat.write_sav(table, part, compress=True, **about)
        else:
            pyreadstat.write_dta(table, part, version=14, **about)
    return len(table)


def write_bundle(found: Coded, target: Path, *, title: str, wider: Coded | None = None) -> int:
    """Write one .zip: tidy CSV, Parquet, codebook, an R script, and one row a viewer where
    ``wider`` has it; how many rows the long table has."""
    tables = {"long": found} | ({"wide": wider} if wider is not None else {})
    with _put(target) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, one in tables.items():
            words = one.in_words()
            archive.writestr(f"{name}.csv", no_formulas(words).to_csv(index=False))
            into = io.BytesIO()
            words.to_parquet(into, index=False, compression="zstd")
            archive.writestr(f"{name}.parquet", into.getvalue())
        archive.writestr("codebook.csv", no_formulas(found.codebook()).to_csv(index=False))
        archive.writestr("read.R", r_script(found, title, tables))
    return len(found.table)


def r_script(found: Coded, title: str, tables: dict[str, Coded]) -> str:
    """An R script that reads the tables beside it, with factors in their order and labels."""
    lines = [
        f"# {' '.join(title.split())}, by Rapt {__version__}.",
        "# Run it in the folder of these files. It needs the package nanoparquet or arrow.",
        'read_table <- if (requireNamespace("nanoparquet", quietly = TRUE)) {',
        "  nanoparquet::read_parquet",
        "} else {",
        "  arrow::read_parquet",
        "}",
    ]
    for name, one in tables.items():
        lines.append(f'{name} <- as.data.frame(read_table("{name}.parquet"))')
        for variable in one.variables:
            there = f'{name}[["{variable.name}"]]'
            if variable.values:
                levels = ", ".join(_r_text(word) for _, word in variable.values)
                lines.append(f"{there} <- factor({there}, levels = c({levels}))")
            lines.append(f'attr({there}, "label") <- {_r_text(variable.label)}')
    if "condition" in found.table and "engagement" in found.table:
        lines += ["", "aggregate(engagement ~ condition, data = long, FUN = mean)"]
    return "\n".join(lines) + "\n"


def _r_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@contextmanager
def _put(target: Path) -> Iterator[Path]:
    """A file that appears when it is whole; StoreError where it cannot be written."""
    try:
        with replacing(target) as part:
            yield part
    except OSError as error:
        raise StoreError(
            f"{target} cannot be written: {error.strerror}.", "Check the folder and the disk."
        ) from error
