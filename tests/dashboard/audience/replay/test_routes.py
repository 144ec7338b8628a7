"""Routes of recordings and of what is drawn over them."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

from dashboard.audience.replay import media, overlay
from dashboard.audience.replay.routes import media_routes
from dashboard.shared.pictures import Pictures
from dashboard.shared.web.films import film_response
from dashboard.shared.web.guard import Guard
from tests.dashboard import asgi
from tests.dashboard.simulated import Furnished
from tests.films import portrait_film


@pytest.fixture(scope="module")
def address(furnished: Furnished, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Our routes with a real store behind them."""
    film = tmp_path_factory.mktemp("clip") / "clip.mp4"
    film.write_bytes(bytes(range(256)) * 40)
    watched = portrait_film(film.with_name("watched.mp4"))
    pictures = Pictures()
    state = SimpleNamespace(guard=Guard(b"test"), store=furnished.store, service=lambda _: pictures)
    listener = socket.create_server(("127.0.0.1", 0))
    app = Starlette(routes=media_routes(lambda: state))  # type: ignore[arg-type, return-value]
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(media, "recording", lambda _, one: film if one == furnished.one else None)
        patch.setattr(media, "stimulus", lambda _, one: {"t1": film, "t2": watched}.get(one))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=10)
        pictures.close()


def ask(url: str, **headers: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20) as a:
            return a.status, a.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_rows_are_for_who_has_the_recordings_key(furnished: Furnished, address: str) -> None:
    key = Guard(b"test").sign(f"clip:{furnished.many}")
    url = f"{address}/clip/{furnished.many}/rows?from=0&to=1000"
    assert ask(url)[0] == 404
    assert ask(f"{url}&k={Guard(b'test').sign(f'clip:{furnished.one}')}")[0] == 404
    status, body = ask(f"{url}&k={key}")
    assert status == 200
    assert json.loads(body) == overlay.rows(furnished.store, furnished.many, 0, 1000)


def test_a_span_that_cannot_be_is_refused(furnished: Furnished, address: str) -> None:
    url = f"{address}/clip/{furnished.many}/rows?k={Guard(b'test').sign(f'clip:{furnished.many}')}"
    for span, status in (
        ("", 400),
        ("&from=0&to=x", 400),
        ("&from=-5&to=5", 400),
        ("&from=0&to=99999999999", 400),
        ("&from=0&to=600000", 422),
        ("&from=900&to=100", 422),
    ):
        assert ask(url + span)[0] == status


def test_the_film_comes_by_ranges(furnished: Furnished, address: str) -> None:
    url = f"{address}/clip/{furnished.one}?k={Guard(b'test').sign(f'clip:{furnished.one}')}"
    assert ask(url, Range="bytes=512-515") == (206, bytes([0, 1, 2, 3]))
    assert ask(url, Range="bytes=99999-")[0] == 416
    watched = f"{address}/stimulus/t1"
    assert ask(watched)[0] == 404
    assert ask(f"{watched}?k={Guard(b'test').sign('clip:t1')}")[0] == 404
    assert ask(f"{watched}?k={Guard(b'test').sign('stimulus:t1')}", Range="bytes=1-2")[0] == 206


@pytest.mark.parametrize("name", ["x.html", "x.svg", "x.xhtml", "clip", "x.js"])
def test_a_recordings_type_is_what_it_holds_whatever_it_is_called(
    tmp_path: Path, name: str
) -> None:
    film = portrait_film(tmp_path / "clip.mp4", frames=3, away=range(0))
    film = film.rename(tmp_path / name)
    with film.open("ab") as file:
        file.write(b"<html><script>alert(1)</script>")
    state: Any = SimpleNamespace(guard=Guard(b"test"), store=None)
    app = Starlette(routes=media_routes(lambda: state))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(media, "recording", lambda *_: film)
        answer = asgi.ask(app, f"/clip/s1?k={Guard(b'test').sign('clip:s1')}")
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


def test_a_frame_of_the_film_is_for_who_has_its_key(address: str) -> None:
    guard = Guard(b"test")

    def frame(film: str, t_ms: str, key: str = "") -> tuple[int, bytes]:
        link = media.frame_url(guard, film, 0).replace("/frame/0", f"/frame/{t_ms}")
        return ask(f"{address}{link.split('?')[0]}?k={key or guard.sign(f'stimulus:{film}')}")

    status, jpeg = frame("t2", "400")
    assert (status, jpeg[:2]) == (200, b"\xff\xd8")
    assert frame("t2", "400", key="wrong")[0] == 404
    assert frame("t2", "400", key=guard.sign("stimulus:t1"))[0] == 404
    assert frame("t2", "-1")[0] == 404
    assert frame("t2", "99999999999999")[0] == 404
    assert frame("t1", "0")[0] == 404  # no film
    assert frame("t3", "0")[0] == 404  # none there


def test_what_is_no_film_is_only_saved(tmp_path: Path) -> None:
    page = tmp_path / "x.html"
    page.write_text("<script>alert(1)</script>")
    answer = asyncio.run(film_response(page))
    assert answer.media_type == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment"
