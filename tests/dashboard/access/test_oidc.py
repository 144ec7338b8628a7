"""Logging in by an OpenID provider that really answers, through Streamlit's own routes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_auth_routes import create_auth_routes

from dashboard.shared.web.access.doorkeeper import doorkeeper
from dashboard.shared.web.access.login import LoginPages, login_routes
from dashboard.shared.web.access.oidc import Provider, ProviderLogin
from dashboard.state import AppState
from fer_core.access.audit import Deed
from fer_core.access.permissions import Role
from fer_core.errors import SettingsError
from fer_core.home import Home
from fer_core.storage.accounts import AddUser, ChangeUser
from tests.dashboard.access.provider import CLIENT, SECRET, OpenIdProvider, serving
from tests.dashboard.access.world import World, echoes
from tests.dashboard.asgi import HOST, Answer, ask


@pytest.fixture(scope="module")
def openid() -> Iterator[OpenIdProvider]:
    with serving() as found:
        yield found


class Desk:
    """A home whose people log in by the provider."""

    def __init__(self, home: Home, openid: OpenIdProvider) -> None:
        home.root.mkdir(parents=True, exist_ok=True)
        home.oidc.write_text(
            f'server_metadata_url = "{openid.metadata_url}"\nclient_id = "{CLIENT}"\n'
            f'client_secret = "{SECRET}"\nredirect_uri = "http://{HOST}/oauth2callback"\n'
        )
        self.openid, self.state = openid, AppState(home)
        provider = Provider.of_home(home)
        assert provider is not None
        self.provider = provider
        secrets_singleton.merge_programmatic_secrets(provider.secrets(home))
        self.anna = self.state.whole_store.run(
            AddUser(name="anna@example.org", role=Role.ADMIN, provider=True)
        )
        world: Any = type("", (), {"state": self.state, "plain": self.state})

        def keeper() -> Any:
            return doorkeeper(self.state)

        pages = LoginPages(keeper, provider=self.provider.button)
        self.app = World.entrance(
            world,
            [*login_routes(pages), *create_auth_routes(""), *echoes([("GET", "/{rest:path}")])],
            middleware=[
                Middleware(
                    ProviderLogin, provider=lambda: self.provider, keeper=keeper,
                    pages=lambda: pages,
                ),
                Middleware(SessionMiddleware, secret_key="x"),
            ],
        )  # fmt: skip

    def begin(self) -> tuple[str, str]:
        """The provider's answer to whoever presses the button: where it leads back to, and the
        cookie of the exchange."""
        page = ask(self.app, "/login").body.decode()
        link = re.search(r'class="button" href="([^"]+)"', page)
        assert link is not None
        away = ask(self.app, link[1].replace("&amp;", "&"))
        assert away.status == 302, away.body
        assert away.headers["location"].startswith(f"{self.openid.url}/authorize?")
        back = httpx.get(away.headers["location"]).headers["location"]
        found = urlsplit(back)
        assert parse_qs(urlsplit(away.headers["location"]).query)["code_challenge_method"]
        return f"{found.path}?{found.query}", away.headers["set-cookie"].partition(";")[0]

    def come_back(self, path: str, cookie: str) -> Answer:
        heard = {
            "sec_fetch_site": "cross-site",
            "sec_fetch_mode": "navigate",
            "sec_fetch_dest": "document",
        }
        return ask(self.app, path, cookie=cookie, **heard)


@pytest.fixture
def desk(home: Home, openid: OpenIdProvider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(secrets_singleton, "_programmatic_secrets", None)
    openid.claims = {"email": "anna@example.org", "email_verified": True}
    made = Desk(home, openid)
    yield made
    made.state.close()
    monkeypatch.undo()
    secrets_singleton._reset()


def test_whoever_the_provider_vouches_for_gets_a_login_that_can_be_ended(desk: Desk) -> None:
    path, cookie = desk.begin()
    done = desk.come_back(path, cookie)
    assert (done.status, done.headers["location"]) == (303, "/")
    kept = done.headers["set-cookie"]
    assert "_streamlit_user" not in kept, "what is good for thirty days never reaches the browser"
    sent = kept.partition(";")[0]
    assert ask(desk.app, "/", cookie=sent).body == b"inside as anna@example.org"
    store = desk.state.whole_store
    store.run(AddUser(name="other@example.org", role=Role.ADMIN, provider=True))
    store.run(ChangeUser(user_id=desk.anna, disabled=True))
    assert ask(desk.app, "/", cookie=sent).status == 303
    again = desk.come_back(*desk.begin())
    assert again.status == 403, "nor may they come back by the provider"


def test_a_callback_is_good_once_and_for_its_own_browser(desk: Desk) -> None:
    path, cookie = desk.begin()
    for forged in ("", "session=x"):
        assert desk.come_back(path, forged).status == 403
    assert desk.come_back(path.replace("state=", "state=x"), cookie).status == 403
    assert desk.come_back(path, cookie).status == 303
    assert desk.come_back(path, cookie).status == 403, "replayed"


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "stranger@example.org", "email_verified": True},
        {"email": "anna@example.org", "email_verified": False},
        {"email": "anna@example.org"},
        {"email": ["anna@example.org"], "email_verified": True},
        {"email_verified": True},
    ],
    ids=["no account", "not verified", "says nothing", "no text", "no address"],
)
def test_others_are_refused(desk: Desk, claims: dict[str, object]) -> None:
    desk.openid.claims = claims
    answer = desk.come_back(*desk.begin())
    assert answer.status == 403
    assert "set-cookie" not in answer.headers
    assert desk.state.whole_store.accounts.logins() == []


def test_a_stranger_is_noted_without_a_name(desk: Desk) -> None:
    desk.openid.claims = {"email": "stranger@example.org", "email_verified": True}
    assert b"stranger@example.org has no account here" in desk.come_back(*desk.begin()).body
    (noted,) = desk.state.audit.read(deed=Deed.REFUSED)
    assert noted.who == "nobody"


def test_an_account_with_a_password_is_not_opened_by_the_provider(desk: Desk) -> None:
    desk.state.whole_store.run(AddUser(name="vic@example.org", role=Role.VIEWER, password="x"))
    desk.openid.claims = {"email": "vic@example.org", "email_verified": True}
    assert desk.come_back(*desk.begin()).status == 403


def test_without_a_provider_its_routes_are_not_there(desk: Desk) -> None:
    desk.provider = None
    for path in ("/auth/login", "/oauth2callback?code=x&state=y", "/auth/logout"):
        assert ask(desk.app, path).status == 404


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("client_id = 1", "lacks server_metadata_url"),
        ("=", "cannot be read"),
        ("\x00", "cannot be read"),
    ],
)
def test_a_file_that_is_not_complete_is_said_in_words(home: Home, text: str, said: str) -> None:
    home.root.mkdir(parents=True, exist_ok=True)
    home.oidc.write_text(text)
    with pytest.raises(SettingsError, match=said):
        Provider.of_home(home)
