"""What `rapt serve` serves, and where: its addresses, who may reach them, and by which names."""

from __future__ import annotations

import os
import socket
import ssl
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from fer_core.access.start_token import served, with_token
from fer_core.cli.call import Call
from fer_core.errors import SettingsError
from fer_core.files import JsonObject, is_locked
from fer_core.home import Home
from fer_core.keeping import log_lines
from fer_core.machine import THIS_MACHINE
from fer_core.text import whole_number

if TYPE_CHECKING:
    from fer_core.cli.server.certificate import Certificate

ANYWHERE = ("0.0.0.0", "::", "")
#: What the dashboard's process gets unless somebody says otherwise. Threads come and go with pages:
#: an arena for each would never give its memory back. And NumPy's products here are small: a second
#: thread for each takes the processor from other visitors and gives nothing (decision 213).
SERVER_ENVIRONMENT: Final = {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1"}


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


def chosen_certificate(
    home: Home, tls: bool, cert: Path | None, key: Path | None
) -> Certificate | None:
    if (cert is None) != (key is None):
        raise SettingsError("--cert and --key belong together.", "Give both, or --tls alone.")
    if cert is None and not tls:
        return None
    from fer_core.cli.server.certificate import given, self_signed

    return given(cert, key) if cert and key else self_signed(home)


def second_port(text: str | None) -> tuple[str, int] | None:
    """``PORT`` or ``HOST:PORT`` of the second listener."""
    if text is None:
        return None
    host, _, port = text.rpartition(":")
    number = whole_number(port)
    if number is None or not 1 <= number <= 65535:
        raise SettingsError(f"{text!r} is no port.", "Write --respondents 8600.")
    return host.strip("[]") or "0.0.0.0", number


def host_names(host: str, allowed: list[str]) -> str:
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


def must_be_guarded(
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


@dataclass(frozen=True, slots=True)
class Site:
    """What is served, and where: the dashboard, and perhaps a second port for respondents."""

    home: Home
    host: str
    port: int
    certificate: Certificate | None
    door: tuple[str, int] | None
    hosts: str
    insecure_open: bool = False
    needs_accounts: bool = False
    log_json: bool = False

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
        ours = {"RAPT_HOME": str(self.home.root), "RAPT_HOSTS": self.hosts}
        found = {**SERVER_ENVIRONMENT, **os.environ, **ours}
        if self.insecure_open:
            found["RAPT_INSECURE_OPEN"] = "1"
        if self.needs_accounts:
            found["RAPT_ACCOUNTS"] = "1"
        if self.log_json:
            found[log_lines.VARIABLE] = log_lines.JSON
        if self.certificate:
            found["RAPT_TLS_CERT"] = str(self.certificate.cert)
            found["RAPT_TLS_KEY"] = str(self.certificate.key)
        if self.door is not None:
            found["RAPT_RESPONDENTS"] = f"{self.door[0]}:{self.door[1]}"
        return found

    def tell(self, call: Call) -> None:
        """Print the addresses, and the fingerprint of the certificate."""
        door = self.door_in
        value: JsonObject = {"url": self.url, "open": door, "home": str(self.home.root)}
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
