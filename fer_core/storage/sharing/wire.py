"""Messages on the owner's socket: a JSON head and a body of bytes, each with its length."""

from __future__ import annotations

import json
import socket
import struct
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from fer_core.errors import StoreError

_LENGTHS = struct.Struct(">IQ")
_HEAD_LIMIT = 64 << 20
_BODY_LIMIT = 4 << 30  # of an answer; a question has no body


def plain(value: Any) -> Any:
    """What JSON does not know, as what it does: NumPy's numbers and arrays, times, paths."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, PurePath):
        return str(value)
    raise StoreError(f"{value!r} cannot be sent to the store.", "Give plain values.")


def send(link: socket.socket, head: dict[str, Any], body: bytes | memoryview = b"") -> None:
    data = json.dumps(head, default=plain).encode()
    link.sendall(_LENGTHS.pack(len(data), len(body)) + data)
    if len(body):
        link.sendall(body)


def receive(link: socket.socket, body_limit: int = _BODY_LIMIT) -> tuple[dict[str, Any], bytearray]:
    """The next message. ConnectionError where the other side is gone."""
    head_length, body_length = _LENGTHS.unpack(_exactly(link, _LENGTHS.size))
    if head_length > _HEAD_LIMIT or body_length > body_limit:
        raise StoreError("A message on the store's socket is too large.")
    head = json.loads(bytes(_exactly(link, head_length)))
    return head, _exactly(link, body_length)


def _exactly(link: socket.socket, length: int) -> bytearray:
    data = bytearray(length)
    view, got = memoryview(data), 0
    while got < length:
        n = link.recv_into(view[got:], min(length - got, 1 << 20))
        if n == 0:
            raise ConnectionResetError("the other side closed the socket")
        got += n
    return data
