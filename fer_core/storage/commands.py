"""Commands: every change that a person or a program asks of the store, each a dataclass.

A class under ``@command`` is a command: its fields are what it needs, ``apply`` carries it
out inside the owner's transaction and returns the result. ``Store.run`` is the way in. On
the wire a command is JSON under its class' name in snake case (``AddJob`` is ``add_job``);
inboxes written by earlier versions hold the same names and keys.
"""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, dataclass_transform

from fer_core.errors import StoreError
from fer_core.files import JsonObject
from fer_core.home import Home
from fer_core.storage.codec import (
    Misfit,
    TableRow,
    check_text,
    field_types,
    from_json,
    row,
    to_json,
)
from fer_core.storage.sharing.answers import EVERY

if TYPE_CHECKING:
    from fer_core.storage.database import Writer

T = TypeVar("T", bound=TableRow)
C = TypeVar("C", bound=type[Any])
Result = TypeVar("Result", covariant=True)


@dataclass(slots=True)
class Change:
    """What a command works with: a cursor inside its transaction, and the home."""

    cursor: Writer
    home: Home
    after: list[Callable[[], object]] = field(default_factory=list)  # done once it is kept

    def get(self, kind: type[T], key: str) -> T:
        """The row of this key; StoreError where there is none."""
        found = self.cursor.execute(f"SELECT * FROM {kind.TABLE} WHERE {kind.KEY} = ?", [key])
        values = found.fetchone()
        if values is None:
            raise _missing(kind, key)
        return row(kind, dict(zip(found.names, values)))

    def kept(self, kind: type[T], key: str) -> T:
        """The same, read once until the table changes: nobody else writes meanwhile."""
        if {kind.TABLE, EVERY} & self.cursor.written:
            return self.get(kind, key)
        sql = f"SELECT * FROM {kind.TABLE} WHERE {kind.KEY} = ?"
        return self.cursor.answers.get(sql, (kind, key), lambda: self.get(kind, key))

    def insert(self, table: str, /, **columns: object) -> None:
        """Add a row. Dictionaries and lists become JSON."""
        marks = ", ".join("?" for _ in columns)
        self.cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",
            [_cell(value) for value in columns.values()],
        )

    def update(self, kind: type[TableRow], key: str, /, **columns: object) -> None:
        """Set columns of the row of this key; None empties one. StoreError without a row."""
        if not columns:
            self.get(kind, key)
            return
        pairs = ", ".join(f"{name} = ?" for name in columns)
        done = self.cursor.value(
            f"UPDATE {kind.TABLE} SET {pairs} WHERE {kind.KEY} = ?",
            [*map(_cell, columns.values()), key],
        )
        if not done:
            raise _missing(kind, key)

    def delete(self, kind: type[TableRow], key: str) -> None:
        self.cursor.execute(f"DELETE FROM {kind.TABLE} WHERE {kind.KEY} = ?", [key])


def _missing(kind: type[TableRow], key: str) -> StoreError:
    return StoreError(f"There is no {kind.KEY.removesuffix('_id')} {key!r}.")


def given(**columns: object) -> dict[str, object]:
    """The columns that have a value: None means "leave as it is" in a command's fields."""
    return {name: value for name, value in columns.items() if value is not None}


def _cell(value: object) -> object:
    return to_json(value) if isinstance(value, dict | list | tuple) else value


class Command(Protocol[Result]):
    """What ``Store.run`` takes: any class under ``@command``."""

    def apply(self, change: Change) -> Result:
        """Carry the command out; the result can be written as JSON."""


_COMMANDS: dict[str, type[Any]] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def command(kind: C) -> C:
    """Make a class a frozen dataclass with keywords only, and register it as a command."""
    made = typing.cast(C, dataclass(frozen=True, slots=True, kw_only=True)(kind))
    name = command_name(made)
    if name in _COMMANDS:
        raise ValueError(f"two commands are called {name}")
    _COMMANDS[name] = made
    return made


def command_name(kind: type[Any]) -> str:
    """A command's name on the wire: ``AddJob`` is ``add_job``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()


def command_names() -> list[str]:
    return sorted(_COMMANDS)


def to_wire(asked: Command[Any]) -> tuple[str, JsonObject]:
    """A command's name and its fields as JSON values, without those left at their default."""
    name = command_name(type(asked))
    if _COMMANDS.get(name) is not type(asked):
        raise StoreError(f"{type(asked).__name__} is no command of the store.")
    payload = {}
    for one in fields(typing.cast(Any, asked)):
        value = getattr(asked, one.name)
        if type(value) is not type(one.default) or value != one.default:
            payload[one.name] = value
    return name, json.loads(to_json(payload))


def result_of(asked: Command[Result], value: Any) -> Result:
    """A result that came as JSON values, as the command's ``apply`` promises it."""
    hints = typing.get_type_hints(type(asked).apply)
    return typing.cast(Result, from_json(value, hints["return"]))


def find_command(name: str) -> type[Any]:
    """The class of a command by its name on the wire; StoreError where there is none."""
    if name not in _COMMANDS:
        raise StoreError(
            f"There is no command {name!r}.", f"Commands are {', '.join(command_names())}."
        )
    return _COMMANDS[name]


def from_wire(name: str, payload: Mapping[str, object]) -> Command[Any]:
    """The command of a name and its fields as JSON values, checked against their types."""
    kind = find_command(name)
    hints = field_types(kind)
    try:
        check_text(payload)
    except Misfit as e:
        raise StoreError(f"The command {name} has {e}.", "Type it again.") from e
    values = {}
    for key, value in payload.items():
        if key not in hints:
            raise StoreError(
                f"The command {name} has no field {key!r}.", f"Its fields are {', '.join(hints)}."
            )
        try:
            values[key] = from_json(value, hints[key])
        except Misfit as e:
            raise StoreError(f"The command {name} has {key}={e}.") from e
    needed = [one.name for one in fields(kind) if one.default is MISSING]
    lacking = [key for key in needed if key not in values]
    if lacking:
        raise StoreError(f"The command {name} lacks {', '.join(lacking)}.")
    return typing.cast("Command[Any]", kind(**values))
