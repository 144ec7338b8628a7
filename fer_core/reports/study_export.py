"""What the files of a study hold: its viewers' seconds, a workbook's sheets, its comparisons."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from fer_core import __version__
from fer_core.analytics.compare import Comparison
from fer_core.analytics.study import method_sheet, sheets
from fer_core.files import JsonObject
from fer_core.reports.methods import COMPARED
from fer_core.reports.workbook import SHEET_ROWS
from fer_core.storage import Store
from fer_core.studies.answers import answers_table
from fer_core.studies.audiences import audiences, last_second, within
from fer_core.studies.groups import compare_groups, hide_few, usual_groups
from fer_core.studies.membership import Study
from fer_core.studies.seconds import study_seconds

_BY = ("session_id", "viewer")


def viewers_seconds(store: Store, study: Study, corrected: bool) -> pd.DataFrame:
    """Every viewer's second of the sessions that count, within the film."""
    columns = ("seen", "away", *study.measures, "emotion", "confidence")
    table = study_seconds(store, study.counted, columns, corrected=corrected)
    names = dict(zip(study.counted["session_id"], study.counted["name"]))
    table.insert(1, "session", table["session_id"].map(names))
    return table


def study_sheets(
    store: Store, study: Study, seconds: pd.DataFrame, *, corrected: bool, minimum: int
) -> dict[str, pd.DataFrame]:
    """What the workbook holds; a column ``audience`` says of whom a row speaks."""
    settings = _settings(study, corrected, minimum)
    parts: dict[str, list[pd.DataFrame]] = {}
    for one in audiences(study):
        mine = within(seconds, one)
        if mine.empty:
            continue
        made = sheets(
            mine, study.measures, scenes=one.scenes, markers=one.markers, minimum=minimum,
            settings=settings, last=last_second(one.length_ms), eyes=study.eyes,
        )  # fmt: skip
        for name, table in made.items():
            if name in ("method", "viewers"):
                parts.setdefault(name, []).append(table)
            else:
                table.insert(0, "audience", one.name)
                parts.setdefault(name, []).append(table)
    book: dict[str, pd.DataFrame] = {
        name: pd.concat(parts[name], ignore_index=True)
        for name in ("seconds", "scenes", "markers", "synchrony", "key numbers")
        if name in parts
    }
    for name, table in _comparison_sheets(comparisons(store, study, corrected, minimum)).items():
        book[name] = table
    method = _method(parts["method"])
    if minimum <= 1:
        about = seconds.drop_duplicates(list(_BY))[
            [*_BY, "session", "condition", "respondent", "stimulus_id"]
        ]
        viewers = pd.concat(parts["viewers"], ignore_index=True).drop_duplicates(list(_BY))
        book["viewers"] = about.merge(viewers, on=list(_BY), how="right")
        if len(seconds) <= SHEET_ROWS:
            book["viewer seconds"] = seconds
        else:
            note = (
                f"The sheet «viewer seconds» is left out: it would have {len(seconds):,} rows, and "
                f"an Excel sheet holds {SHEET_ROWS:,}. CSV and Parquet have them all."
            )
            method.loc[len(method)] = ("note", "viewer seconds", "", note, "")
        told = answers_table(store, study)
        if len(told):
            book["answers"] = told
            book["told by the second"] = store.courses.ratings(list(study.sessions["session_id"]))
    book["sessions"] = _members(study)
    book["method"] = method
    return book


def _method(found: list[pd.DataFrame]) -> pd.DataFrame:
    more = method_sheet(COMPARED, {})
    return pd.concat([found[0], more], ignore_index=True)


def _settings(study: Study, corrected: bool, minimum: int) -> JsonObject:
    return {
        "study": study.name,
        "study id": study.study_id,
        "question": study.question,
        "viewers": "simulated: nobody was filmed" if study.simulated else "filmed",
        "baseline correction": "yes" if corrected else "no",
        "smallest group": minimum,
        "sessions that count": len(study.counted),
        "sessions left out": len(study.left_out),
        "rapt": __version__,
    }


def _members(study: Study) -> pd.DataFrame:
    """Which sessions count, and why the others do not."""
    columns = {
        "session_id": "session_id", "name": "session", "condition": "condition",
        "respondent": "respondent", "stimulus": "stimulus", "duration_s": "duration_s",
        "viewers": "viewers", "quality": "quality", "flagged": "flagged", "counts": "counts",
        "reason": "reason", "model": "model",
    }  # fmt: skip
    return study.sessions[list(columns)].rename(columns=columns)


def comparisons(
    store: Store, study: Study, corrected: bool, minimum: int
) -> dict[tuple[str, str], Comparison]:
    groups = usual_groups(study)
    if not groups:
        return {}
    found = compare_groups(store, study, groups, corrected=corrected)
    return {two: hide_few(one, minimum) for two, one in found.items()}


def _comparison_sheets(pairs: Mapping[tuple[str, str], Comparison]) -> dict[str, pd.DataFrame]:
    """The differences, as the report and ``rapt compare`` have them."""
    if not pairs:
        return {}
    tables: dict[str, list[pd.DataFrame]] = {"differences": [], "scene differences": []}
    for (a, b), one in pairs.items():
        for name, table in zip(tables, (one.over_time, one.scenes)):
            made = table.copy()
            made.insert(0, "b", b)
            made.insert(0, "a", a)
            tables[name].append(made)
    return {
        name: pd.concat(found, ignore_index=True)
        for name, found in tables.items()
        if any(len(one) for one in found)
    }
