"""What TensorFlow's own code writes to standard error goes to a log, not between our lines."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def native_log(path: Path | None = None) -> Iterator[None]:
    """Keep what is written past Python out of the terminal; our own lines reach it.

    Libraries in C++ write to the process's file 2, whatever ``sys.stderr`` is. At the end it is
    added to ``path``, if its folder is there by then.
    """
    sys.stderr.flush()
    ours = sys.stderr
    with tempfile.TemporaryFile() as log, os.fdopen(os.dup(2), "w", buffering=1) as terminal:
        os.dup2(log.fileno(), 2)
        if _is_file_2(ours):
            sys.stderr = terminal
        try:
            yield
        finally:
            sys.stderr = ours
            os.dup2(terminal.fileno(), 2)
            if path is not None and path.parent.is_dir():
                log.seek(0)
                with path.open("ab") as kept:
                    shutil.copyfileobj(log, kept)


def _is_file_2(stream: TextIO) -> bool:
    try:
        return stream.fileno() == 2
    except OSError:  # not a file: a test's, or a window's without a terminal
        return False
