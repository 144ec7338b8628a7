"""`rapt serve`: the dashboard on this machine, its address printed once it answers."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import typer

from fer_core.access.start_token import forget_served, note_served, served, with_token
from fer_core.cli.call import Call
from fer_core.cli.server.open import show
from fer_core.errors import SettingsError
from fer_core.files import is_locked
from fer_core.home import Home
from fer_core.text import whole_number

if TYPE_CHECKING:
    from fer_core.cli.server.certificate import Certificate

app = typer.Typer(add_completion=False)

#: A few seconds on an idle machine; 47 were seen on a busy one with two cores.
STARTS_WITHIN_S = 180.0
ENDS_WITHIN_S = 20.0
PR_SET_PDEATHSIG = 1  # linux/prctl.h
ANYWHERE = ("0.0.0.0", "::", "")
THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


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


def _by_account(url: str) -> bool:
    """Whether a running dashboard asks people to log in: it then leads to its page for that."""
    trusting = ssl._create_unverified_context() if url.startswith("https") else None
    try:
        with urllib.request.urlopen(url, timeout=10, context=trusting) as answer:
            return urlsplit(answer.url).path == "/login"
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def _address(host: str, port: int, scheme: str = "http") -> str:
    shown = "127.0.0.1" if host in ANYWHERE else host
    return f"{scheme}://[{shown}]:{port}" if ":" in shown else f"{scheme}://{shown}:{port}"


def _others(host: str, port: int, scheme: str) -> list[str]:
    """The addresses for other machines, where it listens for them."""
    from fer_core.cli.server.certificate import reachable

    return [_address(one, port, scheme) for one in reachable()] if host in ANYWHERE else []


def _certificate(home: Home, tls: bool, cert: Path | None, key: Path | None) -> Certificate | None:
    if (cert is None) != (key is None):
        raise SettingsError("--cert and --key belong together.", "Give both, or --tls alone.")
    if cert is None and not tls:
        return None
    from fer_core.cli.server.certificate import given, self_signed

    return given(cert, key) if cert and key else self_signed(home)


def _door(text: str | None) -> tuple[str, int] | None:
    """``PORT`` or ``HOST:PORT`` of the second listener."""
    if text is None:
        return None
    host, _, port = text.rpartition(":")
    number = whole_number(port)
    if number is None or not 1 <= number <= 65535:
        raise SettingsError(f"{text!r} is no port.", "Write --respondents 8600.")
    return host.strip("[]") or "0.0.0.0", number


def _hosts(host: str, allowed: list[str]) -> str:
    """Names under which pages may talk to the server, as its entrance reads them.

    A foreign page whose name is made to point here could otherwise read the store. Beyond
    loopback these are this machine's own names and addresses. Names with ``+`` are those of a
    proxy, which may do the https.
    """
    own = [host]
    if host in ANYWHERE:
        from fer_core.cli.server.certificate import addresses

        own = addresses()
    return ",".join([*own, *(f"+{name}" for name in allowed)])


def _must_be_guarded(
    home: Home, host: str, allowed: list[str], certificate: Certificate | None, insecure_open: bool
) -> bool:
    """Beyond this machine only with https and with accounts; whether it is reached from there.

    Otherwise faces and passwords could be read on the way, and one token would be everybody's.
    """
    beyond = host not in THIS_MACHINE or bool(allowed)
    if not beyond or insecure_open:
        return beyond
    if host not in THIS_MACHINE and certificate is None:
        raise SettingsError(
            f"Rapt does not listen on {host or 'every address'} without https: faces and passwords "
            "could be read on the way.",
            "Add --tls (or --cert and --key); leave --host away behind a proxy on this machine. "
            "--insecure-open serves it all the same, to everybody who reaches it.",
        )
    from fer_core.storage import open_store

    with open_store(home) as store:
        if any(one.disabled is None for one in store.accounts.list()):
            return True
    raise SettingsError(
        "Rapt is not served beyond this machine without accounts: whoever comes must log in.",
        "Make yours: rapt users add NAME --role admin. "
        "--insecure-open serves it all the same, to everybody who reaches it.",
    )


def _who_listens(home: Home, port: int) -> str:
    """What to do where a port is taken; names the server that holds this home, where it is that."""
    from fer_core.storage.sharing.ownership import owner_pid

    if (found := served(home)) is not None:
        return f"This home is served at {found.url} by process {found.pid}: `rapt open` shows it."
    pid = owner_pid(home)
    if pid is not None and is_locked(home.owner_lock):
        return f"Process {pid} holds this home, {home.root}; end it, or choose another --port."
    return "Choose another one with --port, or stop what uses it."


def _must_be_free(home: Home, host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # as servers do, so that a port that was closed a moment ago counts as free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(
                f"Rapt cannot listen on {host}, port {port}: {error.strerror}.",
                _who_listens(home, port),
            ) from error


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
    no_browser: bool = typer.Option(False, "--no-browser", help="Do not open a browser."),
) -> None:
    """Serve the dashboard.

    It runs until Ctrl-C. Running analyses go on without it; it finds them when it is back.
    """
    call = Call.of(ctx)
    stop = _Stop()
    try:
        door = _door(respondents)
        certificate = _certificate(call.home, tls, cert, key)
        beyond = _must_be_guarded(call.home, host, allow_host, certificate, insecure_open)
        site = _Site(
            call.home, host, port, certificate, door, _hosts(host, allow_host), insecure_open,
            beyond and not insecure_open,
        )  # fmt: skip
        site.check()
        if not stop.asked:
            _run(call, site, stop, open_browser=not no_browser)
    finally:
        stop.over()


@dataclass(frozen=True, slots=True)
class _Site:
    """What is served, and where: the dashboard, and perhaps a second port for respondents."""

    home: Home
    host: str
    port: int
    certificate: Certificate | None
    door: tuple[str, int] | None
    hosts: str
    insecure_open: bool = False
    needs_accounts: bool = False

    @property
    def scheme(self) -> str:
        return "https" if self.certificate else "http"

    @property
    def url(self) -> str:
        return _address(self.host, self.port, self.scheme)

    def check(self) -> None:
        """SettingsError where a port is taken."""
        _must_be_free(self.home, self.host, self.port)
        if self.door is not None:
            if self.door[1] == self.port:
                raise SettingsError(
                    f"Port {self.port} is the dashboard's own.", "Give respondents another one."
                )
            _must_be_free(self.home, *self.door)

    @property
    def door_in(self) -> str:
        """The address that lets a browser in, or leads to the page to log in."""
        if self.insecure_open or self.needs_accounts or _by_account(self.url):
            return self.url
        return with_token(self.home, self.url)

    def command(self, entry: Path) -> list[str]:
        command = [sys.executable, "-m", "streamlit", "run", str(entry), "--server.headless=true"]
        command += [f"--server.address={self.host}", f"--server.port={self.port}"]
        if self.certificate:
            command += [f"--server.sslCertFile={self.certificate.cert}"]
            command += [f"--server.sslKeyFile={self.certificate.key}"]
        return command

    def environment(self) -> dict[str, str]:
        """This process's, and what the dashboard reads from there."""
        found = {**os.environ, "RAPT_HOME": str(self.home.root), "RAPT_HOSTS": self.hosts}
        # Threads come and go with pages; an arena for each would never give its memory back.
        found.setdefault("MALLOC_ARENA_MAX", "2")
        if self.insecure_open:
            found["RAPT_INSECURE_OPEN"] = "1"
        if self.needs_accounts:
            found["RAPT_ACCOUNTS"] = "1"
        if self.certificate:
            found["RAPT_TLS_CERT"] = str(self.certificate.cert)
            found["RAPT_TLS_KEY"] = str(self.certificate.key)
        if self.door is not None:
            found["RAPT_RESPONDENTS"] = f"{self.door[0]}:{self.door[1]}"
        return found

    def tell(self, call: Call) -> None:
        """Print the addresses, and the fingerprint of the certificate."""
        door = self.door_in
        value: dict[str, object] = {"url": self.url, "open": door, "home": str(self.home.root)}
        said = [f"Rapt is at {door} (Ctrl-C stops it)"]
        if self.insecure_open:
            said.append("OPEN: whoever reaches this address sees and changes everything in it.")
        if elsewhere := _others(self.host, self.port, self.scheme):
            value["elsewhere"] = elsewhere
            said.append(f"From other machines: {', '.join(elsewhere)}")
        if self.door is not None:
            doors = [_address(*self.door, self.scheme), *_others(*self.door, self.scheme)]
            value["respondents"] = doors
            said.append(f"Respondents' links only: {', '.join(doors)}")
        if one := self.certificate:
            value["fingerprint"] = one.fingerprint
            what = "Certificate, made here" if one.self_signed else "Certificate"
            said.append(f"{what}, until {one.ends:%d %B %Y}; SHA-256 fingerprint:")
            said.append(one.fingerprint)
        call.answer(value, "\n".join(said))
        sys.stdout.flush()


def _run(call: Call, site: _Site, stop: _Stop, *, open_browser: bool) -> None:
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
