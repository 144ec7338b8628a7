"""Between typed values and what the outside holds: JSON on the wire, columns in the database."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from pathlib import PurePath
from typing import Any, ClassVar, TypeVar

import pyarrow as pa

from fer_core.errors import StoreError


@dataclass(frozen=True, slots=True)
class Row:
    """The base of every row. A field has its column's name; JSON columns hold values."""


@dataclass(frozen=True, slots=True)
class TableRow(Row):
    """A row of a table of its own, found by its key."""

    TABLE: ClassVar[str]
    KEY: ClassVar[str]


R = TypeVar("R", bound=Row)

#: Worked out once a class: the types of its fields, and how each is read from a column.
_FIELD_TYPES: dict[type[Any], dict[str, object]] = {}
_READERS: dict[type[Any], dict[str, Callable[[Any], Any]]] = {}


class Misfit(ValueError):
    """A JSON value that is not of the type that is wanted."""


def to_json(value: Any) -> str:
    """JSON text of a value, as commands and JSON columns hold it."""
    return json.dumps(value, default=plain)


def check_text(value: Any) -> None:
    """Misfit where a JSON value holds a text that UTF-8 cannot write: half a surrogate pair."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as e:
        raise Misfit("a text that holds half a character") from e


def plain(value: Any) -> Any:
    """What JSON does not know, as what it does: NumPy's numbers and arrays, times, paths."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, PurePath):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        # the encoder asks again for what is inside
        return {field.name: getattr(value, field.name) for field in fields(value)}
    raise StoreError(f"{value!r} cannot be sent to the store.", "Give plain values.")


def from_json(value: Any, hint: Any) -> Any:
    """A JSON value as the type that ``hint`` names. Misfit where it is not one.

    Knows str, int, float, bool, None, unions, enumerations, dataclasses, lists, tuples of one
    kind (``tuple[X, ...]``) and dict or a TypedDict, whose content is taken as it is.
    """
    if hint in (Any, object) or type(value) is hint:
        return value
    if typing.is_typeddict(hint):
        hint = dict
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _first_that_fits(value, parts)
    if origin in (list, tuple) and isinstance(value, list | tuple):
        return origin(from_json(one, parts[0]) for one in value)
    if is_dataclass(hint) and isinstance(hint, type) and isinstance(value, Mapping):
        return _made(hint, value)
    if isinstance(hint, type) and issubclass(hint, StrEnum) and value in list(hint):
        return hint(value)
    if hint is float:
        fits = isinstance(value, int | float) and not isinstance(value, bool)
    elif hint is int:
        fits = isinstance(value, int) and not isinstance(value, bool)
    else:
        fits = isinstance(value, origin or hint)
    if not fits:
        raise Misfit(f"{value!r}, which is not {type_name(hint)}")
    return value


def _first_that_fits(value: Any, hints: tuple[Any, ...]) -> Any:
    for hint in hints:
        try:
            return from_json(value, hint)
        except Misfit:
            continue
    raise Misfit(f"{value!r}, which is not {' or '.join(map(type_name, hints))}")


def _made(kind: Any, values: Mapping[str, Any]) -> Any:
    hints = field_types(kind)
    unknown = sorted(set(values) - set(hints))
    if unknown:
        raise Misfit(f"{kind.__name__} with an unknown {', '.join(unknown)}")
    try:
        return kind(**{name: from_json(value, hints[name]) for name, value in values.items()})
    except TypeError as e:
        raise Misfit(f"{kind.__name__}, but {str(e).split('() ')[-1]}") from e


def type_name(hint: Any) -> str:
    """A type as a message names it: ``str``, ``Marker``, ``list[str]``."""
    if hint is types.NoneType:
        return "None"
    return hint.__name__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint)


def field_types(kind: type[Any]) -> dict[str, object]:
    """The fields of a dataclass and the type of each."""
    if kind not in _FIELD_TYPES:
        hints = typing.get_type_hints(kind)
        _FIELD_TYPES[kind] = {field.name: hints[field.name] for field in fields(kind)}
    return _FIELD_TYPES[kind]


def row(kind: type[R], values: Mapping[str, Any]) -> R:
    """One row from its columns by name. Columns that the row has no field for are left out."""
    known = _readers(kind)
    return kind(**{name: known[name](value) for name, value in values.items() if name in known})


def rows(kind: type[R], table: pa.Table) -> list[R]:
    """A row of each line of a table."""
    known = _readers(kind)
    names = [name for name in table.column_names if name in known]
    columns = [[known[name](value) for value in table[name].to_pylist()] for name in names]
    return [kind(**dict(zip(names, values))) for values in zip(*columns)]


def _readers(kind: type[Row]) -> dict[str, Callable[[Any], Any]]:
    """For each field, how its column's value becomes the field's."""
    if kind not in _READERS:
        _READERS[kind] = {name: _reader(name, hint) for name, hint in field_types(kind).items()}
    return _READERS[kind]


def _reader(name: str, hint: Any) -> Callable[[Any], Any]:
    parts = typing.get_args(hint) if typing.get_origin(hint) is types.UnionType else (hint,)
    for part in parts:
        if isinstance(part, type) and issubclass(part, StrEnum):
            return partial(_to_enum, name, part)
        if (
            typing.get_origin(part) in (dict, tuple)
            or typing.is_typeddict(part)
            or is_dataclass(part)
        ):
            return partial(_to_value, name, part)
    return _same


def _same(value: Any) -> Any:
    return value


def _to_enum(name: str, kind: type[StrEnum], value: Any) -> Any:
    try:
        return None if value is None else kind(value)
    except ValueError as e:
        raise StoreError(
            f"The store holds {name}={value!r}, which this version does not know.",
            f"It knows {', '.join(kind)}.",
        ) from e


def _to_value(name: str, hint: Any, value: Any) -> Any:
    try:
        return None if value is None else from_json(json.loads(value), hint)
    except ValueError as e:
        raise StoreError(f"The store's column {name} is damaged: {e}.") from e
