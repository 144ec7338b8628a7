"""A store that another process owns: queries and commands go to it over its socket."""

from __future__ import annotations

import socket
from pathlib import Path

import pyarrow as pa

from fer_core.errors import StoreError
from fer_core.files import JsonObject
from fer_core.home import Home
from fer_core.storage.reading import Query
from fer_core.storage.sharing import wire
from fer_core.storage.sharing.inbox import Outcome, put_into_inbox
from fer_core.storage.sharing.ownership import find_socket
from fer_core.threads import ThreadState


class OwnerGone(Exception):
    """The owner does not answer: it is starting, has just ended, or was killed."""


class Client:
    """Asks the owner. Every method raises OwnerGone where nobody answers."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._path = find_socket(home)
        self.ask({"do": "hello"}, patience_s=10)

    def select(self, query: Query) -> pa.Table:
        head: wire.Question = {
            "do": "select",
            "sql": query.sql,
            "params": dict(query.params),
            "cap": query.cap,
            "seconds": query.seconds,
        }
        _, body = self.ask(head, patience_s=query.seconds + 30)
        with pa.ipc.open_stream(pa.py_buffer(body)) as stream:
            return stream.read_all()

    def leave(self, name: str, payload: JsonObject) -> str:
        """Put a command where the owner finds it; it survives both processes."""
        return put_into_inbox(self._home, name, payload)

    def outcome(self, order_id: str) -> Outcome | None:
        """Have the owner look into its inbox now, and hear what became of a command."""
        head, _ = self.ask({"do": "take", "order_id": order_id})
        found = head["value"]["outcome"]
        return None if found is None else Outcome(**found)

    def sync(self) -> None:
        self.ask({"do": "sync"}, patience_s=600)

    def threads(self) -> list[ThreadState]:
        """How the owner's threads fare."""
        head, _ = self.ask({"do": "threads"})
        return [ThreadState(**one) for one in head["value"]["threads"]]

    def backup(self, target: Path) -> None:
        self.ask({"do": "backup", "target": str(target)}, patience_s=600)

    def erase(self) -> bool:
        head, _ = self.ask({"do": "erase"}, patience_s=600)
        return bool(head["value"]["done"])

    def ask(self, head: wire.Question, patience_s: float = 120) -> tuple[wire.Answer, bytearray]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(patience_s)
            try:
                link.connect(str(self._path))
                wire.send(link, head)
                answer, body = wire.receive(link)
            except TimeoutError as e:
                raise StoreError(
                    "The process that owns the store is too busy to answer.", "Try again soon."
                ) from e
            except OSError as e:
                raise OwnerGone(str(e)) from e
        if answer.get("gone"):
            raise OwnerGone("the owner is closing")
        if not answer.get("ok"):
            raise StoreError(str(answer.get("error")), str(answer.get("hint") or ""))
        return answer, body
