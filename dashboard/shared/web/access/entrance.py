"""The one way in: every request and every websocket of the dashboard passes here first.

It asks for a name of this server (a foreign page may point its own name at this machine), for
the exact origin where a browser names one, and who it is: by the start token's cookie or by a
login. Then ``allowed`` says whether that person may do what the route is for. Bodies are counted
as they come, and every answer leaves with the headers that keep other pages out.
"""

from __future__ import annotations

import html
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.shared.web.access.actions import WEBSOCKET, action_of
from dashboard.shared.web.access.doorkeeper import ACCOUNTS_VARIABLE, OPEN_VARIABLE, Doorkeeper
from dashboard.shared.web.access.identity import acting
from dashboard.shared.web.headers import with_headers
from fer_core.access.permissions import SYSTEM, Action, Identity, NotAllowed, allowed, require
from fer_core.access.start_token import COOKIE_LASTS_S, PARAMETER, Access, start_token
from fer_core.errors import RaptError
from fer_core.home import Home
from fer_core.machine import THIS_MACHINE

HOSTS_VARIABLE: Final = "RAPT_HOSTS"

#: Answered under any name: a probe may know the server's address alone.
UNDER_ANY_NAME: Final = ("/healthz", "/readyz", "/_stcore/health")
LOGIN: Final = "/login"
LONGEST_BODY: Final = 256_000
#: Streamlit's own uploader holds what comes in memory; ``server.maxUploadSize`` is 20 MB.
STREAMLIT_UPLOAD: Final = "/_stcore/upload_file/"
LONGEST_STREAMLIT_UPLOAD: Final = 21 * 2**20

LOCKED: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Rapt</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1rem}
code{background:#8882;padding:.1em .3em;border-radius:.2em}</style>
<h1>{title}</h1><p>{said}</p>"""


@dataclass(frozen=True)
class Entry:
    """Who is let in."""

    access: Access | None  # None: everybody who reaches the server
    hosts: frozenset[str]  # names under which it may be opened
    proxied: frozenset[str] = frozenset()  # of them, those behind a proxy that does the https
    #: Knows the accounts. RaptError where the store cannot be opened.
    keeper: Callable[[], Doorkeeper] | None = None

    @classmethod
    def from_environment(cls, home: Home, keeper: Callable[[], Doorkeeper] | None = None) -> Entry:
        """As ``rapt serve`` told its server; without it, this machine and the token."""
        is_open = os.environ.get(OPEN_VARIABLE) == "1"
        given = [name for name in os.environ.get(HOSTS_VARIABLE, "").split(",") if name]
        proxied = frozenset(name[1:].lower() for name in given if name.startswith("+"))
        named = frozenset(name.lower() for name in given if not name.startswith("+"))
        access = None if is_open else Access(start_token(home))
        return cls(access, named | proxied | frozenset(THIS_MACHINE), proxied, keeper)

    def find_keeper(self) -> tuple[Doorkeeper, bool]:
        """Who knows the browsers, and whether that is so for good."""
        if self.keeper is not None:
            try:
                return self.keeper(), True
            except RaptError:  # the page says that the store cannot be opened, and shows nothing
                pass
        required = os.environ.get(ACCOUNTS_VARIABLE) == "1"
        return Doorkeeper(self.access, required=required), self.keeper is None


class Entrance:
    """ASGI middleware around the whole application. ``entry`` is asked once, when needed."""

    def __init__(self, app: ASGIApp, entry: Callable[[], Entry]) -> None:
        self.app = app
        self._ask = entry
        self._keeper: Doorkeeper | None = None

    @cached_property
    def _entry(self) -> Entry:
        return self._ask()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._talk(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, with_headers(scope, send))
        else:
            await self.app(scope, receive, send)

    async def _who(self, heard: Headers) -> tuple[Identity | None, bool]:
        """Who asks, and whether it is accounts that let people in.

        The store is read in a thread, and only where it has changed: a page has fifty files.
        """
        keeper = self._keeper
        if keeper is None or not keeper.is_fresh:
            keeper = await to_thread.run_sync(self._ready_keeper)
        return keeper.identify(_cookies(heard)), keeper.asks_to_log_in

    def _ready_keeper(self) -> Doorkeeper:
        keeper, for_good = self._entry.find_keeper()
        if for_good:
            self._keeper = keeper
        keeper.refresh()
        return keeper

    async def _talk(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A websocket, for as long as whoever opened it may use it."""
        heard, action = Headers(scope=scope), action_of(WEBSOCKET, scope["path"])

        async def who() -> Identity | None:
            found, _ = await self._who(heard)
            return found if action is not None and allowed(found, action) else None

        opened_by = await who() if self._is_from_our_page(scope, heard) else None
        if opened_by is None:
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return

        async def while_allowed() -> Message:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            now = await who()
            if now == opened_by:
                return message
            await send({"type": "websocket.close", "code": 1008})
            return {"type": "websocket.disconnect", "code": 1008}

        with acting(opened_by):
            await self.app(scope, while_allowed, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        action = action_of(scope["method"], scope["path"])
        refused: Response | None = None
        doing: AbstractContextManager[None] = nullcontext()
        if action is None:
            refused = Response(status_code=404)
        elif scope["path"] not in UNDER_ANY_NAME:
            refused = self._from_elsewhere(scope)
            if refused is None and action is Action.ANSWER:
                doing = acting(SYSTEM)  # the link says what its respondent may do
            elif refused is None and action is not Action.OPEN:
                who, refused = await self._known(scope, action)
                doing = acting(who) if who is not None else nullcontext()
        with doing:
            if refused is not None:
                await refused(scope, receive, send)
            elif (limit := _limit(scope)) is not None:
                await _counted(self.app, scope, receive, send, limit)
            else:
                await self.app(scope, receive, send)

    def _is_from_our_page(self, scope: Scope, heard: Headers) -> bool:
        host = heard.get("host")
        return self._is_ours(host) and self._same_origin(scope, heard.get("origin"), host)

    def _from_elsewhere(self, scope: Scope) -> Response | None:
        """What a request is answered that names another server, or comes from another page."""
        heard = Headers(scope=scope)
        if not self._is_ours(heard.get("host")):
            return _no(
                scope,
                "Not under this name",
                "This server does not know the name in the address. Whoever runs it can add it: "
                "<code>rapt serve --allow-host NAME</code>.",
                421,
            )
        origin = heard.get("origin")
        foreign = origin is not None and not self._same_origin(scope, origin, heard.get("host"))
        if foreign or (_from_another_page(heard) and not _opens_a_page(scope, heard)):
            return _no(scope, "Not from another page", "Open the dashboard itself.", 403)
        return None

    async def _known(self, scope: Scope, action: Action) -> tuple[Identity | None, Response | None]:
        """Who asks, and the refusal where they may not do this."""
        heard = Headers(scope=scope)
        who, by_account = await self._who(heard)
        if allowed(who, action):
            return who, None if by_account else self._with_token(scope, heard)
        if who is not None:
            try:
                require(who, action)
            except NotAllowed as error:
                return who, _no(scope, error.message, error.hint, 403)
        if by_account:
            return None, _to_login(scope)
        return None, self._with_token(scope, heard) or _no(
            scope,
            "Open Rapt from its own address",
            "This browser has not shown the start token, or did so more than thirty days ago. "
            "Run <code>rapt open</code> on the machine that serves it, or use the address that "
            "<code>rapt serve</code> printed.",
            403,
        )

    def _with_token(self, scope: Scope, heard: Headers) -> Response | None:
        """Where an address carries the start token: the same one without it, and the cookie."""
        access = self._entry.access
        given = next((value for name, value in _query(scope) if name == PARAMETER), None)
        if access is None or given is None or not access.knows(given):
            return None
        answer = RedirectResponse(_without_token(scope), 303)
        answer.set_cookie(
            access.cookie_name,
            access.cookie(),
            max_age=COOKIE_LASTS_S,
            httponly=True,
            samesite="lax",
            secure=scope["scheme"] == "https" or self._host(heard) in self._entry.proxied,
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _host(self, heard: Headers) -> str:
        return _name(heard.get("host")) or ""

    def _is_ours(self, host: str | None) -> bool:
        return _name(host) in self._entry.hosts

    def _same_origin(self, scope: Scope, origin: str | None, host: str | None) -> bool:
        """Whether a page of exactly this address asks."""
        scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
        schemes = {scheme, "https"} if _name(host) in self._entry.proxied else {scheme}
        return origin in {f"{one}://{host}".lower() for one in schemes}


def _cookies(heard: Headers) -> dict[str, str]:
    """A request's cookies; none where they cannot be read."""
    try:
        return {name: one.value for name, one in SimpleCookie(heard.get("cookie", "")).items()}
    except CookieError:
        return {}


def _query(scope: Scope) -> list[tuple[str, str]]:
    return parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)


def _without_token(scope: Scope) -> str:
    """A request's address on this server, without the start token."""
    rest = urlencode([(name, value) for name, value in _query(scope) if name != PARAMETER])
    path = "/" + scope["path"].lstrip("/")  # never another server's: //elsewhere
    return f"{path}?{rest}" if rest else path


def _to_login(scope: Scope) -> Response:
    """Whoever opens a page goes to log in, and comes back to it; a script is told."""
    heard = Headers(scope=scope)
    opens = scope["method"] == "GET" and heard.get("sec-fetch-dest", "document") == "document"
    if not opens:
        return _no(scope, "You are not logged in", "Log in, then try again.", 401)
    back = urlencode({"next": _without_token(scope)})
    return RedirectResponse(f"{LOGIN}?{back}", 303, headers={"Cache-Control": "no-store"})


def _name(host: str | None) -> str | None:
    """A Host header's name, without its port."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _from_another_page(heard: Headers) -> bool:
    """Whether the browser says that a page of another origin asks: another port counts."""
    return heard.get("sec-fetch-site") in ("cross-site", "same-site")


def _opens_a_page(scope: Scope, heard: Headers) -> bool:
    """A link that a person follows from elsewhere, in a tab and not in a frame."""
    return (
        scope["method"] in ("GET", "HEAD")
        and heard.get("sec-fetch-mode") == "navigate"
        and heard.get("sec-fetch-dest") == "document"
    )


def _no(scope: Scope, title: str, said: str, status: int) -> Response:
    """A refusal: a page for whoever navigates, JSON for a script."""
    headers = {"Cache-Control": "no-store"}
    if scope["method"] == "GET":
        page = LOCKED.replace("{title}", html.escape(title)).replace("{said}", said)
        return HTMLResponse(page, status, headers=headers)
    words = said.replace("<code>", "«").replace("</code>", "»")
    return JSONResponse({"error": f"{title}.", "hint": words}, status, headers=headers)


def _limit(scope: Scope) -> int | None:
    """The bytes that a request's body may have; None where its route counts them itself."""
    if scope["path"].startswith(STREAMLIT_UPLOAD):
        return LONGEST_STREAMLIT_UPLOAD
    if scope["method"] == "PUT" and scope["path"].startswith("/upload/"):
        return None
    if scope["method"] == "POST" and scope["path"] == "/api/v1/analyses":
        return None
    return LONGEST_BODY


async def _counted(app: ASGIApp, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
    """Run the application with a body that ends, for it, where the limit is passed."""
    said = Headers(scope=scope).get("content-length", "0")
    too_long = not (said.isascii() and said.isdigit()) or int(said[:20]) > limit
    started, come = False, 0

    async def count() -> Message:
        nonlocal come, too_long
        message = await receive()
        come += len(message.get("body", b""))
        if come > limit:
            too_long = True
            return {"type": "http.disconnect"}
        return message

    async def tell(message: Message) -> None:
        nonlocal started
        if not too_long:
            started = started or message["type"] == "http.response.start"
            await send(message)

    if not too_long:
        try:
            await app(scope, count, tell)
        except Exception:
            if not too_long:
                raise
    if too_long and not started:
        refusal = JSONResponse(
            {"error": "The request is too long.", "hint": "Reload the page."},
            413,
            headers={"Connection": "close"},
        )
        await refusal(scope, receive, send)
