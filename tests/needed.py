"""What a test needs of the machine: where it lacks, a skip in words, or a failure in CI."""

from __future__ import annotations

import os
import shutil

import pytest


def need(found: object, why: str) -> None:
    """Go on where something was found."""
    if found:
        return
    if os.environ.get("RAPT_CI"):
        pytest.fail(why)
    pytest.skip(why)


def need_java() -> None:
    """Go on where there is a Java for Spark."""
    need(
        os.environ.get("JAVA_HOME") or shutil.which("java"),
        "Spark needs Java 17 or later, and this machine has none (Debian: default-jre-headless)",
    )


def need_chromium(path: str | None) -> str:
    """The browser's path, where there is one."""
    need(path, "no Chromium on this machine (set RAPT_CHROMIUM to one)")
    assert path is not None
    return path
