"""Messages on the owner's socket: a JSON head and a body of bytes, each with its length."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

from fer_core.errors import StoreError
from fer_core.storage.codec import to_json

_LENGTHS = struct.Struct(">IQ")
_HEAD_LIMIT = 64 << 20
_BODY_LIMIT = 4 << 30  # of an answer; a question has no body


def send(link: socket.socket, head: dict[str, Any], body: bytes | memoryview = b"") -> None:
    data = to_json(head).encode()
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
