"""Logging in by an OpenID provider: Streamlit talks to it, we keep the login.

``oidc.toml`` in the home names the provider. Streamlit's own routes (``/auth/login``,
``/oauth2callback``) do the exchange and would leave a cookie that is good for thirty days. It never
reaches the browser: here it becomes a login to an account, which can be ended like any other.
"""

from __future__ import annotations

import hmac
import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Final
from urllib.parse import urlencode, urlsplit

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.auth_util import encode_provider_token, get_cookie_with_chunks
from streamlit.runtime.secrets import SecretsValue
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from dashboard.shared.web.access.doorkeeper import Doorkeeper
from dashboard.shared.web.access.login import LoginPages, browser_name, refusal
from fer_core.access.start_token import start_token
from fer_core.errors import SettingsError
from fer_core.files import JsonObject
from fer_core.home import Home

LOGIN: Final = "/auth/login"
CALLBACK: Final = "/oauth2callback"
_NEEDED: Final = ("server_metadata_url", "client_id", "client_secret", "redirect_uri")


@dataclass(frozen=True, slots=True)
class Provider:
    """What ``oidc.toml`` says."""

    server_metadata_url: str
    client_id: str
    client_secret: str
    redirect_uri: str  # https://NAME/oauth2callback
    name: str  # what the button says
    trust_email: bool  # addresses count although the provider does not say «verified»

    @classmethod
    def of_home(cls, home: Home) -> Provider | None:
        """None where there is none. SettingsError where it is not complete."""
        try:
            value = tomllib.loads(home.oidc.read_text("utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"{home.oidc} cannot be read: {error}", "docs/security.md shows one."
            ) from error
        texts = {key: str(value.get(key) or "") for key in _NEEDED}
        missing = [key for key, text in texts.items() if not text]
        if missing:
            raise SettingsError(f"{home.oidc} lacks {', '.join(missing)}.", "See docs/security.md.")
        if urlsplit(texts["redirect_uri"]).path != CALLBACK:
            raise SettingsError(f"redirect_uri in {home.oidc} must end in {CALLBACK}.")
        return cls(
            **texts, name=str(value.get("name") or "your organisation"),
            trust_email=value.get("trust_email") is True,
        )  # fmt: skip

    def secrets(self, home: Home) -> dict[str, SecretsValue]:
        """What Streamlit reads instead of a ``secrets.toml``."""
        key = hmac.new(start_token(home).encode(), b"oidc", "sha256").hexdigest()
        return {
            "auth": {
                "redirect_uri": self.redirect_uri,
                "cookie_secret": key,
                "client_id": self.client_id,
                "client_secret": self.client_secret,
                "server_metadata_url": self.server_metadata_url,
            }
        }

    def button(self) -> tuple[str, str]:
        """Where the way to the provider begins, and what it is called."""
        token = encode_provider_token("default")
        return f"{LOGIN}?{urlencode({'provider': token})}", self.name


class ProviderLogin:
    """ASGI middleware behind the entrance: a provider's answer becomes a login."""

    def __init__(
        self, app: ASGIApp, provider: Callable[[], Provider | None],
        keeper: Callable[[], Doorkeeper], pages: Callable[[], LoginPages],
    ) -> None:  # fmt: skip
        self.app = app
        self._provider, self._keeper, self._pages = provider, keeper, pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in (LOGIN, CALLBACK):
            await self.app(scope, receive, send)
            return
        provider = self._provider()
        if provider is None:
            await Response(status_code=404)(scope, receive, send)
        elif scope["path"] == LOGIN:
            await self.app(scope, receive, send)
        else:
            started: list[Message] = []

            async def hear(message: Message) -> None:
                started.append(message)

            await self.app(scope, receive, hear)
            said = next(one for one in started if one["type"] == "http.response.start")
            cookies = Headers(raw=said["headers"]).getlist("set-cookie")
            answer = await to_thread.run_sync(self._enter, Request(scope), provider, cookies)
            await answer(scope, receive, send)

    def _enter(self, request: Request, provider: Provider, cookies: list[str]) -> Response:
        keeper, claims = self._keeper(), _claims(cookies)
        address = claims.get("email")
        verified = claims.get("email_verified") is True or provider.trust_email
        if not isinstance(address, str) or not verified:
            return refusal("The provider did not say who you are.", "Try to log in once more.")
        user = keeper.vouched(address)
        if user is None:
            return refusal(f"{address} has no account here.", "Ask an admin to make one.")
        secret = keeper.begin(user, browser_name(request.headers.get("user-agent", "")))
        answer = RedirectResponse("/", 303, headers={"Cache-Control": "no-store"})
        self._pages().keep(request, answer, secret)
        return answer


def _claims(cookies: list[str]) -> JsonObject:
    """Who the provider says it is, from the cookies that Streamlit would have set."""
    values: dict[str, str] = {}
    for one in cookies:
        values |= {name: found.value for name, found in SimpleCookie(one).items()}

    def signed(name: str) -> bytes | None:
        return decode_signed_value(get_cookie_secret(), name, values.get(name, ""))

    found = get_cookie_with_chunks(signed, USER_COOKIE_NAME)
    value = json.loads(found) if found else {}
    return value if isinstance(value, dict) else {}
