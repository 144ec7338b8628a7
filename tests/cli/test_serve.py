"""`rapt serve`: an address that answers, an end that is clean, a taken port in one line."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from fer_core.cli.main import main


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_address_that_is_printed_answers_and_sigterm_ends_all_of_it(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "fer_core.cli.main", "serve", "--port", str(port)]
    command += ["--no-browser", "--json", "--home", str(tmp_path / "home")]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None
        told = json.loads(server.stdout.readline())
        assert told == {"url": f"http://127.0.0.1:{port}", "home": str(tmp_path / "home")}
        with urllib.request.urlopen(told["url"], timeout=30) as page:
            assert page.status == 200
    finally:
        server.send_signal(signal.SIGTERM)
        code = server.wait(timeout=40)
    assert code == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "nothing listens any more"


def test_a_taken_port_is_told_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code = main(["serve", "--port", str(port), "--home", str(tmp_path), "--no-browser"])
    said = capsys.readouterr().err
    assert code == 1
    assert said.count("\n") == 1
    assert "--port" in said
