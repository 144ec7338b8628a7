"""Messages on the owner's socket: a JSON head and a body of bytes, each with its length."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
from typing import Any, Required, TypedDict

from fer_core.errors import StoreError
from fer_core.storage.codec import to_json

_LENGTHS = struct.Struct(">IQ")
_HEAD_LIMIT = 64 << 20
_BODY_LIMIT = 4 << 30  # of an answer; a question has no body


class Question(TypedDict, total=False):
    """What the owner is asked: ``do`` names it, the rest is what that needs."""

    do: Required[str]
    order_id: str  # take
    target: str  # backup
    sql: str  # select, with the three below
    params: Mapping[str, object] | None
    cap: int
    seconds: float


class Value(TypedDict, total=False):
    """What an action found; a query's rows are the message's body."""

    pid: int  # hello
    outcome: dict[str, str | None] | None  # take: an Outcome's fields
    done: bool  # erase: whether nothing is left to erase
    threads: list[dict[str, Any]]  # threads: the fields of each ThreadState


class Answer(TypedDict, total=False):
    """What the owner answers."""

    ok: Required[bool]
    value: Value
    gone: bool  # it is closing
    error: str
    hint: str


def send(link: socket.socket, head: Question | Answer, body: bytes | memoryview = b"") -> None:
    data = to_json(head).encode()
    link.sendall(_LENGTHS.pack(len(data), len(body)) + data)
    if len(body):
        link.sendall(body)


def receive(link: socket.socket) -> tuple[Answer, bytearray]:
    """The answer and its body. ConnectionError where the other side is gone."""
    return _receive(link, _BODY_LIMIT)


def receive_question(link: socket.socket) -> Question:
    """The question. ConnectionError where the other side is gone."""
    question: Question = _receive(link, 0)[0]
    return question


def _receive(link: socket.socket, body_limit: int) -> tuple[Any, bytearray]:
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
