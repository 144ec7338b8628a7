"""Links to shared reports: which report, until when, and a signature over both.

What was not made here, or was changed, is refused before the store is asked. The signature's key
is a file of the home; whoever removes it ends every link.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from fer_core.access.start_token import kept_secret, new_secret
from fer_core.home import Home

#: What the address of every shared report begins with, after the server's own.
PATH: Final = "/s/"
#: For how many days a link holds where nobody says otherwise, and at most.
DAYS: Final = 30
LONGEST_DAYS: Final = 365


class Refusal(StrEnum):
    """Why a link shows no report."""

    UNKNOWN = "unknown"  # not signed here
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"  # the report is not there any more


@dataclass(frozen=True, slots=True)
class Named:
    """What a link that was made here names."""

    share_id: str
    ends: datetime  # UTC

    @property
    def expired(self) -> bool:
        return self.ends <= datetime.now(UTC)


def link_path(home: Home, share_id: str, ends: datetime) -> str:
    """The path of a report's link; ``ends`` is UTC, without a zone as the store has it."""
    key = kept_secret(home.share_key) or new_secret(home.share_key)
    said = f"{share_id}.{int(ends.replace(tzinfo=UTC).timestamp())}"
    return f"{PATH}{said}.{_signature(key, said)}"


def named_by(home: Home, token: str) -> Named | None:
    """What a link names; None where it was not made here."""
    said, _, signature = token.rpartition(".")
    key = kept_secret(home.share_key)
    expected = _signature(key, said)
    if not key or not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        return None
    share_id, _, ends = said.partition(".")
    return Named(share_id, datetime.fromtimestamp(int(ends), UTC))


def _signature(key: str, said: str) -> str:
    return hmac.new(key.encode(), f"share:{said}".encode("utf-8", "replace"), "sha256").hexdigest()
