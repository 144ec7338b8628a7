"""Sessions as files to keep."""

from __future__ import annotations

import csv
import io

import openpyxl
import pandas as pd
import pytest

from dashboard.shared import exports
from tests.dashboard.simulated import Furnished


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_every_export_holds_the_same_rows(furnished: Furnished, form: str) -> None:
    kept = exports.export(furnished.store, furnished.one, form)
    rows = len(furnished.store.timeline.rows(furnished.one))
    if form == "csv":
        found = len(list(csv.reader(io.StringIO(kept.decode())))) - 1
    elif form == "parquet":
        found = len(pd.read_parquet(io.BytesIO(kept)))
    else:
        book = openpyxl.load_workbook(io.BytesIO(kept), read_only=True)
        found = sum(1 for _ in book["timeline"].rows) - 1
    assert found == rows


def test_a_download_is_named_after_the_session_and_harmless() -> None:
    assert exports.file_name("../../a<b>: Tür?", "csv") == "_.._a_b__ Tür_.csv"
    assert exports.file_name("...", "xlsx") == "session.xlsx"
