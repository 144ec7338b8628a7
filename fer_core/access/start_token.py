"""Who may open this home's dashboard: the start token, the cookie made from it, the address.

The token lies in the home, readable by its owner alone, and stays the same across restarts;
whoever removes the file locks every browser out. A browser shows it once, in the address that
``rapt serve`` and ``rapt open`` give, and holds a cookie from then on.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from fer_core.files import parse_json, sha256_of, write_bytes
from fer_core.home import Home

#: The parameter of an address that carries the token.
PARAMETER: Final = "token"
COOKIE_LASTS_S: Final = 30 * 86_400
_LONG_ENOUGH: Final = 32


def start_token(home: Home) -> str:
    """The home's token; made where there is none, or none that is long enough."""
    return kept_secret(home.start_token) or new_secret(home.start_token)


def kept_secret(path: Path) -> str:
    """The secret that a file of a home holds; "" where there is none, or none long enough."""
    try:
        found = path.read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return ""
    return found if len(found) >= _LONG_ENOUGH else ""


def new_secret(path: Path) -> str:
    """A new secret, kept in a file that its owner alone can read."""
    made = secrets.token_urlsafe(32)
    write_bytes(path, made.encode(), mode=0o600)
    return made


@dataclass(frozen=True, slots=True)
class Access:
    """What a token lets in: itself once, then its cookie."""

    token: str

    @property
    def cookie_name(self) -> str:
        """Another for each home: a browser sends its cookies to every port of a machine."""
        return f"rapt-{sha256_of(self.token.encode())[:8]}"

    def cookie(self, now: float | None = None) -> str:
        """A cookie's value, from now on."""
        issued = str(int(time.time() if now is None else now))
        return f"{issued}.{self._mac(issued)}"

    def knows(self, token: str) -> bool:
        """Whether this is the token."""
        return hmac.compare_digest(self.token.encode(), token.encode("utf-8", "replace"))

    def accepts(self, cookie: str, now: float | None = None) -> bool:
        """Whether a cookie was made from this token, and not longer than thirty days ago."""
        issued, _, mac = cookie.partition(".")
        if not hmac.compare_digest(self._mac(issued).encode(), mac.encode("utf-8", "replace")):
            return False
        return int(issued) + COOKIE_LASTS_S > (time.time() if now is None else now)

    def _mac(self, issued: str) -> str:
        said = f"cookie:{issued}".encode("utf-8", "replace")
        return hmac.new(self.token.encode(), said, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class Served:
    """The dashboard that serves a home now."""

    url: str
    pid: int  # of `rapt serve`


def with_token(home: Home, url: str) -> str:
    """The address that lets a browser in."""
    return f"{url}/?{urlencode({PARAMETER: start_token(home)})}"


def note_served(home: Home, url: str) -> None:
    """Keep where this home is served, for `rapt open` and for whoever wants the same port."""
    text = json.dumps(asdict(Served(url, os.getpid())))
    write_bytes(home.served, text.encode(), mode=0o600)


def forget_served(home: Home) -> None:
    """This process serves it no more; another one's note stays."""
    found = served(home)
    if found is None or found.pid == os.getpid():
        home.served.unlink(missing_ok=True)


def served(home: Home) -> Served | None:
    """Where this home is served, as far as its process is alive."""
    try:
        value = parse_json(home.served.read_bytes())
        found = Served(str(value["url"]), int(value["pid"]))
        os.kill(found.pid, 0)
    except PermissionError:  # alive, and another user's
        return found
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found
