"""A small CSV file that a person wrote, read by the columns that its reader knows."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fer_core.errors import DataError


@dataclass(frozen=True, slots=True)
class CsvTable:
    """``rows``: the line on which each ends, and what stands in the columns that are known."""

    heads: tuple[str, ...]  # as the file has them
    columns: tuple[str, ...]  # the known ones among them
    rows: tuple[tuple[int, dict[str, str]], ...]


def read_table(content: bytes, columns: Mapping[str, Sequence[str]]) -> CsvTable:
    """The rows of a CSV whose first line names its columns; DataError where it is no text.

    ``columns``: each column's name and the heads that it may have; case does not count.
    Commas, semicolons and tabs part cells. Empty cells and rows are left out.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError("This file is not text.", "Save it as CSV in UTF-8.") from error
    try:
        dialect: Any = csv.Sniffer().sniff(text.partition("\n")[0], delimiters=",;\t")
    except csv.Error:
        dialect = csv.excel
    reader = csv.DictReader(io.StringIO(text), dialect=dialect, restval="")
    rows = []
    try:
        heads = tuple(reader.fieldnames or ())
        known = _known(heads, columns)
        for row in reader:
            cells = {column: (row[head] or "").strip() for column, head in known.items()}
            if any(cells.values()):
                rows.append((reader.line_num, {k: v for k, v in cells.items() if v}))
    except csv.Error as error:
        raise DataError(
            f"Line {reader.line_num} is no row of a table ({error}).", "Look for a lone quote."
        ) from error
    return CsvTable(heads, tuple(known), tuple(rows))


def _known(heads: Sequence[str], columns: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The file's own name of each column that it has."""
    written = {head.strip().casefold(): head for head in heads}
    found = {
        column: next((written[one] for one in names if one in written), None)
        for column, names in columns.items()
    }
    return {column: head for column, head in found.items() if head is not None}
