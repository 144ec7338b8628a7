"""A shared report for whoever holds its link: one page that loads, runs and leads to nothing.

Served beside the dashboard and on the respondents' port. No cookie is asked or given, and no other
page, number or file can be reached from here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.state import AppState
from fer_core.access.audit import Deed
from fer_core.access.permissions import ANYONE
from fer_core.access.share_links import PATH, Refusal
from fer_core.reports.sharing import NotShared, read, refusal_page

log = logging.getLogger(__name__)

#: ``sandbox``: no script runs, not even one that a name in the report brought along.
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
STATUS: Final = {Refusal.UNKNOWN: 404, Refusal.EXPIRED: 410, Refusal.WITHDRAWN: 410}
SORRY: Final = ("Something went wrong on our side.", "Try again in a minute.")


def share_routes(state: Callable[[], AppState]) -> list[BaseRoute]:
    """The state is asked at each request: it opens after the routes are made."""

    async def page(request: Request) -> Response:
        try:
            html = await to_thread.run_sync(_opened, state(), request.path_params["token"])
        except NotShared as error:
            return _answer(refusal_page(error.message, error.hint), STATUS[error.why])
        except Exception:
            log.exception("A shared report could not be shown")
            return _answer(refusal_page(*SORRY), 500)
        return _answer(html)

    return [Route(f"{PATH}{{token}}", page, methods=["GET"])]


def _opened(state: AppState, token: str) -> str:
    share_id, html = read(state.whole_store, token)
    state.audit.note(ANYONE, Deed.SAW, "share", share_id)
    return html


def _answer(html: str, status: int = 200) -> Response:
    return HTMLResponse(html, status, headers=HEADERS)
