"""What TensorFlow's own code writes to standard error goes to a log, not between our lines."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def native_log(path: Path) -> Iterator[None]:
    """Send what is written past Python to the end of ``path``; our own lines reach the terminal.

    Libraries in C++ write to the process's file 2, whatever ``sys.stderr`` is.
    """
    sys.stderr.flush()
    path.parent.mkdir(parents=True, exist_ok=True)
    ours = sys.stderr
    with path.open("ab") as log, os.fdopen(os.dup(2), "w", buffering=1) as terminal:
        os.dup2(log.fileno(), 2)
        if _is_file_2(ours):
            sys.stderr = terminal
        try:
            yield
        finally:
            sys.stderr = ours
            os.dup2(terminal.fileno(), 2)


def _is_file_2(stream: object) -> bool:
    try:
        return stream.fileno() == 2  # type: ignore[attr-defined]
    except (AttributeError, OSError):  # not a file: a test's, or a window's without a terminal
        return False
