"""How a delivery is signed, and the check that its receiver makes.

``Rapt-Signature: t=SECONDS,v1=HEX`` where HEX is HMAC-SHA256 with the secret over ``SECONDS.BODY``.
"""

from __future__ import annotations

import hmac
import time
from collections import OrderedDict
from typing import Final

HEADER: Final = "Rapt-Signature"
#: A signature older than this is refused, and one that was seen within it.
TOLERANCE_S: Final = 300
_REMEMBERED: Final = 10_000


def sign(secret: str, body: bytes, at: int) -> str:
    """The header's value."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, "sha256").hexdigest()
    return f"t={at},v1={mac}"


class Check:
    """A receiver's check: a true signature, made just now, never seen before."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._seen: OrderedDict[str, None] = OrderedDict()

    def accepts(self, header: str, body: bytes, now: float | None = None) -> bool:
        """Whether this delivery is new and Rapt's own. It is accepted once."""
        stamp, _, rest = header.partition(",")
        digits = stamp.removeprefix("t=")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 13):
            return False
        if abs((time.time() if now is None else now) - int(digits)) > TOLERANCE_S:
            return False
        right = sign(self._secret, body, int(digits))
        if not hmac.compare_digest(right.encode(), f"{stamp},{rest}".encode("utf-8", "replace")):
            return False
        if right in self._seen:
            return False
        self._seen[right] = None
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return True
