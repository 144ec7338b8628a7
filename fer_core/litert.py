"""LiteRT's interpreters, opened in one place."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import Any, Final

#: How far the outputs of a file in single precision may be from its network's own.
MOST_APART: Final = 1e-4

_first = threading.Lock()
_said = False


def interpreter(content: bytes, threads: int = 1) -> Any:
    """An interpreter of a network; ValueError or RuntimeError where LiteRT refuses it."""
    global _said  # LiteRT speaks once in a process, not once in an object
    from ai_edge_litert.interpreter import Interpreter

    with _first:
        # The first one writes a line on its delegate to standard error, past every logger,
        # in the middle of a progress bar. LiteRT has no switch for it.
        with contextlib.nullcontext() if _said else _without_stderr():
            made = Interpreter(model_content=content, num_threads=threads)
            if not _said:
                made.allocate_tensors()
        _said = True
    return made


@contextlib.contextmanager
def _without_stderr() -> Iterator[None]:
    try:
        kept = os.dup(2)
    except OSError:  # a process without standard error
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
