"""A fresh store, and another process that uses the same one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fer_core.home import Home

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def script(home: Home, tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Start a real process that runs Python with ``home`` and ``open_store`` at hand."""
    begun: list[subprocess.Popen[str]] = []

    def start(code: str) -> subprocess.Popen[str]:
        path = tmp_path / f"script{len(begun)}.py"
        path.write_text(
            "import os, signal, sys, time\n"
            "from fer_core.home import Home\n"
            "from fer_core.storage import *\n"
            f"home = Home.find({str(home.root)!r})\n" + code,
            encoding="utf-8",
        )
        process = subprocess.Popen(
            [sys.executable, str(path)],
            stdout=subprocess.PIPE,
            stdin=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"},
        )
        begun.append(process)
        return process

    yield start
    for process in begun:
        if process.poll() is None:
            process.kill()
        process.communicate()
