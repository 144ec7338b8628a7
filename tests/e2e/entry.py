"""Lets a browser into a dashboard, as the address that `rapt serve` prints does."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from fer_core.access.start_token import Access, start_token
from fer_core.home import Home


def cookie(home: Home, url: str) -> dict[str, Any]:
    """The home's cookie, as Playwright takes it, for the name in an address."""
    access = Access(start_token(home))
    return {
        "name": access.cookie_name,
        "value": access.cookie(),
        "domain": urlsplit(url).hostname,
        "path": "/",
        "expires": -1,
        "httpOnly": True,
        "secure": url.startswith("https"),
        "sameSite": "Lax",
    }


def let_in(home: Home, url: str) -> dict[str, Any]:
    """What a context's ``storage_state`` holds once the browser was let in."""
    return {"cookies": [cookie(home, url)], "origins": []}
