"""A real server, a real browser. One server a module, each with a home of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fer_core.home import Home
from tests.e2e.entry import let_in
from tests.needed import need_chromium
from tests.networks import with_networks
from tests.ports import free_port

PROJECT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: How long a page may take for one step: browsers, servers and tests share two busy cores.
PATIENCE_MS = 60_000
#: The same where a recording is analysed, TensorFlow starts or a model is trained for it.
LONG_MS = 180_000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


def find_browser() -> str | None:
    given = os.environ.get("RAPT_CHROMIUM")
    return given or next((found for name in BROWSERS if (found := shutil.which(name))), None)


@dataclass
class Server:
    """A running dashboard."""

    url: str
    home: Home
    process: subprocess.Popen[bytes]
    log: Path

    def let_in(self, url: str = "") -> dict[str, Any]:
        """The ``storage_state`` of a browser that has shown the start token."""
        return let_in(self.home, url or self.url)

    def rapt(self, *args: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """The command line, on this server's store."""
        return subprocess.run(
            [sys.executable, "-m", "fer_core.cli.main", "--home", str(self.home.root), *args],
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=5)


def serve(home: Home, log: Path, port: int = 0) -> Server:
    """Start the dashboard on a port (0: a free one) and wait until it answers."""
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(PROJECT / "dashboard" / "server.py")]
    command += ["--server.address=127.0.0.1", f"--server.port={port}", "--server.headless=true"]
    environment = {**os.environ, "RAPT_HOME": str(home.root), "OMP_NUM_THREADS": "1"}
    environment["RAPT_HOSTS"] = "127.0.0.1,rapt.test"
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
    server = Server(f"http://127.0.0.1:{port}", home, process, log)
    until = time.monotonic() + 180
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return server
        except OSError:
            time.sleep(0.2)
    server.stop()
    raise RuntimeError(f"the dashboard did not start:\n{log.read_text()}")


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, face_networks: Path, browser: object
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("rapt")
    home = with_networks(Home(folder / "home"), face_networks)
    running = serve(home, folder / "server.log")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """Chromium, or a skip that says why not.

    A module's, not a run's: while Playwright is open its event loop runs in this thread, where
    tests of other modules run loops of their own.
    """
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    sync.expect.set_options(timeout=PATIENCE_MS)  # for the whole process, whoever says it
    path = need_chromium(find_browser())
    with sync.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, server: Server) -> Iterator[object]:  # type: ignore[no-untyped-def]
    """A fresh visitor. Anything asked of another machine fails the test."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        base_url=server.url,
        storage_state=server.let_in(),
    )
    visitor = context.new_page()
    visitor.set_default_timeout(PATIENCE_MS)
    strange: list[str] = []
    visitor.on(
        "request",
        lambda request: (
            strange.append(request.url)
            if not request.url.startswith((server.url, "data:", "blob:", "ws://127.0.0.1"))
            else None
        ),
    )
    yield visitor
    context.close()
    assert not strange, f"the page asked for {strange}"
