"""`rapt serve`: an address that answers, an end that is clean, a taken port in one line."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from fer_core.access.start_token import Served, note_served, served, with_token
from fer_core.cli.main import main
from fer_core.cli.server.site import Site
from fer_core.home import Home
from tests.conftest import PROJECT
from tests.ports import free_port
from tests.waiting import until


def test_the_address_that_is_printed_answers_and_sigterm_ends_all_of_it(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "fer_core.cli.main", "serve", "--port", str(port)]
    command += ["--no-browser", "--json", "--home", str(tmp_path / "home")]
    log = tmp_path / "log"
    with log.open("wb") as out:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=out, text=True)
    try:
        assert server.stdout is not None
        told = json.loads(server.stdout.readline())
        url, home = f"http://127.0.0.1:{port}", Home(tmp_path / "home")
        assert told == {"url": url, "open": with_token(home, url), "home": str(home.root)}
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(told["url"], timeout=30)
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        for address in (told["open"], told["url"]):  # from then on by the cookie
            with browser.open(address, timeout=30) as page:
                assert (page.status, page.url) == (200, address.partition("?")[0])
                assert b"streamlit" in page.read().lower()
        assert served(home) == Served(url, server.pid)
        for folder, folders, files in os.walk(home.root):
            for name in (*folders, *files):
                mode = os.lstat(os.path.join(folder, name)).st_mode
                assert not stat.S_IMODE(mode) & 0o077, f"{folder}/{name} can be read by others"
    finally:
        server.send_signal(signal.SIGTERM)
        code = server.wait(timeout=40)
    said = log.read_text(errors="replace")
    assert code == 0, said
    assert "URL" not in said, "no address but the one that lets in"
    assert served(home) is None
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


def test_a_killed_command_takes_its_server_with_it(tmp_path: Path) -> None:
    server, runs = serve_stub(tmp_path)
    wait_for(runs, server)
    child = int(runs.read_text())
    server.kill()
    server.communicate(timeout=60)
    until(lambda: not Path(f"/proc/{child}").exists())


def test_a_taken_port_is_told_with_what_serves_this_home(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home(tmp_path / "home")
    note_served(home, "http://127.0.0.1:1")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code = main(["serve", "--port", str(port), "--home", str(home.root), "--no-browser"])
    said = capsys.readouterr().err
    assert code == 1
    assert f"served at http://127.0.0.1:1 by process {os.getpid()}" in said


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.7.7", ""])
def test_beyond_this_machine_it_asks_for_https(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    code = main(["serve", "--host", host, "--home", str(tmp_path / "home"), "--no-browser"])
    said = capsys.readouterr().err
    assert code == 1
    assert "--tls" in said
    assert "--insecure-open" in said


@pytest.mark.parametrize(
    "beyond", [["--host", "0.0.0.0", "--tls"], ["--allow-host", "rapt.example.org"]]
)
def test_beyond_this_machine_and_behind_a_proxy_it_asks_for_an_account(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], beyond: list[str]
) -> None:
    home = Home(tmp_path / "home")
    assert main(["serve", *beyond, "--home", str(home.root), "--no-browser"]) == 1
    said = capsys.readouterr().err
    assert "rapt users add" in said
    assert "--insecure-open" in said
    assert (
        main(["users", "add", "a", "--role", "admin", "--generate", "--home", str(home.root)]) == 0
    )
    with socket.create_server(("0.0.0.0", 0)) as taken:
        port = str(taken.getsockname()[1])
        more = ["--port", port, "--home", str(home.root), "--no-browser"]
        assert main(["serve", *beyond, *more]) == 1
    assert "--port" in capsys.readouterr().err, "past the accounts, only the port is wrong"


@pytest.mark.parametrize("accounts", [True, False])
def test_the_token_is_not_printed_where_people_log_in(tmp_path: Path, accounts: bool) -> None:
    class Dashboard(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            leads = accounts and self.path == "/"
            self.send_response(303 if leads else 200 if accounts else 403)
            if leads:
                self.send_header("Location", "/login?next=%2F")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Dashboard) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]
        site = Site(Home(tmp_path), "127.0.0.1", port, None, None, "127.0.0.1")
        assert ("token=" in site.door_in) is not accounts
        server.shutdown()


def test_open_prints_the_address_that_lets_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home(tmp_path / "home")
    assert main(["open", "--no-browser", "--home", str(home.root)]) == 1
    assert "rapt serve" in capsys.readouterr().err
    note_served(home, "http://127.0.0.1:8501")
    assert main(["open", "--no-browser", "--home", str(home.root)]) == 0
    assert capsys.readouterr().out.strip() == with_token(home, "http://127.0.0.1:8501")
    assert stat.S_IMODE(home.start_token.stat().st_mode) == 0o600


#: In Streamlit's place: says that it runs, answers nobody, and is slow to stop.
STUB = """
import os, signal, sys, threading, time
asked = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: asked.set())
with open(os.environ["STUB_RUNS"] + "-", "w") as runs:
    runs.write(str(os.getpid()))
os.rename(os.environ["STUB_RUNS"] + "-", os.environ["STUB_RUNS"])
asked.wait()
time.sleep(0.3)
sys.exit({code})
"""


def serve_stub(folder: Path, code: int = 0) -> tuple[subprocess.Popen[str], Path]:
    """`rapt serve` whose server is the stub; the file that appears once the stub runs."""
    (folder / "streamlit").mkdir()
    (folder / "streamlit" / "__init__.py").touch()
    (folder / "streamlit" / "__main__.py").write_text(STUB.format(code=code))
    runs = folder / "runs"
    paths = os.pathsep.join([str(folder), str(PROJECT)])
    server = subprocess.Popen(
        [sys.executable, "-m", "fer_core.cli.main", "serve", "--port", str(free_port()),
         "--no-browser", "--home", str(folder / "home")],
        env={**os.environ, "PYTHONPATH": paths, "STUB_RUNS": str(runs)},
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    return server, runs


def wait_for(there: Path, server: subprocess.Popen[str]) -> None:
    while not there.exists():
        assert server.poll() is None, server.communicate()[1]
        time.sleep(0.01)


def test_a_server_that_is_stopped_while_it_starts_ends_well(tmp_path: Path) -> None:
    server, runs = serve_stub(tmp_path)
    wait_for(runs, server)
    server.terminate()
    said = server.communicate(timeout=60)[1]
    assert (server.returncode, said) == (0, "")


def test_a_server_that_is_told_to_stop_again_and_again_ends_well(tmp_path: Path) -> None:
    """Up to its last breath: Python gives signals back to the system before it is gone."""
    server, runs = serve_stub(tmp_path)
    wait_for(runs, server)
    while server.poll() is None:
        server.terminate()
        time.sleep(0.001)
    assert server.returncode == 0, server.communicate()[1]


def test_a_server_that_breaks_while_it_stops_says_so(tmp_path: Path) -> None:
    server, runs = serve_stub(tmp_path, code=7)
    wait_for(runs, server)
    server.terminate()
    said = server.communicate(timeout=60)[1]
    assert server.returncode == 1
    assert "exit code 7" in said


def test_a_server_that_is_stopped_before_it_runs_ends_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    begin = subprocess.Popen

    def popen(command: list[str], **more: Any) -> subprocess.Popen[bytes]:
        os.kill(os.getpid(), signal.SIGTERM)
        started.append(begin([sys.executable, "-c", "import time; time.sleep(600)"]))
        return started[0]

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr("fer_core.cli.server.serve.subprocess.Popen", popen)
    try:
        arguments = ["serve", "--port", str(free_port()), "--home", str(tmp_path), "--no-browser"]
        assert main(arguments) == 0
    finally:
        signal.signal(signal.SIGTERM, before)
        for process in started:
            process.kill()
    assert started[0].returncode == -signal.SIGTERM
