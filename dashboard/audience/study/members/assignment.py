"""Many recordings into a study at once: by table, by file name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from fer_core.errors import SettingsError
from fer_core.storage import Store
from fer_core.storage.sessions import AssignSession

FIELDS: Final = ("condition", "respondent", "stimulus")
EXAMPLE: Final = "{respondent}_{condition}*"
#: The columns of the table that a person edits, and the order's names for them.
EDITED: Final = ("stimulus", "condition", "respondent", "start_s")


def pattern(text: str) -> re.Pattern[str]:
    """``{respondent}_{condition}*`` as an expression; ``*`` is anything, case does not count."""
    parts = re.split(r"(\{\w*\}|\*)", text.strip())
    seen: list[str] = []
    made = ""
    for part in parts:
        if part == "*":
            made += ".*?"
        elif part.startswith("{") and part.endswith("}"):
            name = part[1:-1]
            if name not in FIELDS or name in seen:
                raise SettingsError(
                    f"{part} cannot stand here.",
                    f"Use {', '.join('{' + f + '}' for f in FIELDS)}, each once, and *.",
                )
            seen.append(name)
            made += f"(?P<{name}>.+?)"
        else:
            made += re.escape(part)
    if not seen:
        raise SettingsError("The pattern says nothing about a session.", f"For example {EXAMPLE}.")
    return re.compile(made, re.IGNORECASE)


def read_names(names: Sequence[str], text: str, known: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """What the pattern finds in each name: a row a name, empty where it does not fit.

    ``known`` are the values that exist: «b» in a name is the condition «B».
    """
    rule = pattern(text)
    rows = []
    for name in names:
        found = rule.fullmatch(name) or rule.fullmatch(re.sub(r"\.\w{2,4}$", "", name))
        values = found.groupdict() if found else {}
        rows.append({field: _as_known(values.get(field), known.get(field, ())) for field in FIELDS})
    return pd.DataFrame(rows, columns=list(FIELDS), index=pd.RangeIndex(len(names)))


def _as_known(value: str | None, known: Sequence[str]) -> str | None:
    if value is None:
        return None
    value = value.strip(" _-.")
    return next((one for one in known if one.casefold() == value.casefold()), value) or None


def unassigned(store: Store, search: str = "") -> pd.DataFrame:
    """Sessions that belong to no study yet, newest first."""
    rows = store.sessions.list(search=search.strip() or None, limit=10_000)
    return rows[rows["study_id"].isna()].reset_index(drop=True)


def add(store: Store, study_id: str, session_ids: Sequence[str]) -> int:
    for session_id in session_ids:
        store.run(AssignSession(session_id=session_id, study=study_id))
    return len(session_ids)


def table(sessions: pd.DataFrame) -> pd.DataFrame:
    """The study's sessions as they are edited: one row each, in the list's order."""
    return pd.DataFrame(
        {
            "session_id": sessions["session_id"].astype(str),
            "name": sessions["name"].astype(str),
            "stimulus": sessions["stimulus"].astype(object),
            "condition": sessions["condition"].astype(object),
            "respondent": sessions["respondent"].astype(object),
            "start_s": sessions["offset_ms"].astype(float) / 1000,
        }
    )


def changes(before: pd.DataFrame, after: pd.DataFrame) -> list[AssignSession]:
    """A command for each row that differs; an empty cell is empty, however it is written."""
    commands = []
    for old, new in zip(before.to_dict("records"), after.to_dict("records")):
        changed: dict[str, Any] = {}
        for name in EDITED:
            a, b = _known(old[name]), _known(new[name])
            if a == b:
                continue
            if name == "start_s":
                changed["offset_ms"] = round(1000 * float(b or 0.0))
            else:
                changed[name] = str(b or "").strip()
        if changed:
            commands.append(AssignSession(session_id=old["session_id"], **changed))
    return commands


def assign(store: Store, before: pd.DataFrame, after: pd.DataFrame) -> int:
    """Store the rows that differ; how many there were."""
    commands = changes(before, after)
    for one in commands:
        store.run(one)
    return len(commands)


def _known(value: Any) -> Any:
    return None if value is None or value == "" or value != value else value
