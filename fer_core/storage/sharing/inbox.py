"""Carry commands out once each: at once in the owner, by a file in ``inbox/`` from elsewhere.

The id of a command that came through the inbox is written in the same transaction as its
effect, so it is carried out once, however often its file is met. Names on the disk (files
``o….json`` with ``order_id, kind, payload``, the table ``orders``) are those of the first
version.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from fer_core import problems
from fer_core.errors import RaptError, StoreError
from fer_core.files import JsonObject, read_json, write_json
from fer_core.home import Home
from fer_core.storage.codec import Row, check_text, rows, to_json
from fer_core.storage.commands import Change, from_wire
from fer_core.storage.database import Database
from fer_core.storage.ids import new_id
from fer_core.storage.migrations import now
from fer_core.storage.reading import Query

log = logging.getLogger(__name__)


def carry_out(
    database: Database,
    home: Home,
    name: str,
    payload: JsonObject,
    order_id: str | None = None,
) -> Any:
    """Do a command in one transaction; its result as JSON values."""
    asked = from_wire(name, payload)
    with database.transaction() as cursor:
        if order_id and cursor.value("SELECT 1 FROM orders WHERE order_id = ?", [order_id]):
            return None  # another thread was quicker
        change = Change(cursor, home)
        try:
            result = to_json(asked.apply(change))
        except duckdb.Error as e:
            raise StoreError(f"The command {name} failed: {str(e).splitlines()[0]}") from e
        if order_id:
            change.insert("orders", order_id=order_id, kind=name, result=result, taken=now())
    for action in change.after:
        action()
    return json.loads(result)


def put_into_inbox(home: Home, name: str, payload: JsonObject) -> str:
    """Leave a command for the owner; returns the id under which it is carried out."""
    from_wire(name, payload)
    order_id = new_id("order")
    write_json(
        home.inbox / f"{order_id}.json", {"order_id": order_id, "kind": name, "payload": payload}
    )
    return order_id


def take_inbox(database: Database, home: Home) -> int:
    """Carry out what lies in the inbox, oldest first; returns how many files were taken."""
    try:
        names = sorted(n for n in os.listdir(home.inbox) if n.endswith(".json") and n[0] != ".")
    except FileNotFoundError:
        return 0
    for name in names:
        try:
            _take_file(database, home, home.inbox / name)
        except ValueError as e:
            _put_aside(home, home.inbox / name, e)
        except RaptError as e:  # the store cannot be written now: the file waits
            log.warning("%s has to wait: %s", name, e)
    return len(names)


def _take_file(database: Database, home: Home, path: Path) -> None:
    """Carry out one file's command. ValueError where it holds none."""
    value = read_json(path)
    if value is None:
        return  # another thread has just taken it
    order_id, name, payload = _parts(value)
    if outcome(database, order_id) is None:
        try:
            carry_out(database, home, name, payload, order_id)
        except RaptError as e:
            _note_failure(database, order_id, name, e)
        except Exception as e:
            # what no check foresaw costs this command, and none of those behind it
            log.exception("The command %s failed", name)
            error = StoreError(f"The command {name} failed: {type(e).__name__}.")
            _note_failure(database, order_id, name, error)
            raise ValueError(f"{error.message} {e}") from e
    path.unlink(missing_ok=True)


def _parts(value: Any) -> tuple[str, str, JsonObject]:
    """A command's id, name and fields, as JSON that may hold anything has them."""
    if not isinstance(value, dict):
        raise ValueError("it holds no command")
    order_id, name, payload = value.get("order_id"), value.get("kind"), value.get("payload")
    if not (isinstance(order_id, str) and isinstance(name, str) and isinstance(payload, dict)):
        raise ValueError("it does not name a command and its fields")
    check_text([order_id, name])
    return order_id, name, payload


def _put_aside(home: Home, path: Path, why: ValueError) -> None:
    try:
        problems.set_aside(home, path, why)
    except FileNotFoundError:
        return  # another thread was quicker


def _note_failure(database: Database, order_id: str, name: str, error: RaptError) -> None:
    """Keep why a command failed, unless another thread carried it out meanwhile."""
    with database.transaction() as cursor:
        cursor.execute(
            "INSERT INTO orders (order_id, kind, error, hint, taken) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            [order_id, name, error.message, error.hint, now()],
        )


@dataclass(frozen=True, slots=True)
class Outcome(Row):
    """What became of a command: its result as JSON, or why it failed and a hint."""

    result: str | None = None
    error: str | None = None
    hint: str | None = None

    def value(self) -> Any:
        """The result. StoreError where the command failed."""
        if self.error is not None:
            raise StoreError(self.error, self.hint or "")
        return json.loads(self.result or "null")


def outcome(database: Database, order_id: str) -> Outcome | None:
    """What became of a command that came through the inbox; None: it is not yet taken."""
    asked = Query("SELECT result, error, hint FROM orders WHERE order_id = $id", {"id": order_id})
    return next(iter(rows(Outcome, database.select(asked))), None)
