"""Tables as programs for statistics want them: coded categories, labels, a codebook, long and wide.

A category (emotion, condition, stimulus, measure) becomes whole numbers from 1 with a label each,
so that SPSS and Stata show words and compute with numbers. What is not known stays missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from fer_core.errors import DataError
from fer_core.labels import DISPLAY_ORDER
from fer_core.measures import BY_KEY, MIXED, definition_of

#: Stata takes names of 32 letters, of 31 where their values have labels, and labels of 80.
LONGEST_NAME: Final = 31
LONGEST_LABEL: Final = 80
#: As many columns as SPSS and Stata take.
MOST_COLUMNS: Final = 32_000
#: Columns that are categories wherever they stand; emotions keep one order in every file.
CATEGORIES: Final = ("emotion", "condition", "stimulus", "measure")
_WHO: Final = ("session_id", "viewer")
_ABOUT_VIEWER: Final = ("session", "respondent", "condition", "stimulus")
_OTHER: Final = {
    "session_id": ("Session", "The recording's id."),
    "session": ("Name of the session", ""),
    "viewer": ("Viewer", "The viewer's number within the session."),
    "second": ("Second", "Second of the film, from 0; before 0 lies what was filmed before it."),
    "n": ("Frames read", "Frames of the second in which the face could be read; in an audience's "
          "table the viewers that are known in it."),
    "seen": ("Frames seen", "Frames of the second in which the face was visible."),
    "away": ("Frames away", "Frames in which the viewer was known and not to be seen."),
    "emotion": ("Leading emotion", "The likeliest emotion of more than half of the frames."),
    "confidence": ("Probability of the leading emotion", ""),
    "stimulus": ("Film", "The film that was watched."),
    "condition": ("Condition", "The group of the study that the viewer belongs to."),
    "respondent": ("Respondent", "Who was filmed; the session's id where nobody said."),
    "measure": ("Measure", "Which number the row holds."),
    "mean": ("Mean over viewers", ""),
    "low": ("Lower end of the 95 % band", ""),
    "high": ("Upper end of the 95 % band", ""),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Variable:
    """A column of a file: its name, label, unit, and the words behind its numbers."""

    name: str
    label: str
    unit: str = ""
    values: tuple[tuple[int, str], ...] = ()
    definition: str = ""
    how_to_read: str = ""
    version: str = ""


@dataclass(frozen=True)
class Coded:
    """A table whose categories are numbers, with a variable for each of its columns."""

    table: pd.DataFrame
    variables: tuple[Variable, ...]

    @property
    def column_labels(self) -> dict[str, str]:
        return {one.name: one.label for one in self.variables}

    @property
    def value_labels(self) -> dict[str, dict[int, str]]:
        return {one.name: dict(one.values) for one in self.variables if one.values}

    def in_words(self) -> pd.DataFrame:
        """The same with the categories' words in place of their numbers."""
        table = self.table.copy()
        for one in self.variables:
            if one.values:
                table[one.name] = table[one.name].map(dict(one.values)).astype("string")
        return table

    def codebook(self) -> pd.DataFrame:
        """``variable, label, unit, values, missing, definition, how to read, version``."""
        return pd.DataFrame(
            [
                {
                    "variable": one.name,
                    "label": one.label,
                    "unit": one.unit,
                    "values": "; ".join(f"{code} = {word}" for code, word in one.values),
                    "missing": int(self.table[one.name].isna().sum()),
                    "definition": one.definition,
                    "how to read": one.how_to_read,
                    "version": one.version,
                }
                for one in self.variables
            ]
        )


def coded(table: pd.DataFrame, *, eyes: bool = True) -> Coded:
    """A table of viewers' or an audience's seconds with categories as numbers, and its labels."""
    made: dict[str, pd.Series] = {}
    variables: list[Variable] = []
    for column in table.columns:
        series = table[column]
        name = variable_name(str(column), made)
        about = _about(str(column), name, eyes)
        if column in CATEGORIES:
            words = _words(str(column), series)
            codes = {word: at for at, word in enumerate(words, 1)}
            series = series.map(codes).astype("Int64")
            about = replace(about, values=tuple((at, _cut(word)) for word, at in codes.items()))
        elif pd.api.types.is_bool_dtype(series):
            series = series.astype("Int64")
            about = replace(about, values=((0, "no"), (1, "yes")))
        elif pd.api.types.is_float_dtype(series):
            series = series.astype(np.float64)
        elif not pd.api.types.is_numeric_dtype(series):
            series = series.map(str, na_action="ignore").astype(object)
        made[name] = series
        variables.append(about)
    return Coded(pd.DataFrame(made, index=table.index), tuple(variables))


def wide(long: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """One row a viewer, one column a measure and second: ``engagement_0007``.

    A second before the film is written ``engagement_m0003``. DataError where there would be more
    columns than a program takes.
    """
    keys = [one for one in _WHO if one in long]
    about = [one for one in _ABOUT_VIEWER if one in long]
    shown = [one for one in measures if one in long and long[one].notna().any()]
    seconds = np.sort(long["second"].unique())
    columns = len(seconds) * len(shown) + len(keys) + len(about)
    if columns > MOST_COLUMNS:
        raise DataError(
            f"One row a viewer would have {columns:,} columns, and {MOST_COLUMNS:,} are possible.",
            "Take the long form: one row a viewer and second.",
        )
    table = long.pivot_table(index=keys, columns="second", values=shown, aggfunc="first",
                             dropna=False, observed=True)  # fmt: skip
    table = table.reindex(columns=[(key, at) for key in shown for at in seconds])
    table.columns = pd.Index([f"{key}_{_second(int(at))}" for key in shown for at in seconds])
    rows = long.drop_duplicates(keys)[[*keys, *about]]
    return rows.merge(table.reset_index(), on=keys, how="left").reset_index(drop=True)


def variable_name(column: str, taken: Mapping[str, object] | Sequence[str] = ()) -> str:
    """A name that SPSS, Stata and R take: letters, digits and _, 31 at most, not yet taken."""
    plain = re.sub(r"\W+", "_", column, flags=re.ASCII).strip("_") or "x"
    plain = plain if plain[0].isalpha() else f"x_{plain}"
    name, more = plain[:LONGEST_NAME], 1
    there = {one.casefold() for one in taken}
    while name.casefold() in there:
        more += 1
        end = f"_{more}"
        name = plain[: LONGEST_NAME - len(end)] + end
    return name


def _second(at: int) -> str:
    return f"m{-at:04d}" if at < 0 else f"{at:04d}"


def _about(column: str, name: str, eyes: bool) -> Variable:
    key, _, when = column.rpartition("_")
    if column not in BY_KEY and key in BY_KEY and re.fullmatch(r"m?\d{4,}", when):
        return _of_measure(name, key, f", second {int(when.replace('m', '-'))}", eyes)
    if column in BY_KEY:
        return _of_measure(name, column, "", eyes)
    label, sentence = _OTHER.get(column, (column.replace("_", " ").capitalize(), ""))
    return Variable(name, _cut(label), definition=sentence)


def _of_measure(name: str, key: str, when: str, eyes: bool) -> Variable:
    one = definition_of(key, eyes=eyes)
    called = f"Probability of {one.name.lower()}" if key.startswith("p_") else one.name
    of = "" if key.startswith("p_") else f" ({one.unit})"
    return Variable(
        name, _cut(f"{called}{of}{when}"), one.unit, (), one.sentence, one.how_to_read, one.label
    )


def _words(column: str, series: pd.Series) -> list[str]:
    """The words of a category in the order of their codes; emotions always in the same."""
    there = [str(one) for one in series.dropna().unique()]
    if column == "emotion":
        fixed = [*DISPLAY_ORDER, MIXED]
        return fixed + sorted(set(there) - set(fixed))
    return sorted(there)


def _cut(text: str) -> str:
    """A label as long as Stata takes, counted in bytes."""
    whole = " ".join(text.split())
    if len(whole.encode()) <= LONGEST_LABEL:
        return whole
    return whole.encode()[: LONGEST_LABEL - 3].decode("utf-8", "ignore").rstrip() + "…"
