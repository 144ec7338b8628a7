"""Sends what waits: signed, to the very address that was checked, again after longer pauses."""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
import time
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from fer_core.errors import SettingsError
from fer_core.webhooks.hooks import BACKOFF_S, Delivery, Hook, Hooks
from fer_core.webhooks.signing import HEADER, sign

TIMEOUT_S: Final = 10.0


def check_address(host: str, port: int, *, private: bool) -> str:
    """The number to connect to. SettingsError where the name is unknown, or leads to this machine
    or network and may not."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"{host} is not known.", "Check the address.") from error
    numbers = [str(one[4][0]).partition("%")[0] for one in found]
    if not private and not all(ipaddress.ip_address(one).is_global for one in numbers):
        raise SettingsError(
            f"{host} lies in a private network.", "Allow it with --allow-private where it is meant."
        )
    return numbers[0]


def send_due(hooks: Hooks, now: float | None = None) -> int:
    """Try everything that is due once; how many tries that were."""
    known = {one.hook_id: one for one in hooks.list()}
    tried = 0
    for one in reversed(hooks.log()):
        moment = time.time() if now is None else now
        if one.due is None or one.due > moment:
            continue
        hook = known.get(one.hook_id)
        if hook is None:
            hooks.update(replace(one, due=None, error="the address was removed"))
            continue
        tried += 1
        hooks.update(_after(one, *_send(hook, one, moment), moment))
    return tried


def _after(one: Delivery, status: int | None, error: str, now: float) -> Delivery:
    tries = one.tries + 1
    done = status is not None and 200 <= status < 300
    again = None if done or tries > len(BACKOFF_S) else now + BACKOFF_S[tries - 1]
    return replace(one, tries=tries, status=status, error=error, done=done, due=again)


def _send(hook: Hook, one: Delivery, now: float) -> tuple[int | None, str]:
    """The answer's status; or None and what went wrong. A redirect is not followed."""
    found = urlsplit(hook.address)
    host = found.hostname or ""
    port = found.port or (443 if found.scheme == "https" else 80)
    body = json.dumps(one.body, separators=(",", ":")).encode()
    try:
        # asked anew each time, and connected to by its number: a name may lead elsewhere later
        number = check_address(host, port, private=hook.private)
        with socket.create_connection((number, port), timeout=TIMEOUT_S) as plain:
            link = plain
            if found.scheme == "https":
                link = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
            connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
            connection.sock = link
            path = (found.path or "/") + (f"?{found.query}" if found.query else "")
            connection.request("POST", path, body, {
                "Content-Type": "application/json", "User-Agent": "Rapt",
                "Rapt-Delivery": one.delivery_id, HEADER: sign(hook.secret, body, round(now)),
                "Connection": "close",
            })  # fmt: skip
            answer = connection.getresponse()
            return answer.status, "" if 200 <= answer.status < 300 else answer.reason[:200]
    except SettingsError as error:
        return None, error.message
    except (OSError, http.client.HTTPException) as error:
        return None, f"{type(error).__name__}: {error}"[:200]
