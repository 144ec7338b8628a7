"""uvicorn's WebSockets, mended: a server can end while a browser is leaving.

uvicorn (0.54 and before) answers a browser's close frame without noting that it did. Asked to
stop before that connection is gone, which takes a round trip under TLS, it sends a second
close frame, fails on it (``InvalidState: connection is closing``), skips the application's
own shutdown and exits with code 1.
"""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

_shutdown = WebSocketsSansIOProtocol.shutdown


def _shutdown_once(self: WebSocketsSansIOProtocol) -> None:
    if self.transport.is_closing():
        self.stop_keepalive()
    else:
        _shutdown(self)


def mend() -> None:
    """Change uvicorn's class itself: it has chosen it before it loads our application."""
    WebSocketsSansIOProtocol.shutdown = _shutdown_once  # type: ignore[method-assign]
