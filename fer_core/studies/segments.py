"""Segments of a study: its viewers by any attribute, as groups and as filters.

Small groups are refused: a group of fewer than ``SMALLEST`` respondents is not shown, nor one whose
numbers would tell, with those of all, what a small rest did.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Final

import pandas as pd

from fer_core.analytics.carried import SHARED
from fer_core.errors import DataError, SettingsError
from fer_core.studies.groups import Group
from fer_core.studies.membership import Study

SMALLEST: Final = SHARED
#: Between two attributes that are crossed.
CROSSED: Final = " x "
#: What a study has besides its sessions' attributes.
_COLUMNS: Final = ("condition", "stimulus")
#: An attribute with more values than this is no way to group people.
MOST_VALUES: Final = 24


def names(study: Study) -> list[str]:
    """What the study's viewers can be grouped or filtered by, besides condition and film."""
    return [
        name
        for name, values in study.attributes.items()
        if 1 <= len({one for each in values.values() for one in each}) <= MOST_VALUES
    ]


def values(study: Study, name: str) -> Mapping[str, tuple[str, ...]]:
    """Each session's values of an attribute, a condition or a film; SettingsError for none."""
    rows = study.counted
    if name in _COLUMNS:
        column = rows[name]
        known = rows[column.notna()]
        return {str(key): (str(value),) for key, value in zip(known["session_id"], known[name])}
    if name not in study.attributes:
        offered = ", ".join((*_COLUMNS, *study.attributes))
        raise SettingsError(f"The study has nothing called {name!r}.", f"It has {offered}.")
    return study.attributes[name]


def respondents(sessions: pd.DataFrame) -> int:
    """How many people sessions are of: named ones, and each session without a name."""
    return int(sessions["respondent"].fillna(sessions["session_id"]).nunique())


def segments(study: Study, by: str, *, smallest: int = SMALLEST) -> list[Group]:
    """The groups by one attribute, or by two crossed («age x has a dog»), that may be shown."""
    parts = [values(study, name) for name in by.split(CROSSED)]
    rows = study.counted
    members: dict[str, list[str]] = {}
    for key in rows["session_id"].astype(str):
        for combined in product(*(part.get(key, ()) for part in parts)):
            members.setdefault(", ".join(combined), []).append(key)
    groups = [
        Group(name, rows[rows["session_id"].isin(members[name])]) for name in _ordered(members)
    ]
    shown = _shown({one.name: respondents(one.sessions) for one in groups}, smallest)
    return [one for one in groups if one.name in shown]


def _ordered(found: Mapping[str, object]) -> list[str]:
    """Numbers by size, texts by the alphabet."""

    def key(name: str) -> tuple[int, float, str]:
        try:
            return 0, float(name), name
        except ValueError:
            return 1, 0.0, name.casefold()

    return sorted(found, key=key)


def _shown(sizes: Mapping[str, int], smallest: int) -> set[str]:
    """The groups to show: none under the smallest, and with those hidden at least as many as
    that, so that nobody can be told from the rest of all."""
    shown = {name for name, n in sizes.items() if n >= smallest}
    hidden = sum(n for name, n in sizes.items() if name not in shown)
    while shown and 0 < hidden < smallest:
        next_one = min(shown, key=lambda name: (sizes[name], name))
        shown.remove(next_one)
        hidden += sizes[next_one]
    return shown


def narrow(study: Study, wheres: Sequence[str], *, smallest: int = SMALLEST) -> Study:
    """The study with the sessions alone that fit each «name=value» («name=value|other»).

    DataError where they are of too few respondents, or the rest of all is.
    """
    if not wheres:
        return study
    kept = set(study.counted["session_id"].astype(str))
    for name, wanted in map(_read, wheres):
        having = values(study, name)
        known = {one for each in having.values() for one in each}
        if unknown := wanted - known:
            raise DataError(
                f"Nobody in {study.name!r} has {name}={sorted(unknown)[0]}.",
                f"There are {', '.join(_ordered(dict.fromkeys(known)))}.",
            )
        kept &= {key for key, each in having.items() if wanted & set(each)}
    rows = study.counted
    inside = rows["session_id"].astype(str).isin(kept)
    few = respondents(rows[inside])
    # who watched several films is on both sides of a filter by film: nobody is left over
    rest = len(_people(rows[~inside]) - _people(rows[inside]))
    told = ", ".join(wheres)
    if few < smallest:
        raise DataError(
            f"Only {few} of the study's respondents have {told}.",
            f"Numbers of fewer than {smallest} are not shown.",
        )
    if 0 < rest < smallest:
        raise DataError(
            f"All but {rest} of the study's respondents have {told}.",
            f"What the others did could be told from the whole: fewer than {smallest} are left.",
        )
    sessions = study.sessions
    chosen = sessions[sessions["session_id"].astype(str).isin(kept)].reset_index(drop=True)
    return replace(study, name=f"{study.name} ({told})", sessions=chosen, sessions_left_aside=True)


def _people(sessions: pd.DataFrame) -> set[str]:
    return set(sessions["respondent"].fillna(sessions["session_id"]).astype(str))


def _read(where: str) -> tuple[str, set[str]]:
    name, equals, text = where.partition("=")
    wanted = {one.strip() for one in text.split("|") if one.strip()}
    if not equals or not name.strip() or not wanted:
        raise SettingsError(f"{where!r} is no filter.", "Write it as: age=18-29")
    return name.strip(), wanted


def filters(study: Study) -> Iterator[str]:
    """Every «name=value» that a page can offer."""
    for name in names(study):
        known = {one for each in study.attributes[name].values() for one in each}
        yield from (f"{name}={value}" for value in _ordered(dict.fromkeys(known)))
