"""Who may use the app's own routes: pages that this server has rendered, nobody else.

Streamlit's login and its cross-site checks do not cover routes of ours. A page is given a
secret that lives as long as the server; another site's script can neither read it nor set
the header that carries it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

HEADER = "x-rapt-token"
EVERYDAY = "upload"


class Guard:
    """One secret, and what is derived from it."""

    def __init__(self, secret: bytes | None = None) -> None:
        self._secret = secret or secrets.token_bytes(32)

    @property
    def token(self) -> str:
        """What a page sends with most requests; some purposes have a secret of their own."""
        return self.sign(EVERYDAY)

    def sign(self, what: str) -> str:
        return hmac.new(self._secret, what.encode(), hashlib.sha256).hexdigest()[:40]

    def signed(self, what: str, given: str | None) -> bool:
        return hmac.compare_digest(self.sign(what), given or "")

    def welcomes(
        self, token: str | None, origin: str | None, host: str | None, purpose: str = EVERYDAY
    ) -> bool:
        """Whether a request that changes things comes from a page of this server."""
        return self.signed(purpose, token) and same_origin(origin, host)


def same_origin(origin: str | None, host: str | None) -> bool:
    """Browsers name the origin of every request that writes; it must be ours."""
    return bool(origin and host) and urlsplit(origin or "").netloc == host
