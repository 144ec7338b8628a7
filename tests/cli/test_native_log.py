"""What is written past Python goes to a log; our own lines reach the terminal."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from fer_core.cli.native_log import native_log


def test_lines_written_past_python_go_to_the_log(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run" / "log.txt"
    with native_log(path):
        path.parent.mkdir()
        os.write(2, b"I0000 a library's line\n")
        sys.stderr.write("our line\n")
    os.write(2, b"and again\n")
    assert capfd.readouterr().err == "our line\nand again\n"
    assert path.read_text() == "I0000 a library's line\n"


def test_without_a_folder_nothing_is_kept_or_made(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with native_log(tmp_path / "run" / "log.txt"):
        os.write(2, b"I0000 a library's line\n")
    assert capfd.readouterr().err == ""
    assert not (tmp_path / "run").exists()
