"""What benchmarks of pages share: a server of its own, its processor time, Chromium."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fer_core.cli.server.site import SERVER_ENVIRONMENT
from fer_core.home import Home

PROJECT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update"]  # fmt: skip


@contextmanager
def served(home: Home, log: Path) -> Iterator[tuple[str, int]]:
    """A dashboard on a free port: its address and process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(PROJECT / "dashboard" / "server.py"),
               "--server.address=127.0.0.1", f"--server.port={port}",
               "--server.headless=true"]  # fmt: skip
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, cwd=PROJECT, stdout=out, stderr=subprocess.STDOUT,
            env={**SERVER_ENVIRONMENT, **os.environ, "RAPT_HOME": str(home.root)},
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 60
        while True:
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"The dashboard did not start:\n{log.read_text()}")
            try:
                with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                    break
            except OSError:
                time.sleep(0.2)
        yield address, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def cpu_s(pid: int) -> float:
    """Processor time that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def family_s(of: int, without: int) -> dict[int, float]:
    """Processor time of every process below one, but for one of them: here, the browser's."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            parents[int(folder.name)] = int(fields[1])
    found: dict[int, float] = {}
    level = {of}
    while level:
        level = {pid for pid, parent in parents.items() if parent in level and pid != without}
        for pid in level:
            with suppress(OSError):
                found[pid] = cpu_s(pid)
    return found


def browser_path() -> str:
    path = os.environ.get("RAPT_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        raise SystemExit("There is no Chromium here. Install one, or set RAPT_CHROMIUM.")
    return path
