"""Orders: every change that a person or a program asks of the store, by name.

The owner carries an order out at once. Any other process puts it into ``inbox/`` and asks
the owner to look; the order's id is written in the same transaction as its effect, so an
order is carried out once, however often its file is met. A function under ``@order`` is
an order: its keyword arguments are the payload, checked against their annotations.
"""

from __future__ import annotations

import inspect
import json
import os
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from fer_core.errors import RaptError, StoreError
from fer_core.files import read_json, write_json
from fer_core.home import Home
from fer_core.storage.database import Database, Writer
from fer_core.storage.ids import new_id
from fer_core.storage.migrations import now


@dataclass(slots=True)
class Change:
    """What an order works with: a cursor inside its transaction, and the home."""

    cursor: Writer
    home: Home
    after: list[Callable[[], None]] = field(default_factory=list)  # done once it is kept

    def row(self, table: str, key: str, value: str) -> dict[str, Any]:
        """One row by its key; StoreError where there is none."""
        found = self.cursor.execute(f"SELECT * FROM {table} WHERE {key} = ?", [value])
        row = found.fetchone()
        if row is None:
            raise StoreError(f"There is no {key.removesuffix('_id')} {value!r}.")
        return dict(zip(found.names, row))

    def insert(self, table: str, values: dict[str, Any]) -> None:
        names = ", ".join(values)
        marks = ", ".join("?" for _ in values)
        self.cursor.execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values())
        )

    def update(self, table: str, key: str, value: str, changes: dict[str, Any]) -> None:
        """Set the columns that are not None; StoreError where the row is not there."""
        self.row(table, key, value)
        changes = {name: new for name, new in changes.items() if new is not None}
        if not changes:
            return
        pairs = ", ".join(f"{name} = ?" for name in changes)
        self.cursor.execute(
            f"UPDATE {table} SET {pairs} WHERE {key} = ?", [*changes.values(), value]
        )


_ORDERS: dict[str, Callable[..., Any]] = {}
F = typing.TypeVar("F", bound=Callable[..., Any])


def order(function: F) -> F:
    """Register a function ``(change, *, …)`` as the order of its name."""
    name = function.__name__
    if name in _ORDERS:
        raise ValueError(f"two orders are called {name}")
    _ORDERS[name] = function
    return function


def order_names() -> list[str]:
    return sorted(_ORDERS)


def check_order(kind: str, payload: dict[str, Any]) -> Callable[..., Any]:
    """The order's function; StoreError where the name or a payload's part is wrong."""
    if kind not in _ORDERS:
        raise StoreError(f"There is no order {kind!r}.", f"Orders are {', '.join(order_names())}.")
    function = _ORDERS[kind]
    try:
        inspect.signature(function).bind(None, **payload)
    except TypeError as e:
        raise StoreError(f"The order {kind} cannot be taken: {e}.") from e
    hints = typing.get_type_hints(function)
    for name, value in payload.items():
        if not _fits(value, hints[name]):
            raise StoreError(f"The order {kind} has {name}={value!r}, which is not {hints[name]}.")
    return function


def _fits(value: Any, hint: Any) -> bool:
    if hint is Any:
        return True
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, part) for part in typing.get_args(hint))
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, origin or hint)


def carry_out(
    database: Database,
    home: Home,
    kind: str,
    payload: dict[str, Any],
    order_id: str | None = None,
) -> Any:
    """Do an order in one transaction; its result is JSON-able."""
    function = check_order(kind, payload)
    with database.transaction() as cursor:
        if order_id and cursor.value("SELECT 1 FROM orders WHERE order_id = ?", [order_id]):
            return None  # another thread was quicker
        change = Change(cursor, home)
        try:
            result = function(change, **payload)
        except duckdb.Error as e:
            raise StoreError(f"The order {kind} cannot be done: {str(e).splitlines()[0]}") from e
        if order_id:
            change.insert(
                "orders",
                {"order_id": order_id, "kind": kind, "result": json.dumps(result), "taken": now()},
            )
    for action in change.after:
        action()
    return result


def put_into_inbox(home: Home, kind: str, payload: dict[str, Any]) -> str:
    """Leave an order for the owner; returns its id."""
    check_order(kind, payload)
    order_id = new_id("order")
    write_json(
        home.inbox / f"{order_id}.json", {"order_id": order_id, "kind": kind, "payload": payload}
    )
    return order_id


def take_inbox(database: Database, home: Home) -> int:
    """Carry out what lies in the inbox, oldest first; returns how many files were taken."""
    try:
        names = sorted(n for n in os.listdir(home.inbox) if n.endswith(".json") and n[0] != ".")
    except FileNotFoundError:
        return 0
    for name in names:
        _take_file(database, home, home.inbox / name)
    return len(names)


def _take_file(database: Database, home: Home, path: Path) -> None:
    try:
        value = read_json(path)
        if value is None:
            return  # another thread has just taken it
        order_id, kind, payload = value["order_id"], value["kind"], value["payload"]
    except (ValueError, KeyError, TypeError):
        path.replace(path.with_suffix(".damaged"))
        return
    if outcome(database, order_id) is None:
        try:
            carry_out(database, home, kind, payload, order_id)
        except RaptError as e:
            _note_failure(database, order_id, str(kind), e)
    path.unlink(missing_ok=True)


def _note_failure(database: Database, order_id: str, kind: str, error: RaptError) -> None:
    """Keep why an order failed, unless another thread carried it out meanwhile."""
    with database.transaction() as cursor:
        cursor.execute(
            "INSERT INTO orders (order_id, kind, error, hint, taken) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            [order_id, kind, error.message, error.hint, now()],
        )


def outcome(database: Database, order_id: str) -> dict[str, Any] | None:
    """What became of an order: ``{"result"}`` or ``{"error", "hint"}``; None: not yet taken."""
    rows = database.select(
        "SELECT result, error, hint FROM orders WHERE order_id = $id", {"id": order_id}
    ).to_pylist()
    if not rows:
        return None
    row = rows[0]
    if row["error"] is not None:
        return {"error": row["error"], "hint": row["hint"] or ""}
    return {"result": json.loads(row["result"])}
