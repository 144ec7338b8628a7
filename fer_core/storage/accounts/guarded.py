"""The store as one person may use it: what they may not see is not there for any query.

Every SELECT gets, before its own text, a table expression for each table that it names, under
the table's own name and without the rows of studies that are limited to others. So no query has
to think of it, and none can forget to. Every command is checked against the person's role, the
rows that it names, and the files that it names.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeVar

import pyarrow as pa

from fer_core.access.audit import AuditLog, Deed
from fer_core.access.permissions import Action, Identity, NotAllowed, allowed, require
from fer_core.errors import StoreError
from fer_core.files import JsonObject
from fer_core.storage.accounts.actions import WRITTEN_DOWN, action_of
from fer_core.storage.codec import Row, to_json
from fer_core.storage.commands import Command, to_wire
from fer_core.storage.reading import Query, names_table, with_tables
from fer_core.storage.settings import DATA_SETS_SETTING, Settings
from fer_core.storage.store import Store

T = TypeVar("T")
R = TypeVar("R", bound=Row)

#: The parameters that carry what is hidden.
_STUDIES: Final = "rapt_hidden_studies"
_NAMES: Final = "rapt_hidden_names"
_HIDDEN_STUDY: Final = f"list_contains(${_STUDIES}::VARCHAR[], study_id)"
#: Columns that say whose a row is, and the ids that are hidden in each.
HIDES: Final = {
    "study_id": f"SELECT study_id FROM main.studies WHERE {_HIDDEN_STUDY}",
    "session_id": f"SELECT session_id FROM main.sessions WHERE {_HIDDEN_STUDY}",
    "stimulus_id": f"SELECT stimulus_id FROM main.stimuli WHERE {_HIDDEN_STUDY}",
    "link_id": f"SELECT link_id FROM main.links WHERE {_HIDDEN_STUDY}",
}
#: Fields of commands that name a row, and its table. Plurals hold several.
NAMES_A_ROW: Final = {
    "study_id": "studies",
    "session_id": "sessions",
    "again_of": "sessions",
    "stimulus_id": "stimuli",
    "link_id": "links",
    "response_id": "responses",
    "job_id": "jobs",
    "marker_id": "markers",
    "edit_id": "viewer_edits",
    "label_id": "labels",
    "feedback_id": "feedback",
    "share_id": "shares",
}


class GuardedStore(Store):
    """The same store, for one person."""

    def __init__(self, store: Store, who: Identity, audit: AuditLog) -> None:
        self._whole, self._who, self._audit = store, who, audit
        self.home, self.pid = store.home, store.pid
        self._make_subjects()

    @property
    def is_owner(self) -> bool:
        return self._whole.is_owner

    @property
    def stamp(self) -> str | None:
        """Another for each set of hidden studies: what is kept for one person is not shown to
        another."""
        stamp = self._whole.stamp
        return f"{stamp}-{self.scope}" if stamp and self.scope else stamp

    @property
    def scope(self) -> str:
        hidden = " ".join(sorted(self._who.hidden))
        return sha256(hidden.encode()).hexdigest()[:12] if hidden else ""

    def select(self, query: Query) -> pa.Table:
        return self._whole.select(self._narrowed(query))

    def kept(self, query: Query, kind: type[R]) -> tuple[R, ...]:
        return self._whole.kept(self._narrowed(query), kind)

    def run(self, command: Command[T], *, timeout_s: float = 30.0) -> T:
        action = action_of(command)
        name, payload = to_wire(command)
        subject = _subject(payload)
        try:
            require(self._who, action)
            self._check_rows(payload)
            self._check_files(payload)
        except NotAllowed:
            self._audit.note(self._who, Deed.REFUSED, "command", subject, name)
            raise
        done = self._whole.run(command, timeout_s=timeout_s)
        if action is Action.DELETE:
            self._audit.note(self._who, Deed.DELETED, name.partition("_")[2], subject, name)
        elif action is Action.MANAGE or name in WRITTEN_DOWN:
            self._audit.note(self._who, Deed.CHANGED, name.partition("_")[2], subject, name)
        return done

    def check_study(self, study: str) -> None:
        self._check_rows({"study": study})

    def sync(self) -> None:
        self._whole.sync()

    def threads(self) -> Any:
        return self._whole.threads()

    def checkpoint(self) -> None:
        self._whole.checkpoint()

    def close(self) -> None:
        """Whoever opened the whole store closes it."""

    def _narrowed(self, query: Query) -> Query:
        """The query without the rows of hidden studies."""
        if not self._who.hidden:
            return query
        parts = {
            table: f"SELECT * FROM main.{table} WHERE {condition}"
            for table, condition in self._conditions().items()
            if names_table(query.sql, table)
        }
        if not parts:
            return query
        sql = with_tables(query.sql, parts)
        params = {**query.params, _STUDIES: sorted(self._who.hidden)}
        if f"${_NAMES}" in sql:
            params[_NAMES] = self._hidden_names()
        return replace(query, sql=sql, params=params)

    def _conditions(self) -> dict[str, str]:
        """For each table that holds something of a study, which of its rows are not hidden."""
        return {table: _condition(table, has) for table, has in self._whole.columns().items()
                if has & set(HIDES)}  # fmt: skip

    def _hidden_names(self) -> list[str]:
        found = self._whole.select(
            Query(f"SELECT name FROM studies WHERE {_HIDDEN_STUDY}", {_STUDIES: self._hidden})
        )
        # a job may name its study by either
        return [*(str(name) for name in found.column("name").to_pylist()), *self._hidden]

    @property
    def _hidden(self) -> list[str]:
        return sorted(self._who.hidden)

    def _check_rows(self, payload: JsonObject) -> None:
        """What a command names must be there for this person."""
        if not self._who.hidden:
            return
        names = set(self._hidden_names())
        for field, value in _values(payload):
            if field == "study" and (value in self._who.hidden or value in names):
                raise NotAllowed("This study is limited to other people.", "Choose another name.")
            table = NAMES_A_ROW.get(field)
            if table is None:
                continue
            key = "session_id" if field == "again_of" else field
            asked = Query(f"SELECT count(*) AS n FROM {table} WHERE {key} = $key", {"key": value})
            there, seen = (one.select(asked).column("n")[0].as_py() for one in (self._whole, self))
            if there and not seen:
                raise StoreError(f"There is no {key.removesuffix('_id')} {value!r}.")

    def _check_files(self, payload: JsonObject) -> None:
        """Only who manages the server may name any file of this machine; others those that were
        brought or added to it."""
        if allowed(self._who, Action.MANAGE):
            return
        for field, value in _values(payload):
            names_one = value and (
                field == "path" or (value.startswith("/") and os.path.exists(value))
            )
            if names_one and not any(_lies_in(value, place) for place in self._places()):
                raise NotAllowed(
                    "Only an admin may name a file of this machine.", "Upload the file instead."
                )

    def _places(self) -> Iterator[Path]:
        """Where files lie that a person may name without managing the server."""
        yield self.home.uploads
        yield self.home.root / "data-sets"
        for one in Settings(self._whole).get(DATA_SETS_SETTING, []):
            yield Path(one["path"])


def _lies_in(value: str, place: Path) -> bool:
    try:
        return Path(value).resolve().is_relative_to(place.resolve())
    except (OSError, ValueError):  # no path at all
        return False


def _condition(table: str, has: frozenset[str]) -> str:
    """Which rows of a table are not hidden: by its study, else by what belongs to one."""
    if "study_id" in has:
        return f"(study_id IS NULL OR NOT {_HIDDEN_STUDY})"
    tests = [
        f"({column} IS NULL OR {column} NOT IN ({hidden}))"
        for column, hidden in HIDES.items()
        if column in has
    ]
    if table == "jobs":  # its session may not be there yet
        tests.append(
            "NOT list_contains("
            f"${_NAMES}::VARCHAR[], coalesce(json_extract_string(spec, '$.study'), ''))"
        )
    return " AND ".join(tests)


def _values(payload: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a command, however deep, with the name of the field that holds it."""
    if isinstance(payload, Mapping):
        for name, value in payload.items():
            yield from _values(value, str(name))
    elif isinstance(payload, list | tuple):
        for value in payload:
            yield from _values(value, field.removesuffix("s"))
    elif isinstance(payload, str):
        yield field, payload


def _subject(payload: JsonObject) -> str:
    """The id of what a command is about, for the log."""
    for field, value in payload.items():
        if field.endswith("_id") and isinstance(value, str):
            return value
    return str(json.loads(to_json(payload)).get("name", ""))[:80] if "value" in payload else ""


def guarded(store: Store, who: Identity, audit: AuditLog) -> Store:
    """``store`` for ``who``."""
    return GuardedStore(store, who, audit)
