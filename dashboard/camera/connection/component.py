"""What this browser can do with this server, line by line, as it finds out."""

from __future__ import annotations

from typing import Any

from dashboard.shared.component import component


def connection(*, token: str, servers: dict[str, Any], key: str = "connection") -> None:
    """Show it; it begins at once with what needs no permission."""
    data = {"url": "/connection-check", "token": token, **servers}
    component(__file__, "connection")(key=key, data=data)
