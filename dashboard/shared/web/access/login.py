"""Logging in and out: pages without Streamlit, for whoever is nobody yet.

A form carries a key that only our own page can have given: for the login one that belongs to a
cookie of this browser, afterwards one that belongs to the login.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from dashboard.shared.assets import text
from dashboard.shared.web.access.doorkeeper import LASTS, Doorkeeper, LoginRefused
from dashboard.shared.web.access.identity import current
from fer_core.access.passwords import SHORTEST
from fer_core.errors import RaptError

FORM_LASTS_S: Final = 3600
#: Passwords that are compared at the same time: each takes 64 MiB.
AT_ONCE: Final = 2
_LONGEST_FORM: Final = 8000
_OLD: Final = LoginRefused("This page is too old.", "Type it once more.")
_FIELD: Final = (
    '<label for="{name}">{label}</label>'
    '<input id="{name}" name="{name}" type="{kind}" autocomplete="{fill}" required{more}>'
)
#: What a User-Agent says, and what it is called; the first that fits counts.
_BROWSERS: Final = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"),
                    ("Safari/", "Safari"))  # fmt: skip
_SYSTEMS: Final = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
                   ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip


def login_routes(pages: LoginPages) -> list[BaseRoute]:
    return [
        Route("/login", pages.form, methods=["GET"]),
        Route("/login", pages.log_in, methods=["POST"]),
        Route("/account", pages.account, methods=["GET"]),
        Route("/account/password", pages.change_password, methods=["POST"]),
        Route("/logout", pages.log_out, methods=["POST"]),
    ]


class LoginPages:
    def __init__(
        self,
        keeper: Callable[[], Doorkeeper],
        proxied: Callable[[str], bool] = lambda host: False,
        provider: Callable[[], tuple[str, str] | None] = lambda: None,
    ) -> None:
        """``proxied`` says whether a proxy does the https under a name; ``provider`` where one
        logs in by an OpenID provider, and what that is called."""
        self._keeper, self._proxied, self._provider = keeper, proxied, provider
        self._few = CapacityLimiter(AT_ONCE)

    async def form(self, request: Request) -> Response:
        return await to_thread.run_sync(self._form, request, {}, None)

    async def log_in(self, request: Request) -> Response:
        given = await _form(request)

        def enter() -> Response:
            keeper = self._keeper()
            try:
                self._must_be_ours(keeper, request, given)
                agent = request.headers.get("user-agent", "")
                secret = keeper.log_in(
                    given.get("name", ""), given.get("password", ""), _address(request),
                    browser_name(agent),
                )  # fmt: skip
            except RaptError as error:
                return self._form(request, given, error)
            answer = RedirectResponse(local_path(given.get("next", "")), 303, headers=_HEADERS)
            answer.delete_cookie(_form_cookie(keeper))
            self.keep(request, answer, secret)
            return answer

        return await to_thread.run_sync(enter, limiter=self._few)

    async def account(self, request: Request) -> Response:
        return await to_thread.run_sync(self._account, None)

    async def change_password(self, request: Request) -> Response:
        given = await _form(request)

        def change() -> Response:
            keeper, who = self._keeper(), current()
            try:
                _must_hold(keeper, given)
                keeper.change_password(
                    who, given.get("old", ""), given.get("new", ""), _address(request)
                )
            except RaptError as error:
                return self._account(error)
            return self._form(request, {}, None, "Your password is changed. Log in with it.")

        return await to_thread.run_sync(change, limiter=self._few)

    async def log_out(self, request: Request) -> Response:
        given = await _form(request)

        def leave() -> Response:
            keeper = self._keeper()
            try:
                _must_hold(keeper, given)
            except RaptError as error:
                return self._account(error)
            keeper.log_out(current())
            answer = self._form(request, {}, None, "You are logged out.")
            answer.delete_cookie(keeper.cookie_name)
            return answer

        return await to_thread.run_sync(leave)

    def _form(
        self, request: Request, given: Mapping[str, str], error: RaptError | None, said: str = ""
    ) -> Response:
        """The page to log in, with what was typed and why it was not taken."""
        keeper = self._keeper()
        if not keeper.asks_to_log_in:
            return RedirectResponse("/", 303, headers=_HEADERS)
        token = f"{int(time.time()) + FORM_LASTS_S}.{secrets.token_urlsafe(16)}"
        back = local_path(given.get("next") or request.query_params.get("next", ""))
        name = f' value="{escape(given.get("name", ""))}" autocapitalize="none" maxlength="200"'
        content = (
            f"<p>{escape(said) if said else 'Recordings of people are kept here.'}</p>"
            f'{_wrong(error)}<form method="post" action="/login">'
            f"{_hidden('key', keeper.form_key(f'login:{token}'))}{_hidden('next', back)}"
            + _field("name", "Name", "text", "username", name)
            + _field("password", "Password", "password", "current-password")
            + "<button>Log in</button></form>"
        )
        if (other := self._provider()) is not None:
            content = (
                f'<a class="button" href="{escape(other[0])}">Log in with {escape(other[1])}</a>'
                f"<h2>Or with a password</h2>{content}"
            )
        answer = _page("Log in", content, 403 if error else 200)
        self._set(request, answer, _form_cookie(keeper), token, FORM_LASTS_S, strict=True)
        return answer

    def _account(self, error: RaptError | None) -> Response:
        keeper, who = self._keeper(), current()
        if not who.has_account:
            return RedirectResponse("/", 303, headers=_HEADERS)
        key = _hidden("key", keeper.form_key(f"account:{who.login_id}"))
        change = (
            f'<h2>Change the password</h2><p>This logs you out everywhere.</p>{_wrong(error)}'
            f'<form method="post" action="/account/password">{key}'
            + _field("old", "Current password", "password", "current-password")
            + _field("new", f"New password, {SHORTEST} characters or more", "password",
                     "new-password", f' minlength="{SHORTEST}"')
            + '<button class="quiet">Change it</button></form>'
        )  # fmt: skip
        content = (
            f"<p>Logged in as {escape(who.role)}.</p>"
            f'<form method="post" action="/logout">{key}<button>Log out</button></form>'
            f"{change if keeper.has_password(who) else _wrong(error)}"
            '<a class="back" href="/">Back to the dashboard</a>'
        )
        return _page(who.name, content, 403 if error else 200)

    def _must_be_ours(self, keeper: Doorkeeper, request: Request, given: Mapping[str, str]) -> None:
        """LoginRefused where the form was not given to this browser within the hour."""
        token = request.cookies.get(_form_cookie(keeper), "")
        ends = token.partition(".")[0]
        fresh = ends.isascii() and ends.isdigit() and int(ends[:12]) > time.time()
        key = given.get("key", "").encode()
        if not fresh or not secrets.compare_digest(keeper.form_key(f"login:{token}").encode(), key):
            raise _OLD

    def keep(self, request: Request, answer: Response, secret: str) -> None:
        """Have the browser keep its login's secret."""
        name = self._keeper().cookie_name
        self._set(request, answer, name, secret, int(LASTS.total_seconds()))

    def _set(
        self, request: Request, answer: Response, name: str, value: str, lasts_s: int,
        *, strict: bool = False,
    ) -> None:  # fmt: skip
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
        answer.set_cookie(
            name, value, max_age=lasts_s, httponly=True, samesite="strict" if strict else "lax",
            secure=request.url.scheme == "https" or self._proxied(host),
        )  # fmt: skip


_HEADERS: Final = {"Cache-Control": "no-store"}


def refusal(message: str, hint: str) -> Response:
    """A page for somebody whom the provider knows and this server does not let in."""
    content = f'<p>{escape(hint)}</p><a class="back" href="/login">Back to the login</a>'
    return _page(message, content, 403)


def local_path(text: str) -> str:
    """A path of this server to go on to; the first page for anything else."""
    path = urlsplit(text)
    if path.scheme or path.netloc or not text.startswith("/") or text.startswith(("//", "/\\")):
        return "/"
    return text if text.isprintable() and path.path not in ("/login", "/logout") else "/"


def browser_name(agent: str) -> str:
    """What a browser calls itself, short: «Firefox on Linux»."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "A browser")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return f"{browser} on {system}" if system else browser


def _must_hold(keeper: Doorkeeper, given: Mapping[str, str]) -> None:
    """LoginRefused where a form was not given to this login."""
    key = keeper.form_key(f"account:{current().login_id}")
    if not secrets.compare_digest(key.encode(), given.get("key", "").encode()):
        raise _OLD


async def _form(request: Request) -> dict[str, str]:
    """The fields of a small form; none where it is none."""
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > _LONGEST_FORM:
            return {}
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=10))
    except ValueError:
        return {}


def _form_cookie(keeper: Doorkeeper) -> str:
    return f"{keeper.cookie_name}-form"


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _wrong(error: RaptError | None) -> str:
    return f'<p class="bad" role="alert">{escape(str(error))}</p>' if error else ""


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def _field(name: str, label: str, kind: str, fill: str, more: str = "") -> str:
    return _FIELD.format(name=name, label=label, kind=kind, fill=fill, more=more)


def _page(title: str, content: str, status: int) -> Response:
    mark = Path(__file__).parents[2].joinpath("mark.svg").read_text("utf-8")
    mark = mark.replace("<svg ", '<svg class="mark" ', 1)
    page = text(__file__, "login.html").replace("{{title}}", escape(title))
    page = page.replace("{{mark}}", mark).replace("{{content}}", content)
    return HTMLResponse(page, status, headers=_HEADERS)
