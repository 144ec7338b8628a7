"""Keys for the app's own routes: only pages that this server drew for a person hold them.

A page is given a secret that is good for one person, for a day or two, and no longer than the
server lives; another site's script can neither read it nor set the header that carries it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

HEADER = "x-rapt-token"
EVERYDAY = "upload"
#: What is signed is good until the end of the next period.
PERIOD_S: Final = 86_400.0


class Guard:
    """One secret, and what is derived from it."""

    def __init__(
        self,
        secret: bytes | None = None,
        who: Callable[[], str] = lambda: "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._secret = secret or secrets.token_bytes(32)
        self._who, self._clock = who, clock

    @property
    def token(self) -> str:
        """What a page sends with most requests; some purposes have a secret of their own."""
        return self.sign(EVERYDAY)

    def sign(self, what: str) -> str:
        """A key for ``what``, for the person on whose behalf this is asked."""
        return self._key(what, self._period())

    def signed(self, what: str, given: str | None) -> bool:
        """Whether ``given`` was signed for ``what`` and this person, and is not too old."""
        heard = (given or "").encode("utf-8", "replace")
        periods = (self._period(), self._period() - 1)
        return any(hmac.compare_digest(self._key(what, one).encode(), heard) for one in periods)

    def _period(self) -> int:
        return int(self._clock() // PERIOD_S)

    def _key(self, what: str, period: int) -> str:
        said = "\0".join((what, self._who(), str(period)))
        return hmac.new(self._secret, said.encode(), hashlib.sha256).hexdigest()[:40]

    def welcomes(
        self, token: str | None, origin: str | None, host: str | None, purpose: str = EVERYDAY
    ) -> bool:
        """Whether a request that changes things comes from a page of this server."""
        return self.signed(purpose, token) and same_origin(origin, host)


def same_origin(origin: str | None, host: str | None) -> bool:
    """Browsers name the origin of every request that writes; it must be ours."""
    return bool(origin and host) and urlsplit(origin or "").netloc == host
