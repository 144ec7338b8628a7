"""Tables as an Excel workbook, a sheet each, rows written as they come."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from fer_core.errors import StoreError

SHEET_ROWS: Final = 1_048_575  # Excel's own limit, less the heading
_WIDEST, _NARROWEST = 60, 9


@dataclass(frozen=True)
class Rows:
    """A sheet too long to be a table in memory."""

    columns: Sequence[str]
    count: int
    rows: Iterable[Sequence[Any]]


Sheet = pd.DataFrame | Rows


def write_workbook(path: Path, sheets: Mapping[str, Sheet]) -> None:
    """The workbook; StoreError where a sheet has more rows than Excel holds."""
    from openpyxl import Workbook  # slow to import, seldom needed
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font

    for name, table in sheets.items():
        too_long(name, table.count if isinstance(table, Rows) else len(table))
    book = Workbook(write_only=True)  # rows go to disk as they come
    for name, table in sheets.items():
        sheet = book.create_sheet(name)
        columns = list(table.columns)
        sheet.freeze_panes = "A2"
        for at, width in enumerate(_widths(table)):
            sheet.column_dimensions[_letter(at)].width = width

        def safe(value: Any, sheet: Any = sheet) -> Any:
            if not isinstance(value, str):
                return value
            # Text is text: what begins with = is no formula of ours.
            cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
            cell.data_type = "s"
            return cell

        heads = [WriteOnlyCell(sheet, str(one)) for one in columns]
        for cell in heads:
            cell.font = Font(bold=True)
        sheet.append(heads)
        for row in table.rows if isinstance(table, Rows) else _rows(table):
            sheet.append([safe(value) for value in row])
    book.save(path)


def too_long(name: str, rows: int) -> None:
    if rows > SHEET_ROWS:
        raise StoreError(
            f"«{name}» has {rows:,} rows; an Excel sheet holds {SHEET_ROWS:,}.",
            "Take CSV or Parquet.",
        )


def _rows(table: pd.DataFrame) -> Iterator[list[Any]]:
    columns = [[plain(value) for value in table[name].tolist()] for name in table]
    return (list(row) for row in zip(*columns))


def plain(value: Any) -> Any:
    """A value as a sheet holds it: what is not known is an empty cell."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)  # Excel knows no zones
    if isinstance(value, list | tuple | dict):
        return str(value)
    return value


def _widths(table: Sheet) -> list[float]:
    """Wide enough for the heading and the first rows, within reason."""
    heads = [len(str(one)) + 2 for one in table.columns]
    if isinstance(table, Rows):
        return [min(max(one, _NARROWEST), _WIDEST) for one in heads]
    widths = []
    for head, name in zip(heads, table):
        longest = max((len(str(value)) for value in table[name].head(100)), default=0)
        number = pd.api.types.is_float_dtype(table[name])
        widths.append(min(max(head, _NARROWEST, 0 if number else longest + 1), _WIDEST))
    return [float(one) for one in widths]


def _letter(at: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(at + 1))
