"""Who is let in by the dashboard's entrance, and what its answers carry."""

from __future__ import annotations

import http.cookies
import re
import stat
import time
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from streamlit import net_util
from streamlit.web.server.server_util import is_url_from_allowed_origins

import dashboard.server
from dashboard.shared.web.access.entrance import Entrance, Entry
from dashboard.shared.web.headers import policy
from fer_core.access.start_token import COOKIE_LASTS_S, Access, start_token
from fer_core.home import Home
from tests.dashboard.asgi import HOST, ask, knock

ACCESS = Access("a-token-that-is-long-enough-to-be-one")
COOKIE = f"{ACCESS.cookie_name}={ACCESS.cookie()}"
OURS = f"http://{HOST}"


async def page(request: Request) -> Response:
    return HTMLResponse(f"inside {request.url.query}", headers={"Access-Control-Allow-Origin": "*"})


async def length(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def talk(link: WebSocket) -> None:
    await link.accept()
    await link.close()


def application(**changes: Any) -> Entrance:
    names = frozenset({"127.0.0.1", "localhost", "rapt.example.org"})
    entry = Entry(**({"access": ACCESS, "hosts": names} | changes))
    routes = [
        Route("/_stcore/metrics", page),
        Route("/_stcore/upload_file/{rest:path}", length, methods=["PUT"]),
        WebSocketRoute("/_stcore/stream", talk),
        Route("/{rest:path}", page),
        Route("/{rest:path}", length, methods=["POST", "PUT"]),
    ]
    return Entrance(Starlette(routes=routes), lambda: entry)


APP = application()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/study?id=s1",
        "/static/js/index.js",
        "/clip/s1?k=1",
        "/media/abc.csv",
        "/upload",
        "//x",
    ],
)
def test_without_token_or_cookie_there_is_only_a_page_that_says_how_to_come_in(path: str) -> None:
    answer = ask(APP, path)
    assert answer.status == 403
    assert b"rapt open" in answer.body
    assert b"inside" not in answer.body
    assert ask(APP, path, "POST", origin=OURS).status == 403


def test_the_token_is_taken_out_of_the_address_and_a_cookie_stays_for_thirty_days() -> None:
    answer = ask(APP, f"/replay?session=s1&token={ACCESS.token}&t=4")
    assert answer.status == 303
    assert answer.headers["location"] == "/replay?session=s1&t=4"
    cookie = http.cookies.SimpleCookie(answer.headers["set-cookie"])[ACCESS.cookie_name]
    assert ACCESS.token not in cookie.value
    assert (cookie["httponly"], cookie["samesite"]) == (True, "lax")
    assert int(cookie["max-age"]) == COOKIE_LASTS_S == 30 * 86_400
    again = ask(APP, "/replay?session=s1&t=4", cookie=f"other=1; {cookie.key}={cookie.value}")
    assert again.body == b"inside session=s1&t=4"


@pytest.mark.parametrize(
    "token",
    ["", "x", "\u00e9".encode().decode("latin-1"), COOKIE],
    ids=["none", "short", "not ascii", "a cookie"],
)
def test_a_wrong_token_is_refused(token: str) -> None:
    assert ask(APP, f"/?token={token}").status == 403


def test_a_token_leads_to_no_other_server() -> None:
    answer = ask(APP, f"//evil.example/x?token={ACCESS.token}")
    assert answer.headers["location"] == "/evil.example/x"


@pytest.mark.parametrize(
    "cookie",
    [
        f"{ACCESS.cookie_name}={ACCESS.cookie(time.time() - COOKIE_LASTS_S - 1)}",
        f"{ACCESS.cookie_name}={Access('another-token-of-another-home-x').cookie()}",
        f"{ACCESS.cookie_name}=99999999999.{ACCESS.cookie().split('.')[1]}",
        f"{ACCESS.cookie_name}=²³.x",
        f"{ACCESS.cookie_name}=",
        "rapt-00000000=1.2",
        "\x00;;;=",
    ],
    ids=["expired", "forged", "another time", "odd digits", "empty", "foreign", "no cookie"],
)
def test_expired_forged_and_foreign_cookies_are_refused(cookie: str) -> None:
    sent = cookie.encode().decode("latin-1")
    assert ask(APP, "/", cookie=sent).status == 403
    assert knock(APP, "/_stcore/stream", origin=OURS, cookie=sent) == "close"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[", "10.0.0.1"])
def test_a_foreign_name_gets_neither_page_nor_websocket(host: str) -> None:
    assert ask(APP, "/", host=host, cookie=COOKIE).status == 421
    assert ask(APP, "/r/abc", host=host).status == 421
    assert knock(APP, "/_stcore/stream", host=host, origin=OURS, cookie=COOKIE) == "close"


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "http://127.0.0.1:8502", "http://127.0.0.1", "https://127.0.0.1:8501",
     "http://localhost:8501", "null", "http://rapt.example.org"],
)  # fmt: skip
def test_another_origin_gets_no_websocket_and_writes_nothing(origin: str) -> None:
    assert knock(APP, "/_stcore/stream", origin=origin, cookie=COOKIE) == "close"
    assert ask(APP, "/upload", "POST", origin=origin, cookie=COOKIE).status == 403


def test_our_own_page_gets_its_websocket() -> None:
    assert knock(APP, "/_stcore/stream", origin=OURS, cookie=COOKIE) == "accept"
    assert knock(APP, "/_stcore/stream", cookie=COOKIE) == "close", "no origin, no browser"


@pytest.mark.parametrize("site", ["same-site", "cross-site"])
def test_a_page_of_another_port_can_neither_embed_nor_fetch(site: str) -> None:
    for mode, dest in (("no-cors", "image"), ("navigate", "iframe"), ("cors", "empty")):
        heard = {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": dest}
        assert ask(APP, "/clip/s1", cookie=COOKIE, **heard).status == 403
    link = {"sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert ask(APP, "/study?id=s1", cookie=COOKIE, **link).status == 200


def test_behind_a_proxy_its_https_name_is_an_origin() -> None:
    app = application(
        hosts=frozenset({"rapt.example.org"}), proxied=frozenset({"rapt.example.org"})
    )
    name = "rapt.example.org"
    heard = {"host": name, "cookie": COOKIE}
    assert knock(app, "/_stcore/stream", origin=f"https://{name}", **heard) == "accept"
    assert "secure" in ask(app, f"/?token={ACCESS.token}", host=name).headers["set-cookie"].lower()


def test_health_and_respondents_need_no_token_and_metrics_are_not_there() -> None:
    for path in ("/healthz", "/readyz", "/_stcore/health", "/r/abc"):
        assert ask(APP, path).status == 200
    assert ask(APP, "/_stcore/metrics", cookie=COOKIE).status == 404


def test_open_to_all_still_asks_for_a_name_and_an_origin_of_ours() -> None:
    app = application(access=None)
    assert ask(app, "/").status == 200
    assert ask(app, "/", host="evil.example").status == 421
    assert knock(app, "/_stcore/stream", origin="http://evil.example") == "close"


def test_every_answer_keeps_other_pages_out() -> None:
    for path in ("/", "/healthz", "/clip/s1?k=1"):
        headers = ask(APP, path, cookie=COOKIE).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers
    assert "sandbox" in ask(APP, "/media/x.html", cookie=COOKIE).headers["content-security-policy"]


@pytest.mark.parametrize(
    ("site", "alone"), [("none", False), ("same-origin", False), ("cross-site", True), ("", True)]
)
def test_a_page_that_opened_ours_is_cut_off_and_a_bookmark_costs_no_new_process(
    site: str, alone: bool
) -> None:
    heard = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    heard |= {"sec-fetch-site": site} if site else {}
    headers = ask(APP, "/", cookie=COOKIE, **heard).headers
    assert ("cross-origin-opener-policy" in headers) is alone


def test_the_policy_names_no_other_server() -> None:
    assert not re.search(r"https?:|\*|unsafe-eval", policy(""))


@pytest.mark.parametrize(
    "path", ["/live", "/upload", "/lab/label", "/r/x/begin", "/connection-check"]
)
def test_a_body_without_a_length_is_counted_as_it_comes(path: str) -> None:
    answer = ask(APP, path, "POST", cookie=COOKIE, origin=OURS, body=[b"x" * 100_000] * 3000)
    assert answer.status == 413
    assert answer.read <= 400_000
    short = ask(APP, path, "POST", cookie=COOKIE, origin=OURS, body=[b"x" * 1000])
    assert short.body == b"1000"


def test_a_long_body_is_refused_by_its_length_and_a_lying_one_as_it_comes() -> None:
    sent = {"cookie": COOKIE, "origin": OURS}
    for said, read in (("300000000", 0), ("5", 400_000), ("-1", 0), ("²", 0)):
        said = said.encode().decode("latin-1")
        heard = {**sent, "content-length": said}
        answer = ask(APP, "/live", "POST", body=[b"x" * 100_000] * 3000, **heard)
        assert (answer.status, answer.read <= read) == (413, True)


def test_streamlits_own_uploader_takes_no_more_than_it_says() -> None:
    path = "/_stcore/upload_file/a/b"
    answer = ask(APP, path, "PUT", cookie=COOKIE, origin=OURS, body=[b"x" * 2**20] * 300)
    assert answer.status == 413
    assert answer.read <= 23 * 2**20


def test_pieces_of_an_upload_are_counted_by_their_own_route() -> None:
    answer = ask(APP, "/upload/x", "PUT", cookie=COOKIE, origin=OURS, body=[b"x" * 2**20] * 9)
    assert answer.body == str(9 * 2**20).encode()


def test_the_token_is_kept_across_restarts_and_can_be_read_by_its_owner_alone(home: Home) -> None:
    token = start_token(home)
    assert len(token) >= 32
    assert start_token(home) == token
    assert stat.S_IMODE(home.start_token.stat().st_mode) == 0o600
    home.start_token.write_text("short")
    assert start_token(home) not in ("short", token)


def test_nobody_on_the_internet_is_asked_for_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(net_util, "_make_blocking_http_get", lambda url, timeout: asked.append(url))
    assert dashboard.server.app is not None
    assert not is_url_from_allowed_origins("https://rapt.example.org")
    assert asked == []
