"""Ends the server when the process that started it is gone, however that ended.

Linux can do it alone (``prctl``). Elsewhere ``rapt serve`` holds the other end of a pipe: when it
is gone the pipe ends, and the server takes that as SIGTERM.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Final

#: Names the server's end of the pipe; not set where nobody holds another.
PIPE_VARIABLE: Final = "RAPT_PARENT_FD"


def follow_parent(end: Callable[[], object] | None = None) -> threading.Thread | None:
    """Watch the pipe that the environment names; None where it names none."""
    named = os.environ.get(PIPE_VARIABLE, "")
    if not named.isdecimal():
        return None
    thread = threading.Thread(
        target=_watch, args=(int(named), end or _terminate), name="rapt-parent", daemon=True
    )
    thread.start()
    return thread


def _watch(handle: int, end: Callable[[], object]) -> None:
    try:
        while os.read(handle, 64):
            continue
    except OSError:
        return  # not ours: nothing can be known
    end()


def _terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
