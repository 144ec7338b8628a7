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


def available(proc: Path = Path("/proc"), group: Path = Path("/sys/fs/cgroup")) -> int | None:
    """Bytes that could still be taken without swapping, also within a container's limit; None
    where the system does not say."""
    try:
        lines = dict(line.split(":", 1) for line in (proc / "meminfo").read_text().splitlines())
        room = int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return None
    try:
        most = int((group / "memory.max").read_text())
        files = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        taken = int((group / "memory.current").read_text()) - int(files["inactive_file"])
    except (OSError, KeyError, ValueError):
        return room  # no limit, or none that can be read
    return min(room, max(0, most - taken))


def limit_hard(most: int = _HARD_BYTES) -> None:
    """Have the system refuse this process more; only Linux counts what is really written to."""
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
