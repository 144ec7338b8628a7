"""`rapt serve`: the dashboard on this machine, its address printed once it answers."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from pathlib import Path

import typer

from fer_core.cli.call import Call
from fer_core.errors import SettingsError

app = typer.Typer(add_completion=False)

#: Python, TensorFlow-free imports and the first page together take a few seconds.
STARTS_WITHIN_S = 60.0
ENDS_WITHIN_S = 20.0


def _entry() -> Path:
    """The dashboard's entry file, wherever the project is installed."""
    spec = importlib.util.find_spec("dashboard")
    for folder in spec.submodule_search_locations or [] if spec else []:
        for name in ("server.py", "app.py"):
            if (entry := Path(folder) / name).exists():
                return entry
    raise SettingsError(
        "The dashboard is not installed.", "Install Rapt from its folder: pip install -e ."
    )


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def _address(host: str, port: int) -> str:
    shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _must_be_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # as servers do, so that a port that was closed a moment ago counts as free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(
                f"Rapt cannot listen on {host}, port {port}: {error.strerror}.",
                "Choose another one with --port, or stop what uses it.",
            ) from error


def _wait_until_up(server: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while not _answers(url):
        if server.poll() is not None:
            raise SettingsError(
                f"The dashboard ended at once (exit code {server.returncode}).",
                "The lines above say why; `rapt doctor` checks the installation.",
            )
        if time.monotonic() > deadline:
            server.terminate()
            raise SettingsError(
                f"The dashboard did not answer within {STARTS_WITHIN_S:.0f} s.",
                "Try again with --debug, or on another --port.",
            )
        time.sleep(0.2)


def _end(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is not None:
        return
    server.terminate()
    try:
        server.wait(timeout=ENDS_WITHIN_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


@app.command()
def serve(
    ctx: typer.Context,
    host: str = typer.Option("127.0.0.1", help="Address to listen on."),
    port: int = typer.Option(8501, help="Port to listen on.", min=1, max=65535),
    no_browser: bool = typer.Option(False, "--no-browser", help="Do not open a browser."),
) -> None:
    """Open the dashboard.

    It runs until Ctrl-C. Running analyses go on without it; it finds them when it is back.
    """
    call = Call.of(ctx)
    url = _address(host, port)
    _must_be_free(host, port)
    entry = _entry()
    command = [sys.executable, "-m", "streamlit", "run", str(entry)]
    command += [f"--server.address={host}", f"--server.port={port}", "--server.headless=true"]
    environment = {**os.environ, "RAPT_HOME": str(call.home.root)}
    # Streamlit reads .streamlit/config.toml (the theme) from the working folder
    server = subprocess.Popen(
        command,
        env=environment,
        cwd=entry.parent.parent,
        stdout=sys.stderr,
        stdin=subprocess.DEVNULL,
    )
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    try:
        _wait_until_up(server, url)
        call.answer(
            {"url": url, "home": str(call.home.root)}, f"Rapt is at {url} (Ctrl-C stops it)"
        )
        sys.stdout.flush()
        if not no_browser and not call.json:
            webbrowser.open(url)
        code = server.wait()
    except KeyboardInterrupt:
        # the terminal has told the server as well; it closes the store and ends
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=ENDS_WITHIN_S)
        return
    finally:
        _end(server)
    if code not in (0, -signal.SIGTERM, -signal.SIGINT):
        raise SettingsError(f"The dashboard ended with exit code {code}.", "See the lines above.")
