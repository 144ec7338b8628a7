"""The headers of every answer: what a page of ours may load, and that nobody else's may use it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Scope, Send

#: Files that people brought: never a page of ours, whatever they hold.
BROUGHT: Final = ("/media/", "/clip/", "/stimulus/")

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}
#: Cuts a page that opened this one off from it. Where no page did, it would only cost: the
#: browser then begins a new process, and reads and compiles all scripts anew (0.6 s).
ALONE: Final = {"Cross-Origin-Opener-Policy": "same-origin"}
#: Each exception and its reason stands in docs/security.md.
CSP: Final = (
    "default-src 'none'; "
    "script-src 'self' blob: data:{inline}; "
    "style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' data: blob: {websocket}; worker-src 'self' blob:; manifest-src 'self'; "
    "base-uri 'self'; form-action 'self'; object-src 'none'; frame-src 'none'; "
    "frame-ancestors 'none'"
)
CSP_BROUGHT: Final = (
    "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; "
    "sandbox; frame-ancestors 'none'"
)


def with_headers(scope: Scope, send: Send) -> Send:
    """Give each answer the headers that it lacks, and take away leave for other origins."""
    path, heard = scope["path"], Headers(scope=scope)
    opened_by_us = heard.get("sec-fetch-site") in ("none", "same-origin")
    given = HEADERS if opened_by_us else HEADERS | ALONE
    csp = CSP_BROUGHT if path.startswith(BROUGHT) else policy(heard.get("host", ""))

    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in given.items():
                headers.setdefault(name, value)
            headers.setdefault("Content-Security-Policy", csp)
            _drop(headers, ("access-control-allow-origin", "access-control-allow-credentials"))
        await send(message)

    return tell


def _drop(headers: MutableHeaders, names: Iterable[str]) -> None:
    for name in names:
        if name in headers:
            del headers[name]


def policy(host: str) -> str:
    """What a page of ours may load, run and talk to, under this Host header."""
    safe = bool(host) and all(c.isalnum() or c in ".-:[]" for c in host)
    # for browsers whose 'self' does not mean this address's websockets
    websocket = f"ws://{host} wss://{host}" if safe else ""
    return CSP.replace("{websocket}", websocket).replace("{inline}", _inline_scripts())


@cache
def _inline_scripts() -> str:
    """The digests of the scripts that stand in Streamlit's own page: these, and no other."""
    page = Path(streamlit.__file__).parent / "static" / "index.html"
    found = re.findall(r"<script>(.*?)</script>", page.read_text("utf-8"), re.S)
    digests = (base64.b64encode(sha256(text.encode()).digest()).decode() for text in found)
    return "".join(f" 'sha256-{digest}'" for digest in digests)
