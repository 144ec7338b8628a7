"""How browsers reach this server: STUN, TURN and the address that respondents are given.

Nothing is asked of a server on the internet unless a person named one here: both ends get
an explicit list, for an absent one makes the libraries fall back on a public server.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final, NotRequired, TypedDict
from urllib.parse import urlsplit

from fer_core.errors import SettingsError
from fer_core.storage import Store
from fer_core.storage.settings import SetSetting

#: A TURN login made from a shared secret holds for so long and up to an hour more: longer than
#: any film. It changes on the hour, so a page that is drawn again keeps it.
LOGIN_S: Final = 6 * 3600
_STUN = re.compile(r"stuns?:[\w.\-]+(:\d{1,5})?")
_TURN = re.compile(r"turns?:[\w.\-]+(:\d{1,5})?(\?transport=(udp|tcp))?")


@dataclass(frozen=True, slots=True)
class Network:
    """What a person has set; an empty text is nothing."""

    stun_url: str = ""
    turn_url: str = ""
    turn_user: str = ""
    turn_credential: str = ""
    turn_secret: str = ""
    public_url: str = ""


@dataclass(frozen=True, slots=True)
class IceServer:
    """A STUN or TURN server; only TURN has a login."""

    url: str
    username: str = ""
    credential: str = ""


#: A field's name in the store's settings.
_SETTINGS: Final = {one.name: f"network.{one.name}" for one in fields(Network)}


def load(store: Store) -> Network:
    return Network(
        **{field: str(store.settings.get(name, "") or "") for field, name in _SETTINGS.items()}
    )


def save(store: Store, network: Network) -> Network:
    """Check and keep; what is empty is taken away."""
    checked = check(network)
    for field, name in _SETTINGS.items():
        store.run(SetSetting(name=name, value=getattr(checked, field) or None))
    return checked


def check(given: Network) -> Network:
    """Refuse what no browser takes; add the scheme where it was left out."""
    stun, turn = _url(given.stun_url, "stun"), _url(given.turn_url, "turn")
    if stun and not _STUN.fullmatch(stun):
        raise SettingsError(f"{stun!r} is not a STUN address.", "Write stun:host:3478.")
    if turn and not _TURN.fullmatch(turn):
        raise SettingsError(
            f"{turn!r} is not a TURN address.",
            "Write turn:host:3478 or turns:host:5349?transport=tcp.",
        )
    user, credential = given.turn_user.strip(), given.turn_credential.strip()
    secret = given.turn_secret.strip()
    if turn and not secret and not (user and credential):
        raise SettingsError(
            "A TURN server asks for a login.",
            "Give its user and credential, or the secret that it shares with Rapt.",
        )
    public = given.public_url.strip().rstrip("/")
    if public:
        parts = urlsplit(public)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query:
            raise SettingsError(
                f"{public!r} is not a web address.", "Write https://study.example.org."
            )
    return Network(stun, turn, user, credential, secret, public)


def _url(given: str, scheme: str) -> str:
    text = given.strip()
    return f"{scheme}:{text}" if text and ":" not in text.split(".")[0] else text


def ice_servers(store: Store, now: float | None = None) -> tuple[IceServer, ...]:
    """What both ends of a WebRTC connection are given: no server unless one was set."""
    return servers_of(load(store), now)


def servers_of(network: Network, now: float | None = None) -> tuple[IceServer, ...]:
    servers = []
    if network.stun_url:
        servers.append(IceServer(network.stun_url))
    if network.turn_url:
        user, credential = network.turn_user, network.turn_credential
        if network.turn_secret:
            user, credential = login(network.turn_secret, user, now)
        servers.append(IceServer(network.turn_url, user, credential))
    return tuple(servers)


class BrowserServer(TypedDict):
    """An ``RTCIceServer``."""

    urls: list[str]
    username: NotRequired[str]
    credential: NotRequired[str]


class BrowserServers(TypedDict):
    """An ``RTCConfiguration``."""

    iceServers: list[BrowserServer]


def for_browser(servers: Sequence[IceServer]) -> BrowserServers:
    """The settings of a browser's end, for JSON."""
    return {
        "iceServers": [
            {"urls": [one.url], "username": one.username, "credential": one.credential}
            if one.username
            else {"urls": [one.url]}
            for one in servers
        ]
    }


def login(secret: str, user: str = "", now: float | None = None) -> tuple[str, str]:
    """A TURN login that ends by itself, so that no lasting one reaches a respondent.

    The form is coturn's ``use-auth-secret``: the end's time as the user, its HMAC-SHA1 as
    the credential.
    """
    until = (int(time.time() if now is None else now) // 3600 + 1) * 3600 + LOGIN_S
    name = f"{until}:{user}" if user else str(until)
    key = hmac.new(secret.encode(), name.encode(), hashlib.sha1).digest()
    return name, base64.b64encode(key).decode()
