"""`rapt serve`: the dashboard on this machine, its address printed once it answers."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import typer

from fer_core.access.start_token import forget_served, note_served
from fer_core.cli.call import Call
from fer_core.cli.server.open import show
from fer_core.cli.server.site import (
    Site,
    chosen_certificate,
    host_names,
    must_be_guarded,
    second_port,
)
from fer_core.errors import SettingsError

app = typer.Typer(add_completion=False)

#: A few seconds on an idle machine; 47 were seen on a busy one with two cores.
STARTS_WITHIN_S = 180.0
ENDS_WITHIN_S = 20.0
PR_SET_PDEATHSIG = 1  # linux/prctl.h


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
    # it is our own server that is asked; its certificate need not name the loopback address
    trusting = ssl._create_unverified_context() if url.startswith("https") else None
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2, context=trusting) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def _is_up(server: subprocess.Popen[bytes], url: str, stop: _Stop) -> bool:
    """Wait until it answers; false where it has ended because it was asked to."""
    deadline = time.monotonic() + STARTS_WITHIN_S
    while not _answers(url):
        if server.poll() is not None and stop.asked:
            return False
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
    return True


class _Stop:
    """SIGTERM, from the command's first line to the process's end: whether it came.

    The first one is passed on to the dashboard; more change nothing, not even while Python
    gives signals back to the system before it exits.
    """

    def __init__(self) -> None:
        self.asked = False
        self._server: subprocess.Popen[bytes] | None = None
        self._before = signal.signal(signal.SIGTERM, self._take)

    def _take(self, *_: object) -> None:
        if not self.asked and self._server is not None:
            self._server.terminate()
        self.asked = True

    def watch(self, server: subprocess.Popen[bytes]) -> None:
        """Pass on to ``server``, also what came before it was there."""
        self._server = server
        if self.asked:
            server.terminate()

    def over(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN if self.asked else self._before)


def _end_with_parent() -> None:
    """In the child: the kernel ends it when `rapt serve` is killed (Linux alone can)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


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
    tls: bool = typer.Option(False, "--tls", help="Serve https; makes a certificate if need be."),
    cert: Path | None = typer.Option(None, help="Certificate (PEM, with its chain)."),
    key: Path | None = typer.Option(None, help="The certificate's key (PEM)."),
    respondents: str | None = typer.Option(
        None, metavar="[HOST:]PORT", help="A second port that shows respondents' links alone."
    ),
    allow_host: list[str] = typer.Option(
        [], metavar="NAME", help="A name under which a proxy serves the dashboard; repeatable."
    ),
    insecure_open: bool = typer.Option(
        False,
        "--insecure-open",
        help="Ask nobody for the start token, and listen anywhere without https.",
    ),
    log_json: bool = typer.Option(
        False, "--log-json", help="Log in JSON lines, with ids and without names or paths."
    ),
    no_browser: bool = typer.Option(False, "--no-browser", help="Do not open a browser."),
) -> None:
    """Serve the dashboard.

    It runs until Ctrl-C. Running analyses go on without it; it finds them when it is back.
    """
    call = Call.of(ctx)
    stop = _Stop()
    try:
        door = second_port(respondents)
        certificate = chosen_certificate(call.home, tls, cert, key)
        beyond = must_be_guarded(call.home, host, allow_host, certificate, insecure_open)
        site = Site(
            call.home, host, port, certificate, door, host_names(host, allow_host), insecure_open,
            beyond and not insecure_open, log_json,
        )  # fmt: skip
        site.check()
        if not stop.asked:
            _run(call, site, stop, open_browser=not no_browser)
    finally:
        stop.over()


def _run(call: Call, site: Site, stop: _Stop, *, open_browser: bool) -> None:
    """Start the dashboard and stay until it has ended."""
    entry = _entry()
    linux = sys.platform == "linux"
    server = subprocess.Popen(
        site.command(entry),
        # elsewhere than on Linux the server sees by a pipe that this process is gone
        env=site.environment() | ({} if linux else {"RAPT_PARENT_FD": "0"}),
        cwd=entry.parent.parent,
        stdout=sys.stderr,
        stdin=subprocess.DEVNULL if linux else subprocess.PIPE,
        preexec_fn=_end_with_parent,
    )
    stop.watch(server)
    try:
        if _is_up(server, site.url, stop):
            note_served(call.home, site.url)
            site.tell(call)
            if open_browser and not call.json:
                show(call.home, site.door_in)
        code = server.wait()
    except KeyboardInterrupt:
        # the terminal has told the server as well; it closes the store and ends
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=ENDS_WITHIN_S)
        return
    finally:
        _end(server)
        forget_served(call.home)
    if code not in (0, -signal.SIGTERM, -signal.SIGINT):
        raise SettingsError(f"The dashboard ended with exit code {code}.", "See the lines above.")
