"""Where a benchmark's figures come from: the command, the machine and the commit."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from fer_core import __version__

#: Names under which this machine alone is reached.
THIS_MACHINE: Final = ("127.0.0.1", "::1", "localhost")


def stamp(command: str) -> str:
    """The command, the day, the commit and the machine, in one line of Markdown."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"`{command}` · {datetime.now(UTC):%Y-%m-%d} · Rapt {__version__} at commit "
        f"{commit() or 'unknown'} · Python {platform.python_version()} · "
        f"{cpu()}, {os.cpu_count()} cores, load {load}"
    )


def cores(group: Path = Path("/sys/fs/cgroup")) -> int:
    """How many cores this process may use, also within a container's limit; at least one."""
    allowed = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    try:
        share, period = map(int, (group / "cpu.max").read_text().split())
    except (OSError, ValueError):
        return allowed  # no limit, or none that can be read
    return max(1, min(allowed, round(share / period)))


def commit() -> str:
    """The commit that this program stands at, or nothing where it is no checkout."""
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    return found.stdout.strip()


def cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except FileNotFoundError:
        pass
    return platform.processor() or platform.machine()


def peak_mb(pid: int) -> float:
    """The most memory that a process has held so far (VmHWM), in MB; 0 once it is gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0.0
