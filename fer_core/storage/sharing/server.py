"""The owner's socket: answers read-only queries and takes commands from other processes.

One request a connection, one thread a connection. Only this user may connect: the socket
has mode 600 before anybody can find it, and the peer's user id is checked as well.
"""

from __future__ import annotations

import logging
import os
import re
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from fer_core.errors import RaptError, StoreError
from fer_core.storage.database import Database
from fer_core.storage.reading import READ_SECONDS, ROW_CAP, Query
from fer_core.storage.sharing import wire

log = logging.getLogger(__name__)

_MAKES_MUCH = re.compile(r"(?i)\b(repeat|lpad|rpad)\s*\(")

_AT_ONCE = 32
_PATIENCE_S = 60.0  # for a client that stops in the middle of a message


class Server:
    """Listens until ``close``. ``actions`` are what may be asked for beside queries."""

    def __init__(
        self,
        path: Path,
        database: Database,
        actions: dict[str, Callable[[wire.Question], wire.Value]],
    ) -> None:
        self.path = path
        self._database = database
        self._actions = actions
        self._slots = threading.BoundedSemaphore(_AT_ONCE)
        self._closed = False
        self._links: set[socket.socket] = set()
        self._links_lock = threading.Lock()
        self._listener = _listen(path)
        self._thread = threading.Thread(target=self._serve, name="rapt-owner", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return  # closed
            self._slots.acquire()
            with self._links_lock:
                if self._closed:
                    link.close()
                    return
                self._links.add(link)
            threading.Thread(
                target=self._talk, args=(link,), name="rapt-answer", daemon=True
            ).start()

    def _talk(self, link: socket.socket) -> None:
        try:
            link.settimeout(_PATIENCE_S)
            if _same_user(link):
                wire.send(link, *self._answer(wire.receive_question(link)))
        except (OSError, ValueError, StoreError) as e:
            if not self._closed:
                log.warning("a request to the store was dropped: %s", e)
        finally:
            with self._links_lock:
                self._links.discard(link)
            link.close()
            self._slots.release()

    def _answer(self, head: wire.Question) -> tuple[wire.Answer, bytes | memoryview]:
        try:
            if head.get("do") == "select":
                _must_be_small(str(head["sql"]))
                query = Query(
                    str(head["sql"]),
                    head.get("params") or {},
                    cap=min(int(head.get("cap", ROW_CAP)), ROW_CAP),
                    seconds=min(float(head.get("seconds", READ_SECONDS)), READ_SECONDS),
                )
                return {"ok": True}, _ipc(self._database.select(query))
            action = self._actions.get(str(head.get("do")))
            if action is None:
                raise StoreError(f"The store's owner does not know {head.get('do')!r}.")
            return {"ok": True, "value": action(head)}, b""
        except (RaptError, KeyError, TypeError, ValueError, OSError) as e:
            if self._closed:
                return {"ok": False, "gone": True}, b""
            error = e if isinstance(e, RaptError) else StoreError(f"A request was wrong: {e!r}")
            return {"ok": False, "error": error.message, "hint": error.hint}, b""

    def stop_listening(self) -> None:
        """Take no more requests; those under way still get their answers."""
        self._closed = True
        self.path.unlink(missing_ok=True)
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError as e:
            log.debug("the listener was shut already: %s", e)
        self._listener.close()
        self._thread.join(timeout=5)

    def close(self) -> None:
        """Break off what is still under way."""
        self.stop_listening()
        with self._links_lock:
            for link in self._links:
                link.close()


def _must_be_small(sql: str) -> None:
    """Refuse functions that make much out of nothing: DuckDB does not count their memory."""
    found = _MAKES_MUCH.search(sql)
    if found is not None:
        raise StoreError(f"The function {found[1]} may not be asked of the store.")


def _listen(path: Path) -> socket.socket:
    """A socket that appears, complete and private, in one step in the place of a stale one."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    waiting = path.with_name(f".{os.getpid()}.s")
    waiting.unlink(missing_ok=True)
    try:
        os.fchmod(listener.fileno(), 0o600)  # what bind makes takes these bits: never open
        listener.bind(str(waiting))
        waiting.chmod(0o600)
        listener.listen(64)
        waiting.rename(path)
    except OSError as e:
        listener.close()
        raise StoreError(f"The store's socket {path} cannot be made: {e}") from e
    return listener


def _same_user(link: socket.socket) -> bool:
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    data = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return bool(struct.unpack("3i", data)[1] == os.getuid())


def _ipc(table: pa.Table) -> memoryview:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as out:
        out.write_table(table)
    return memoryview(sink.getvalue())
