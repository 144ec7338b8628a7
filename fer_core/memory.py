"""How much memory this process holds, and the most that an analysis may take.

A file can make libraries take far more than its size. The process that works on it is watched:
what passes the limit is stopped and says so; a second, harder limit of the system catches what
grows faster than anybody can look.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path
from typing import Final

#: The most memory that an analysis may take.
MOST_BYTES: Final = 3 << 30
#: The system refuses more than this on Linux, where what is reserved but unused counts as well.
_HARD_BYTES: Final = MOST_BYTES + (1 << 30)


def held() -> int:
    """Bytes of memory that this process holds now; elsewhere than on Linux the most so far."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except FileNotFoundError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


def limit_hard(most: int = _HARD_BYTES) -> None:
    """Have the system refuse this process more; only Linux counts what is really written to."""
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
