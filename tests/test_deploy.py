"""The unit for systemd: valid, shut in, and of a command that there is."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fer_core.cli import main as cli

UNIT = Path(__file__).resolve().parents[1] / "deploy" / "rapt.service"


def service() -> dict[str, str]:
    lines = UNIT.read_text("utf-8").partition("[Service]")[2].partition("[Install]")[0]
    pairs = (line.split("=", 1) for line in lines.splitlines() if re.match(r"\w+=", line))
    return dict(pairs)


def test_the_service_may_write_its_home_and_nothing_else() -> None:
    found = service()
    assert found["ReadWritePaths"] == "/var/lib/rapt"
    assert found["Environment"] == "RAPT_HOME=/var/lib/rapt"
    for key, value in {
        "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes",
        "PrivateTmp": "yes", "CapabilityBoundingSet": "", "UMask": "0077",
        "StateDirectoryMode": "0700", "KillSignal": "SIGTERM",
    }.items():  # fmt: skip
        assert found[key] == value, key


def test_it_starts_a_command_that_there_is() -> None:
    words = service()["ExecStart"].split()
    assert Path(words[0]).name == "rapt"
    known = {name for one in cli.load(words[1]).params for name in one.opts}
    assert {word for word in words[2:] if word.startswith("--")} <= known


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    # the command and the user are not installed where tests run
    text = re.sub(r"^ExecStart=.*$", "ExecStart=/bin/true", UNIT.read_text("utf-8"), flags=re.M)
    unit = tmp_path / "rapt.service"
    unit.write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
