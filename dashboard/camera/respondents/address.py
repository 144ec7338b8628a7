"""Where respondents are let in, as ``rapt serve`` told its server."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

ADDRESS_VARIABLE: Final = "RAPT_RESPONDENTS"
CERT_VARIABLE: Final = "RAPT_TLS_CERT"
KEY_VARIABLE: Final = "RAPT_TLS_KEY"


@dataclass(frozen=True, slots=True)
class Address:
    """Where it listens, and its certificate ("": plain HTTP)."""

    host: str
    port: int
    cert: str = ""
    key: str = ""

    @property
    def scheme(self) -> str:
        return "https" if self.cert else "http"

    @classmethod
    def from_environment(cls) -> Address | None:
        """What ``rapt serve`` told its server; None: no second listener."""
        given = os.environ.get(ADDRESS_VARIABLE, "")
        host, _, port = given.rpartition(":")
        if not port.isdigit():
            return None
        cert, key = os.environ.get(CERT_VARIABLE, ""), os.environ.get(KEY_VARIABLE, "")
        return cls(host.strip("[]") or "0.0.0.0", int(port), cert, key)
