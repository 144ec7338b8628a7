"""A source of labelled faces in parts that can be read one by one, on any machine that sees it.

A part is a stretch of Kaggle's CSV, or of the pictures of one emotion's folder. Nobody reads more
than one part, so memory does not grow with the source.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from fer_core.errors import DataError
from fer_core.training.datasets import Problem, split_name, to_side
from fer_core.training.readers.folders import PICTURES, emotion_folders, pictures_in, read_grey
from fer_core.training.readers.kaggle import BadRow, columns_of, face_of
from fer_core.training.samples import FERPLUS
from fer_core.types import Bytes, Int

VOTES: Final = "fer2013new.csv"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a source, from ``begin`` to before ``end``.

    Of a CSV those are bytes: lines that begin there. Of a folder they are places among its pictures
    in the order of their names, and ``split`` and ``label`` are the folder's.
    """

    path: str
    begin: int
    end: int
    split: str = ""
    label: int = -1


@dataclass(frozen=True, slots=True)
class Face:
    """One labelled face. ``row`` is its place in its part, bad ones counted too."""

    row: int
    split: str
    label: int
    image: Bytes  # (48, 48)


def parts_of(source: Path, number: int) -> list[Part]:
    """About so many parts of a CSV or a folder of emotion folders, in the source's order."""
    if source.is_file():
        columns_of(source)
        with source.open("rb") as file:
            header = len(file.readline())
        size = source.stat().st_size
        edges = np.linspace(header, max(size, header), number + 1).astype(int).tolist()
        return [Part(str(source), a, b) for a, b in itertools.pairwise(edges) if a < b]
    if not source.is_dir():
        raise DataError(f"There is no data set at {source}.", "Give a CSV or a folder.")
    folders = [(one, _pictures(one[1])) for one in emotion_folders(source)]
    total = sum(n for _, n in folders)
    each = max(1, -(-total // number))
    return [
        Part(str(folder), begin, min(begin + each, n), split, label)
        for (split, folder, label), n in folders
        for begin in range(0, n, each)
    ]


def _pictures(folder: Path) -> int:
    return sum(one.suffix.lower() in PICTURES for one in folder.iterdir())


def rows_in(part: Part) -> int:
    """How many rows or pictures a part has."""
    if part.label >= 0:
        return part.end - part.begin
    return sum(1 for _ in _lines(part))


def faces(part: Part, problems: list[Problem], first: int = 0) -> Iterator[Face]:
    """The faces of a part; what is none is added to ``problems``. first: rows before this part."""
    if part.label >= 0:
        yield from _pictures_of(part, problems)
        return
    columns = columns_of(Path(part.path))
    for number, line in enumerate(_lines(part)):
        where = f"line {first + number + 2}"
        try:
            row = next(csv.reader([line]))
            if len(row) != len(columns):
                raise BadRow(f"{len(row)} columns instead of {len(columns)}")
            cells = dict(zip(columns, row))
            label, image = face_of(cells)
        except (BadRow, csv.Error) as bad:
            problems.append(Problem(where, str(bad)))
            continue
        yield Face(number, split_name(cells.get("usage", "train")), label, image)


def _pictures_of(part: Part, problems: list[Problem]) -> Iterator[Face]:
    folder = Path(part.path)
    for number, path in enumerate(pictures_in(folder)[part.begin : part.end]):
        grey = read_grey(path)
        if grey is None:
            problems.append(Problem(f"{folder.name}/{path.name}", "no picture"))
        else:
            yield Face(number, part.split, part.label, to_side(grey))


def _lines(part: Part) -> Iterator[str]:
    """The lines of a CSV that begin in a part."""
    with Path(part.path).open("rb") as file:
        file.seek(part.begin - 1)
        file.readline()  # the end of a line that began before
        while file.tell() < part.end and (line := file.readline()):
            yield line.decode("utf-8", errors="replace")


def has_votes(source: Path, rows: int) -> bool:
    """Whether FER+'s votes lie beside a CSV, one row of them a row."""
    beside = source.with_name(VOTES)
    if not source.is_file() or beside == source or not beside.is_file():
        return False
    with beside.open("rb") as file:
        return sum(1 for line in file if line.strip()) - 1 == rows


def votes_of(part: Part, first: int, rows: int) -> Int:
    """FER+'s votes (rows, 8) for a part whose first row is the source's ``first``."""
    with Path(part.path).with_name(VOTES).open(newline="", encoding="utf-8") as file:
        chosen = itertools.islice(csv.reader(file), 1 + first, 1 + first + rows)
        found = [row[2 : 2 + len(FERPLUS)] for row in chosen]
    return np.array(found, np.int32).reshape(rows, len(FERPLUS))
