"""Kaggle's CSV of FER2013, with FER+'s votes where they lie beside it."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from fer_core.errors import DataError
from fer_core.training.datasets import PRACTICE, SIDE, DataSet, Problem, is_label, split_name
from fer_core.training.readers import READERS, Reader, Row, collect
from fer_core.training.samples import FERPLUS
from fer_core.types import Bytes


def read_csv(path: Path, wanted: str | None = None) -> DataSet:
    """Kaggle's file; FER+'s ``fer2013new.csv`` beside it adds its votes row by row."""
    problems: list[Problem] = []
    columns = columns_of(path)
    votes = _votes_beside(path, problems)

    def rows() -> Iterator[Row]:
        # What is no text in the middle of the file is a row's trouble, not the file's.
        with path.open(newline="", encoding="utf-8", errors="replace") as lines:
            reader = csv.reader(lines)
            next(reader)
            for number in itertools.count():
                try:
                    row = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    problems.append(Problem(f"line {reader.line_num}", str(error)))
                    continue
                where = f"line {reader.line_num}"
                if len(row) != len(columns):
                    problems.append(Problem(where, f"{len(row)} columns instead of {len(columns)}"))
                    continue
                cells = dict(zip(columns, row))
                split = split_name(cells.get("usage", "train"))
                if wanted is not None and split != wanted:
                    continue
                try:
                    label, image = face_of(cells)
                except BadRow as bad:
                    problems.append(Problem(where, str(bad)))
                    continue
                yield split, image, label, None if votes is None else votes[number]

    return replace(collect(path.name, rows(), problems), practice=PRACTICE in columns)


class BadRow(ValueError):
    """A row that holds no face; what is wrong with it."""


def face_of(cells: Mapping[str, str]) -> tuple[int, Bytes]:
    """The label and the grey face (48, 48) of a row. BadRow where it has none."""
    label = cells["emotion"].strip()
    if not is_label(label):
        raise BadRow(f"the label is {label!r}, not 0 to 6")
    try:
        values = np.array(cells["pixels"].split(), dtype=np.int32)
    except (ValueError, OverflowError) as error:
        raise BadRow(_not_a_number(cells["pixels"])) from error
    if len(values) != SIDE * SIDE:
        raise BadRow(f"{len(values)} grey levels, not 48 x 48")
    if values.min() < 0 or values.max() > 255:
        wrong = int(values[(values < 0) | (values > 255)][0])
        raise BadRow(f"the grey level {wrong} is not 0 to 255")
    return int(label), values.astype(np.uint8).reshape(SIDE, SIDE)


def columns_of(path: Path) -> list[str]:
    """The file's columns; DataError where they are not those of FER2013."""
    try:
        with path.open(newline="", encoding="utf-8") as lines:
            header = next(csv.reader(lines), [])
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read as text.", "Give a CSV file.") from error
    columns = [name.strip().lower() for name in header]
    if "emotion" not in columns or "pixels" not in columns:
        raise DataError(
            f"{path.name} has the columns {', '.join(header) or 'of an empty file'}, "
            "not emotion, pixels and Usage.",
            "Give FER2013's CSV as Kaggle has it.",
        )
    return columns


def _not_a_number(text: str) -> str:
    words = (word.lstrip("-") for word in text.split())
    wrong = next((word for word in words if not (word.isascii() and word.isdigit())), "")
    return f"{wrong[:20]!r} stands among the grey levels" if wrong else "a grey level is too large"


def _votes_beside(path: Path, problems: list[Problem]) -> np.ndarray | None:
    beside = path.with_name("fer2013new.csv")
    if not beside.exists() or beside == path:
        return None
    with beside.open(newline="", encoding="utf-8", errors="replace") as lines:
        reader = csv.reader(lines)
        next(reader, None)
        try:
            votes = np.array([row[2 : 2 + len(FERPLUS)] for row in reader], dtype=np.int32)
        except ValueError:
            problems.append(Problem(beside.name, "holds something that is no vote; left out"))
            return None
    with path.open("rb") as content:
        faces = sum(1 for line in content if line.strip()) - 1
    if len(votes) != faces:
        problems.append(
            Problem(beside.name, f"{len(votes)} rows of votes for {faces} faces; left out")
        )
        return None
    return votes


READERS.add("csv", Reader(0, Path.is_file, read_csv))
