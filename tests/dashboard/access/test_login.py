"""Logging in and out by the real pages, before the real entrance and store."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from argon2 import PasswordHasher

from dashboard.shared.web.access import doorkeeper as keeping
from dashboard.shared.web.access import login
from dashboard.shared.web.access.doorkeeper import Doorkeeper, LoginRefused, doorkeeper
from dashboard.shared.web.access.entrance import Entrance
from dashboard.shared.web.access.login import LoginPages, browser_name, local_path, login_routes
from dashboard.state import AppState
from fer_core.access import passwords
from fer_core.access.audit import Deed
from fer_core.access.permissions import Role
from fer_core.access.start_token import Access, start_token
from fer_core.errors import SettingsError
from fer_core.home import Home
from fer_core.storage.accounts import AddUser, ChangeUser, EndLogin, RemoveUser, User
from tests.dashboard.access.world import World, echoes
from tests.dashboard.asgi import HOST, Answer, ask, knock

OURS = f"http://{HOST}"
PASSWORD = "correct horse battery"


class Site:
    """A served home with one admin, and a browser's cookies."""

    def __init__(self, state: AppState) -> None:
        self.state = state
        self.anna = state.whole_store.run(
            AddUser(name="Anna", role=Role.ADMIN, password=passwords.hash_password(PASSWORD))
        )
        routes = [
            *login_routes(LoginPages(self.keeper)),
            *echoes([("WS", "/_stcore/stream"), ("GET", "/{rest:path}")]),
        ]
        world: Any = type("", (), {"state": state, "plain": state})
        self.app: Entrance = World.entrance(world, routes)

    def keeper(self) -> Doorkeeper:
        return doorkeeper(self.state)

    def form(self, path: str = "/login") -> tuple[dict[str, str], str]:
        """The hidden fields of the page to log in, and its cookie."""
        page = ask(self.app, path)
        assert page.status == 200
        found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.body.decode())
        fields = {name: html.unescape(value) for name, value in found}
        return fields, page.headers["set-cookie"].partition(";")[0]

    def log_in(
        self, name: str = "anna", password: str = PASSWORD, path: str = "/login", **other: str
    ) -> Answer:
        fields, cookie = self.form(path)
        sent = urlencode(fields | {"name": name, "password": password} | other)
        return ask(self.app, "/login", "POST", body=[sent.encode()], cookie=cookie, origin=OURS)

    def cookie(self) -> str:
        return self.log_in().headers["set-cookie"].partition(";")[0]


@pytest.fixture
def site(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(passwords, "_hasher", lambda: PasswordHasher(1, 8, 1))
    state = AppState(home)
    yield Site(state)
    state.close()


def said(answer: Answer) -> str:
    found = re.search(r'role="alert">([^<]*)', answer.body.decode())
    return html.unescape(found[1]) if found else ""


def test_whoever_opens_a_page_logs_in_and_comes_back_to_it(site: Site) -> None:
    away = ask(site.app, "/study?id=y1&token=secret")
    assert away.status == 303
    assert away.headers["location"] == "/login?next=%2Fstudy%3Fid%3Dy1", "without the token"
    back = site.log_in(path=away.headers["location"])
    assert (back.status, back.headers["location"]) == (303, "/study?id=y1")
    cookie = back.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", f"Max-Age={7 * 86_400}"} <= set(cookie.split("; "))
    sent = cookie.partition(";")[0]
    assert ask(site.app, "/study?id=y1", cookie=sent).body == b"inside as Anna"
    assert knock(site.app, "/_stcore/stream", cookie=sent, origin=OURS) == "accept"
    assert sent.partition("=")[2] not in str(site.state.whole_store.accounts.logins())


def test_a_script_is_told_and_not_led_to_a_page(site: Site) -> None:
    answer = ask(site.app, "/clip/s1", sec_fetch_dest="video")
    assert answer.status == 401
    assert ask(site.app, "/upload", "POST", origin=OURS).status == 401


def test_the_start_token_lets_nobody_in_where_there_are_accounts(site: Site) -> None:
    access = Access(start_token(site.state.home))
    assert ask(site.app, f"/?token={access.token}").status == 303
    cookie = f"{access.cookie_name}={access.cookie()}"
    assert ask(site.app, "/", cookie=cookie).headers["location"] == "/login?next=%2F"
    assert knock(site.app, "/_stcore/stream", cookie=cookie, origin=OURS) == "close"


@pytest.mark.parametrize(
    ("name", "password"), [("anna", "wrong"), ("nobody", PASSWORD), ("", ""), ("anna", "\0" * 900)]
)
def test_every_wrong_answer_says_the_same(site: Site, name: str, password: str) -> None:
    answer = site.log_in(name, password)
    assert answer.status == 403
    assert said(answer).startswith("The name or the password is not right.")
    assert "Max-Age=604800" not in answer.headers["set-cookie"]


def test_a_form_that_was_not_given_to_this_browser_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields, cookie = site.form()
    body = urlencode(fields | {"name": "anna", "password": PASSWORD}).encode()

    def send(body: bytes, cookie: str, origin: str = OURS) -> Answer:
        return ask(site.app, "/login", "POST", body=[body], cookie=cookie, origin=origin)

    for wrong in ("", site.form()[1], cookie + "x"):
        assert said(send(body, wrong)).startswith("This page is too old")
    assert said(send(body.replace(b"key=", b"key=0"), cookie)).startswith("This page is too old")
    assert send(body, cookie, "http://evil.example").status == 403
    assert said(send(b"\xff" * 9000, cookie)).startswith("This page is too old")
    later = login.time.time() + login.FORM_LASTS_S + 1
    monkeypatch.setattr(login.time, "time", lambda: later)
    assert said(send(body, cookie)).startswith("This page is too old")


def test_an_account_is_locked_after_five_wrong_passwords_and_opened_by_another(site: Site) -> None:
    for _ in range(5):
        site.log_in(password="wrong")
    assert said(site.log_in()).startswith("The name or the password"), "also with the right one"
    site.state.whole_store.run(
        ChangeUser(user_id=site.anna, password=passwords.hash_password(PASSWORD))
    )
    assert site.log_in().status == 303


def test_one_address_may_try_ten_times_in_ten_minutes(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(keeping.MOST_TRIES):
        site.log_in("nobody", "wrong")
    assert said(site.log_in()).startswith("Too many tries")
    site.keeper()._count_try("192.0.2.1")  # another address is not held up
    for last in range(keeping.MOST_TRIES):
        site.keeper()._count_try(f"2001:db8::{last}")
    with pytest.raises(LoginRefused, match="Too many"):
        site.keeper()._count_try("2001:db8::ffff:1")
    now = keeping.time.monotonic() + keeping.TRIES_WITHIN_S + 1
    monkeypatch.setattr(keeping.time, "monotonic", lambda: now)
    assert site.log_in().status == 303


def test_right_passwords_are_no_tries(site: Site) -> None:
    for _ in range(keeping.MOST_TRIES + 2):
        assert site.log_in().status == 303


def test_a_login_ends_when_it_is_ended_changed_removed_or_not_used(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, other = site.state.whole_store, "not a hash"
    store.run(AddUser(name="Other", role=Role.ADMIN, password=other))

    def is_in(cookie: str) -> bool:
        return ask(site.app, "/", cookie=cookie).status == 200

    cookie = site.cookie()
    assert is_in(cookie)
    store.run(EndLogin(login_id=store.accounts.logins()[0].login_id))
    assert not is_in(cookie)
    cookie = site.cookie()
    store.run(ChangeUser(user_id=site.anna, role=Role.VIEWER))
    assert not is_in(cookie)
    cookie = site.cookie()
    store.run(ChangeUser(user_id=site.anna, disabled=True))
    assert not is_in(cookie)
    assert site.log_in().status == 403, "nor may they come back"
    store.run(ChangeUser(user_id=site.anna, disabled=False))
    cookie = site.cookie()
    assert is_in(cookie)
    idle = keeping.time.monotonic() + keeping.IDLE_S + 1
    with monkeypatch.context() as patch:
        patch.setattr(keeping.time, "monotonic", lambda: idle)
        assert not is_in(cookie)
    assert not is_in(f"{cookie}x")
    store.run(RemoveUser(user_id=site.anna))
    assert not is_in(cookie)
    assert store.accounts.logins() == []


def test_an_open_websocket_ends_with_its_login(site: Site) -> None:
    """The next message of a page whose login was ended is not heard."""
    cookie = site.cookie()
    heard: list[str] = []
    store = site.state.whole_store

    async def app(_scope: Any, receive: Any, _send: Any) -> None:
        for _ in range(3):
            heard.append((await receive())["type"])
            if heard[-1] == "websocket.receive":
                store.run(EndLogin(login_id=store.accounts.logins()[0].login_id))

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.receive" if heard else "websocket.connect", "text": ""}

    sent: list[str] = []

    async def send(message: Any) -> None:
        sent.append(message["type"])

    entrance = Entrance(app, lambda: site.app._entry)
    headers = {"host": HOST, "origin": OURS, "cookie": cookie}
    scope = {
        "type": "websocket", "path": "/_stcore/stream", "scheme": "ws", "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    asyncio.run(entrance(scope, receive, send))
    assert heard == ["websocket.connect", "websocket.receive", "websocket.disconnect"]
    assert sent == ["websocket.close"]


def account_form(site: Site, cookie: str, path: str, **fields: str) -> Answer:
    page = ask(site.app, "/account", cookie=cookie).body.decode()
    key = re.search(r'name="key" value="(\w+)"', page)
    sent = urlencode({"key": key[1] if key else "", **fields}).encode()
    return ask(site.app, path, "POST", body=[sent], cookie=cookie, origin=OURS)


def test_a_person_changes_the_password_and_logs_out(site: Site) -> None:
    cookie, another = site.cookie(), "a better one than before"
    wrong = account_form(site, cookie, "/account/password", old="wrong", new=another)
    assert said(wrong) == "The old password is not right."
    short = account_form(site, cookie, "/account/password", old=PASSWORD, new="short")
    assert said(short).startswith("A password has 10 to 500 characters.")
    done = account_form(site, cookie, "/account/password", old=PASSWORD, new=another)
    assert b"Your password is changed" in done.body
    assert ask(site.app, "/", cookie=cookie).status == 303
    cookie = site.log_in(password=another).headers["set-cookie"].partition(";")[0]
    assert account_form(site, cookie, "/logout", key="forged").status == 403
    assert b"You are logged out" in account_form(site, cookie, "/logout").body
    assert ask(site.app, "/", cookie=cookie).status == 303
    deeds = [one.deed for one in site.state.audit.read(who=site.anna)]
    assert deeds[0] is Deed.LOGGED_OUT
    assert {Deed.LOGGED_IN, Deed.REFUSED, Deed.CHANGED} <= set(deeds)


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:x", "", "/\nx",
     "/login", "evil"],
)  # fmt: skip
def test_nobody_is_sent_elsewhere_after_logging_in(path: str) -> None:
    assert local_path(path) == "/"
    assert local_path("/study?id=1") == "/study?id=1"


def test_without_accounts_there_is_no_page_to_log_in(home: Home) -> None:
    keeper = Doorkeeper(Access("x" * 40))
    assert not keeper.asks_to_log_in
    user = User("u1", "Anna", Role.ADMIN, None, True, datetime.now(UTC), None, 0, None)
    with pytest.raises(LoginRefused):
        keeper.begin(user)
    access = Access("x" * 40)
    required = Doorkeeper(access, required=True)
    assert required.asks_to_log_in, "beyond this machine nobody comes in by the token"
    cookie = {access.cookie_name: access.cookie()}
    assert required.identify(cookie) is None
    assert keeper.identify(cookie) is not None


@pytest.mark.parametrize("text", ["short", "x" * 501, "aaaaaaaaaaaa", "anna.at.home"])
def test_passwords_that_are_guessed_at_once_are_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        passwords.hash_password(text, "Anna.at.home")


def test_passwords_are_kept_as_argon2id() -> None:
    kept = passwords.hash_password("a\u0308 long enough one")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.verify_password(kept, "\u00e4 long enough one"), "however it was typed"
    assert not passwords.verify_password(kept, "a long enough one")
    assert not passwords.verify_password("not a hash", "not a hash")


def test_a_browser_is_named_shortly() -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    assert browser_name(agent) == "Firefox on Linux"
    assert browser_name("<script>") == "A browser"
