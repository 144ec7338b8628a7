"""Every byte that a respondent's browser sent, read for what it may be: numbers, and no picture.

Nothing is taken on trust. Bytes must be HTTP requests of known names whose bodies are JSON of known
keys; whatever is printed as letters must be short; and no list may be longer than a face needs.
`docs/phone.md` states the sizes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import h11

from fer_core.faces.quality import CODES
from fer_core.labels import EMOTIONS
from fer_core.measures import READINGS

#: A signature has 64 digits; as base64 that would be 48 bytes.
LONGEST_WORD: Final = 64
LONGEST_HEAD: Final = 1_000
#: A request that carries no numbers of faces.
LONGEST_OTHER: Final = 500
#: Of a batch: a picture's numbers, a report of the film or of a slider, and all else.
BYTES_A_PICTURE: Final = 400
BYTES_A_REPORT: Final = 60
BYTES_AROUND: Final = 250
#: A moment in tenths of a millisecond has 15 digits.
LONGEST_NUMBER: Final = 16
#: A face's numbers by their keys; its reasons (`w`) are words of a list.
NUMBERS: Final = {"b": 4, "s": 1, "p": 10, "e": len(EMOTIONS), "r": len(READINGS)}
BODIES: Final = {
    "begin": {"visit", "read", "respondent", "language", "panel_id", "device"},
    "resume": {"visit", "secret"},
    "go": {"visit", "at", "answers", "late"},
    "back": {"visit"},
    "start": {"visit", "device"},
    "numbers": {"visit", "n", "data", "signature"},
    "end": {"visit", "how"},
}
#: How files of pictures and films begin, as they are and in base64.
PICTURES: Final = (
    b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"GIF8", b"ftyp", b"\x1a\x45\xdf\xa3",
    b"/9j/", b"iVBORw0KGgo", b"UklGR", b"R0lGOD", b"GkXfo", b"data:image", b"data:video",
)  # fmt: skip
_WORD_OF_HEAD: Final = re.compile(rb"[A-Za-z0-9+=_-]{%d,}" % (LONGEST_WORD + 1))
_WORD: Final = re.compile(rb"[A-Za-z0-9+/=_-]{%d,}" % (LONGEST_WORD + 1))
_NO_TEXT: Final = re.compile(rb"[^\x20-\x7e]")
_LONG_NUMBER: Final = re.compile(rf"[0-9.eE+-]{{{LONGEST_NUMBER + 1},}}")
_LIMIT: Final = 1 << 20


@dataclass
class Sent:
    """What was found; `faults` says in words what should not be there."""

    requests: int = 0
    uploaded: int = 0
    batches: int = 0
    pictures: int = 0
    faces: int = 0
    others: int = 0  # bodies without numbers of faces
    largest_picture: int = 0  # bytes of a batch for each of its pictures, at most
    largest_other: int = 0  # bytes, at most
    names: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


class _Fault(Exception):
    pass


def read_sent(streams: Iterable[bytes]) -> Sent:
    """Read what each connection carried from the browser."""
    sent = Sent()
    for stream in streams:
        sent.uploaded += len(stream)
        sent.faults += [f"the beginning of a picture: {p!r}" for p in PICTURES if p in stream]
        try:
            for head, body in _requests(stream):
                sent.requests += 1
                sent.faults += _faults(head, body, sent)
        except (_Fault, h11.RemoteProtocolError) as fault:
            sent.faults.append(str(fault))
    return sent


def _requests(stream: bytes) -> Iterator[tuple[h11.Request, bytes]]:
    """The requests of one connection; a _Fault where bytes are none."""
    while stream:
        parser = h11.Connection(h11.SERVER, max_incomplete_event_size=_LIMIT)
        parser.receive_data(stream)
        head, body = None, b""
        while not isinstance(event := parser.next_event(), h11.EndOfMessage):
            if isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            else:
                raise _Fault(f"{len(stream)} bytes that are no whole request")
        assert head is not None
        yield head, body
        stream = parser.trailing_data[0]


def _faults(head: h11.Request, body: bytes, sent: Sent) -> list[str]:
    try:
        _look_at(head, body, sent)
    except _Fault as fault:
        return [str(fault)]
    return []


def _look_at(head: h11.Request, body: bytes, sent: Sent) -> None:
    lines = b"\n".join([head.target, *(b" ".join(one) for one in head.headers)])
    headers = {name for name, _ in head.headers}
    if b"upgrade" in headers or b"cookie" in headers:
        raise _Fault("a connection that becomes another, or a cookie")
    if len(lines) > LONGEST_HEAD or _WORD_OF_HEAD.search(lines):
        raise _Fault(f"a head with too much in it: {lines[:200]!r}")
    name = head.target.decode("ascii").partition("?")[0].rpartition("/")[2]
    if head.method == b"GET":
        if body:
            raise _Fault(f"{len(body)} bytes with a question for {name}")
        return
    if head.method != b"POST" or name not in BODIES:
        raise _Fault(f"{head.method.decode('ascii')} {name}")
    if _NO_TEXT.search(body) or _WORD.search(body):
        raise _Fault(f"{name}: no plain text, or a word of more than {LONGEST_WORD} letters")
    value = _json(body)
    if not isinstance(value, dict) or not set(value) <= BODIES[name]:
        raise _Fault(f"{name}: not the keys that it may have, {str(value)[:200]}")
    if name == "numbers":
        _batch(value, len(body), sent)
        return
    sent.names.add(name)
    if len(body) > LONGEST_OTHER:
        raise _Fault(f"{name}: {len(body)} bytes")
    sent.others += 1
    sent.largest_other = max(sent.largest_other, len(body))


def _json(text: bytes | str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise _Fault("a body that is no JSON") from error


def _batch(value: dict[str, Any], size: int, sent: Sent) -> None:
    data = _json(value["data"])
    if _LONG_NUMBER.search(value["data"]):
        raise _Fault(f"a number of more than {LONGEST_NUMBER} digits")
    if set(data) != {"size", "film", "told", "frames"}:
        raise _Fault("a batch with other keys")
    frames, reports = data["frames"], [*data["film"], *data["told"]]
    if not _are_numbers(data["size"], 2) or not all(_are_numbers(r, len(r)) for r in reports):
        raise _Fault("a batch with something else than numbers")
    if any(len(one) > 3 for one in reports):
        raise _Fault("a report of more than three numbers")
    for at, face in frames:
        if not _are_numbers([at], 1) or (face is not None and not _is_face(face)):
            raise _Fault("something else than a face's numbers")
    around = BYTES_AROUND + BYTES_A_REPORT * len(reports)
    if size > around + BYTES_A_PICTURE * len(frames):
        raise _Fault(f"a batch of {size} bytes for {len(frames)} pictures")
    sent.batches += 1
    sent.pictures += len(frames)
    sent.faces += sum(face is not None for _, face in frames)
    sent.largest_picture = max(sent.largest_picture, round(size / max(1, len(frames))))


def _is_face(face: Any) -> bool:
    if not isinstance(face, dict) or set(face) != {*NUMBERS, "w"}:
        return False
    reasons = face["w"]
    if not isinstance(reasons, str) or not {*filter(None, reasons.split(","))} <= {*CODES}:
        return False
    readings = [0.0 if one is None else one for one in face["r"] or [None] * NUMBERS["r"]]
    lists = {**face, "s": [face["s"]], "r": readings}
    return all(_are_numbers(lists[key], length) for key, length in NUMBERS.items())


def _are_numbers(values: Any, length: int) -> bool:
    return (
        isinstance(values, list)
        and len(values) == length
        and all(isinstance(one, int | float) for one in values)
    )
