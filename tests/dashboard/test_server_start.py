"""What the server imports before it answers: nothing that only some pages need."""

from __future__ import annotations

import subprocess
import sys

#: Each takes a quarter of a second and more.
LATER = {"scipy", "aiortc", "tensorflow", "keras", "fer_core.reports.compose"}


def test_the_server_starts_without_statistics_and_networks() -> None:
    program = "import sys, dashboard.server; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    imported = set(done.stdout.split())
    assert "dashboard.camera.respondents.routes" in imported
    assert sorted(LATER & imported) == []
