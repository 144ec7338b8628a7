"""What a test needs of the machine: where it lacks, a skip in words, or a failure in CI."""

from __future__ import annotations

import os
import shutil

import pytest


def need_java() -> None:
    """Go on where there is a Java for Spark."""
    if os.environ.get("JAVA_HOME") or shutil.which("java"):
        return
    why = "Spark needs Java 17 or later, and this machine has none (Debian: default-jre-headless)"
    if os.environ.get("RAPT_CI"):
        pytest.fail(why)
    pytest.skip(why)
