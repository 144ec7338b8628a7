"""The process that holds TensorFlow: ``python -m fer_core.evaluation.explain_worker IDLE_S``.

It answers questions on its standard input until that closes or nobody has asked for a
while, then ends and gives its memory back. A message is a line of JSON with the arrays'
types and shapes, and the arrays' bytes after it: nothing is ever unpickled.
"""

from __future__ import annotations

import json
import os
import select
import sys
from collections import OrderedDict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypedDict

import numpy as np

from fer_core.errors import RaptError
from fer_core.files import JsonObject
from fer_core.zoo.card import Card
from fer_core.zoo.model_store import read_checked

if TYPE_CHECKING:
    from fer_core.evaluation.explain import Explainer

#: Networks that stay loaded.
MOST_LOADED = 2
Arrays = dict[str, np.ndarray]


class Question(TypedDict):
    """What is asked of a network: ``do`` is ``see``, of an ``output``, or ``features``."""

    do: str
    output: str | None
    card: JsonObject
    path: str
    sha256: str


class Answer(TypedDict, total=False):
    """The stages' names and shapes where a face was seen; a refusal's message and hint."""

    stages: list[tuple[str, list[int]]]
    error: str
    hint: str


def write_message(out: IO[bytes], head: Question | Answer, arrays: Arrays) -> None:
    """Write a JSON head and the arrays that it names."""
    shapes = [[name, one.dtype.str, list(one.shape)] for name, one in arrays.items()]
    out.write(json.dumps({**head, "arrays": shapes}).encode() + b"\n")
    for one in arrays.values():
        out.write(np.ascontiguousarray(one).tobytes())
    out.flush()


def read_question(source: IO[bytes]) -> tuple[Question, Arrays] | None:
    """None at the end of the stream."""
    return _read_message(source)


def read_answer(source: IO[bytes]) -> tuple[Answer, Arrays] | None:
    """None at the end of the stream."""
    return _read_message(source)


def _read_message(source: IO[bytes]) -> tuple[Any, Arrays] | None:
    line = source.readline()
    if not line:
        return None
    head = json.loads(line)
    arrays: Arrays = {}
    for name, kind, shape in head.pop("arrays"):
        dtype = np.dtype(kind)
        content = source.read(int(np.prod(shape)) * dtype.itemsize)
        arrays[name] = np.frombuffer(content, dtype).reshape(shape)
    return head, arrays


class Loaded:
    """The networks in memory, by the checksum of their files."""

    def __init__(self) -> None:
        self._by_digest: OrderedDict[str, Explainer] = OrderedDict()

    def get(self, card: Card, path: Path, sha256: str) -> Explainer:
        """The network in ``path`` whose bytes have this checksum; no other is ever loaded."""
        from fer_core.evaluation.explain import Explainer

        if sha256 not in self._by_digest:
            self._by_digest[sha256] = Explainer(card, read_checked(path, sha256))
            while len(self._by_digest) > MOST_LOADED:
                self._by_digest.popitem(last=False)
        self._by_digest.move_to_end(sha256)
        return self._by_digest[sha256]


def answer(loaded: Loaded, head: Question, arrays: Arrays) -> tuple[Answer, Arrays]:
    """Answer one request: a JSON head and arrays, as they came."""
    card = Card.from_dict(head["card"])
    network = loaded.get(card, Path(head["path"]), head["sha256"])
    if head["do"] == "features":
        return {}, {"features": network.features(arrays["crops"])}
    seen = network.see(arrays["crop"], head["output"])
    said: Answer = {"stages": [(one.name, list(one.shape)) for one in seen.stages]}
    out: Arrays = {"logits": seen.logits, "saliency": seen.saliency}
    for k, (maps, cams) in enumerate(zip(seen.maps, seen.cams)):
        out[f"maps{k}"], out[f"cams{k}"] = maps, cams
    return said, out


def main(argv: list[str] | None = None) -> int:
    """Answer requests on standard input until it ends."""
    args = sys.argv[1:] if argv is None else argv
    idle_s = float(args[0]) if args else 180.0
    source = os.fdopen(os.dup(0), "rb")
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not get between the messages
    from fer_core.evaluation.explain import quiet

    quiet()
    loaded = Loaded()
    while select.select([source], [], [], idle_s)[0]:
        message = read_question(source)
        if message is None:
            break
        try:
            said, arrays = answer(loaded, *message)
        except RaptError as error:
            said, arrays = {"error": error.message, "hint": error.hint}, {}
        write_message(out, said, arrays)
    return 0


if __name__ == "__main__":
    sys.exit(main())
