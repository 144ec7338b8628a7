"""Who watched what, from a CSV file: a row a recording, found by its name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fer_core.errors import DataError
from fer_core.studies.csv_table import read_table

#: The columns that are read, by the names that they may have.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "recording": ("recording", "name", "file", "filename", "file name", "session"),
    "respondent": ("respondent", "participant", "viewer", "person", "subject"),
    "condition": ("condition", "group", "version", "cell"),
    "stimulus": ("stimulus", "film", "video", "ad"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What a CSV says of recordings: by the recording's id, and what is wrong, by line."""

    said: Mapping[str, Mapping[str, str]]
    problems: tuple[str, ...]


def from_csv(content: bytes, recordings: Mapping[str, str], stimuli: Collection[str] = ()) -> Found:
    """What a CSV says of ``recordings`` (names by id); empty cells say nothing.

    A stimulus is one of ``stimuli``, unless there are none yet.
    Case and a file's ending do not count in names. DataError where it is no such CSV at all; a
    row that cannot be used is named by its line in ``problems``.
    """
    ids = defaultdict(list)
    for recording, name in recordings.items():
        ids[_key(name)].append(recording)
    said: dict[str, dict[str, str]] = {}
    lines: dict[str, int] = {}
    problems = []
    for line, row in _rows(content):
        name = row.pop("recording", "")
        found = ids.get(_key(name), [])
        if not name:
            wrong = "it names no recording"
        elif not found:
            wrong = f"there is no recording «{name}» here"
        elif len(found) > 1:
            wrong = f"{len(found)} recordings are called «{name}»"
        elif found[0] in lines:
            wrong = f"«{name}» is in line {lines[found[0]]} already"
        elif stimuli and row.get("stimulus", next(iter(stimuli))) not in stimuli:
            wrong = f"there is no film «{row['stimulus']}» in this study"
        else:
            said[found[0]], lines[found[0]] = row, line
            continue
        problems.append(f"Line {line}: {wrong}.")
    return Found(said, tuple(problems))


def _rows(content: bytes) -> Sequence[tuple[int, dict[str, str]]]:
    """Each row with the line on which it ends: what stands in the columns that are read."""
    table = read_table(content, COLUMNS)
    if "recording" not in table.columns or len(table.columns) < 2:
        raise DataError(
            "The CSV needs a column «recording» and one of «respondent», «condition» and "
            f"«stimulus»; it has {', '.join(table.heads) or 'none'}.",
            "For example: recording,respondent,condition then R07_A,R07,A.",
        )
    return table.rows


def _key(name: str) -> str:
    return re.sub(r"\.\w{2,4}$", "", name.strip()).casefold()
