"""Workbooks: what openpyxl reads back equals what was written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from fer_core.analytics.seconds import audience, curves
from fer_core.errors import StoreError
from fer_core.measures import MEASURES
from fer_core.reports import session_export, study_export, workbook
from fer_core.reports.formats import StudyOptions, export_session, export_study
from fer_core.reports.workbook import Rows, write_workbook
from fer_core.storage import Store
from fer_core.studies.groups import compare_groups, find_groups
from fer_core.studies.membership import Study
from fer_core.studies.seconds import study_seconds


def test_numbers_come_back_equal_and_text_stays_text(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "name": ["=1+1", "plain", "tab\x01bed", None],
            "value": [1 / 3, np.nan, np.inf, -1e-9],
            "n": pd.array([1, 2, None, 4], dtype="Int64"),
            "when": pd.to_datetime(["2026-11-23T01:00:00Z", None, None, None]),
        }
    )
    path = tmp_path / "book.xlsx"
    write_workbook(path, {"one": table, "two": Rows(("a", "b"), 2, iter([(1, "x"), (2, None)]))})
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["one", "two"]
    rows = list(book["one"].values)
    assert rows[0] == ("name", "value", "n", "when")
    assert rows[1][:3] == ("=1+1", 1 / 3, 1)
    assert book["one"]["A2"].data_type == "s", "a name is never a formula"
    assert rows[2][:3] == ("plain", None, 2)
    assert rows[3][:3] == ("tabbed", None, None)
    assert rows[4][1] == -1e-9
    assert list(book["two"].values) == [("a", "b"), (1, "x"), (2, None)]
    assert book["one"].freeze_panes == "A2"


def test_a_sheet_that_excel_cannot_hold_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "SHEET_ROWS", 3)
    with pytest.raises(StoreError, match="«seconds» has 4 rows; an Excel sheet holds 3") as refused:
        write_workbook(tmp_path / "book.xlsx", {"seconds": pd.DataFrame({"a": range(4)})})
    assert "Parquet" in refused.value.hint
    assert not (tmp_path / "book.xlsx").exists()


def test_a_studys_workbook_has_the_studys_numbers(
    store: Store, study: Study, tmp_path: Path
) -> None:
    path = tmp_path / "study.xlsx"
    sheets = export_study(store, study, path, "xlsx")
    book = pd.read_excel(path, sheet_name=None)
    assert len(book) == sheets
    assert {"seconds", "scenes", "markers", "viewers", "method", "differences"} <= set(book)

    seconds = study_seconds(store, study.counted, MEASURES)
    b = seconds[seconds["condition"] == "B"]
    wanted = audience(curves(b, "attention"))
    sheet = book["seconds"]
    mine = sheet[(sheet["audience"] == "B") & (sheet["measure"] == "attention")]
    for name in ("mean", "low", "high", "n"):
        np.testing.assert_array_equal(mine[name].to_numpy(float), wanted[name].to_numpy(float))

    groups = find_groups(study, ["A", "B"])
    found = compare_groups(store, study, groups)["A", "B"]
    for sheet, table in (("differences", found.over_time), ("scene differences", found.scenes)):
        np.testing.assert_allclose(
            book[sheet].select_dtypes("number").to_numpy(float),
            table.select_dtypes("number").to_numpy(float),
            rtol=1e-15,  # Excel keeps 15 to 17 digits
        )
    assert len(book["viewers"]) == 48
    assert len(book["viewer seconds"]) == len(seconds)
    method = book["method"]
    assert "simulated: nobody was filmed" in set(method["definition"])
    assert {"engagement/1", "difference_over_time/1"} <= set(method["version"])


def test_a_minimum_group_leaves_no_row_of_one_viewer(
    store: Store, study: Study, tmp_path: Path
) -> None:
    path = tmp_path / "shared.xlsx"
    export_study(store, study, path, "xlsx", StudyOptions(minimum=5))
    names = openpyxl.load_workbook(path, read_only=True).sheetnames
    assert "viewers" not in names
    assert "viewer seconds" not in names
    export_study(store, study, tmp_path / "shared.csv", "csv", StudyOptions(minimum=5))
    columns = pd.read_csv(tmp_path / "shared.csv").columns
    assert list(columns) == ["measure", "second", "mean", "low", "high", "n"]


def test_rows_of_a_study_come_back_from_csv_and_parquet(
    store: Store, study: Study, tmp_path: Path
) -> None:
    wanted = study_seconds(store, study.counted, ("engagement",))
    for form, read in (("csv", pd.read_csv), ("parquet", pd.read_parquet)):
        assert export_study(store, study, tmp_path / f"s.{form}", form) == len(wanted)
        table = read(tmp_path / f"s.{form}")
        np.testing.assert_allclose(table["engagement"], wanted["engagement"], rtol=1e-6)
        assert table["respondent"].tolist() == wanted["respondent"].tolist()


def test_more_rows_than_a_sheet_holds_leave_a_note(
    store: Store, study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = str(study.counted["session_id"].iloc[0])
    whole = export_session(store, session_id, tmp_path / "whole.xlsx", "xlsx")
    book = pd.read_excel(tmp_path / "whole.xlsx", sheet_name=None)
    assert len(book["timeline"]) == whole == len(store.timeline.rows(session_id))
    assert {"seconds", "scenes", "viewers", "method"} <= set(book)

    monkeypatch.setattr(session_export, "SHEET_ROWS", 100)
    export_session(store, session_id, tmp_path / "cut.xlsx", "xlsx")
    cut = pd.read_excel(tmp_path / "cut.xlsx", sheet_name=None)
    assert "timeline" not in cut
    note = cut["method"].set_index("name").loc["timeline", "definition"]
    assert f"it would have {whole:,} rows" in note
    assert "Parquet" in note

    monkeypatch.setattr(study_export, "SHEET_ROWS", 100)
    export_study(store, study, tmp_path / "study.xlsx", "xlsx")
    cut = pd.read_excel(tmp_path / "study.xlsx", sheet_name=None)
    assert "viewer seconds" not in cut
    assert "viewer seconds" in set(cut["method"]["name"])
