"""What someone from outside can ask by a link, and what they are never told."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import ExitStack
from typing import Any

import pytest

from dashboard.camera.respondents import bodies as bodies_module
from dashboard.camera.respondents import data, html, listener
from dashboard.camera.respondents.bodies import Bodies
from dashboard.camera.respondents.misses import MOST_MISSES
from dashboard.camera.respondents.refusals import RespondentRefused
from dashboard.camera.respondents.visits import places
from dashboard.shared.assets import modules
from fer_core.storage.links import RevokeLink, UpdateLink
from fer_core.storage.respondents import BeginResponse, TakePlace
from fer_core.storage.settings import SetSetting
from tests.dashboard.camera.respondents.outside import Outside


@pytest.mark.parametrize(
    "path",
    ["/", "/study", "/_stcore/health", "/_stcore/stream", "/upload", "/clip/s1", "/stimulus/t1",
     "/live", "/connection-check", "/docs", "/r", "/r/", "/r/-/", "/r/-/respondent.html",
     "/r/-/..%2f..%2fserver.py", "/favicon.ico"],
)  # fmt: skip
def test_the_door_answers_links_and_nothing_else(outside: Outside, path: str) -> None:
    for method in ("GET", "POST", "PUT"):
        status, said, headers = outside.ask(method, path, {} if method != "GET" else None)
        assert status == 404
        assert len(said) < 100
        assert "server" not in headers


def test_a_page_may_load_and_run_nothing_but_its_own(outside: Outside) -> None:
    status, page, headers = outside.ask("GET", f"/r/{outside.link()}")
    assert status == 200
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    for secret in ("Secret", "secret", str(outside.path)):
        assert secret not in page
    scripts = modules(str(html.PAGE), "respondent.js")
    assert 'src="/r/-/camera/respondents/page/respondent.js"' in page
    assert "camera/connection/peer.js" in scripts
    for name in (*scripts, "respondent.css"):
        status, text, headers = outside.ask("GET", f"/r/-/{name}")
        assert status == 200
        assert headers["content-type"].startswith(("text/javascript", "text/css"))
        assert "//" not in text.replace("// ", ""), "no address of another server"


def test_words_of_the_organiser_cannot_become_markup(outside: Outside) -> None:
    token = outside.link()
    link_id = outside.link_id(token)
    outside.store.run(
        UpdateLink( link_id=link_id, title="</title><script>x()</script>",
        consent="</script><img src=x onerror=alert(1)>",
    ))  # fmt: skip
    _, page, _ = outside.ask("GET", f"/r/{token}")
    assert "<script>x()" not in page
    assert "<img" not in page


@pytest.mark.parametrize(
    ("change", "says"),
    [("revoked", "have closed"), ("expired", "is over"), ("used up", "Everyone who was needed")],
)
def test_a_closed_link_says_so_in_words(outside: Outside, change: str, says: str) -> None:
    token = outside.link(
        ends="2020-01-01" if change == "expired" else None,
        most_uses=1 if change == "used up" else None,
    )
    link_id = outside.link_id(token)
    if change == "revoked":
        outside.store.run(RevokeLink(link_id=link_id))
    if change == "used up":
        place = outside.store.run(BeginResponse(link_id=link_id, consent=""))
        outside.store.run(TakePlace(response_id=place.response_id))
    status, page, _ = outside.ask("GET", f"/r/{token}")
    assert status == 410
    assert says in page
    status, said, _ = outside.ask("POST", f"/r/{token}/begin", {"read": ""})
    assert status == 410
    assert says in said


def test_a_text_that_changed_meanwhile_is_not_agreed_to(outside: Outside) -> None:
    status, said, _ = outside.ask("POST", f"/r/{outside.link()}/begin", {"read": "older"})
    assert status == 409
    assert "changed" in said
    assert outside.visits.places.count() == 0


def test_the_film_is_for_who_agreed_and_only_while_they_are_here(outside: Outside) -> None:
    token, other = outside.link(), outside.link()
    status, begun = outside.begin(token)
    assert status == 200
    assert begun["iceServers"] == []
    status, _, headers = outside.ask("GET", begun["film"])
    assert (status, headers["content-length"]) == (200, "5000")
    assert "secret" not in str(headers)
    assert outside.ask("GET", begun["film"].replace(token, other))[0] == 404
    assert outside.ask("GET", f"/r/{token}/film/{'x' * 32}")[0] == 404
    end = {"visit": begun["visit"], "how": "withdrawn"}
    assert outside.ask("POST", f"/r/{token}/end", end)[0] == 200
    assert outside.ask("GET", begun["film"])[0] == 404
    row = outside.store.respondents.link_of_token(token)
    assert row is not None
    assert row.uses == 0, "who leaves before the film gives the place back"


def test_one_more_than_the_limit_is_asked_to_come_back(outside: Outside) -> None:
    token = outside.link()
    data.set_most_sessions(outside.store, 1)
    try:
        status, first = outside.begin(token)
        assert status == 200
        outside.first_picture(first["visit"])
        status, said = outside.begin(token)
        assert status == 503
        assert said["error"] == "All places are taken at this moment."
        outside.ask("POST", f"/r/{token}/end", {"visit": first["visit"], "how": "withdrawn"})
        status, again = outside.begin(token)
        assert status == 200
        outside.ask("POST", f"/r/{token}/end", {"visit": again["visit"], "how": "withdrawn"})
    finally:
        outside.store.run(SetSetting(name=data.MOST_SESSIONS_SETTING, value=None))


def test_who_shows_no_picture_takes_no_place(outside: Outside) -> None:
    """Neither of the link's three places nor of the server's four."""
    token = outside.link(most_uses=3)
    visits = [outside.begin(token) for _ in range(6)]
    assert [status for status, _ in visits] == [200] * 6
    assert outside.visits.places.count() == 0
    assert outside.ask("GET", f"/r/{token}")[0] == 200
    for _, one in visits[:3]:
        outside.first_picture(one["visit"])
    assert outside.ask("GET", f"/r/{token}")[0] == 410
    with pytest.raises(RespondentRefused, match="closed"):
        outside.first_picture(visits[3][1]["visit"])
    for _, one in visits:
        outside.ask("POST", f"/r/{token}/end", {"visit": one["visit"], "how": "withdrawn"})
    assert outside.ask("GET", f"/r/{token}")[0] == 200


def test_one_address_cannot_begin_without_end(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "MOST_WAITING_FROM_ONE", 2)
    token = outside.link()
    seen = [outside.begin(token) for _ in range(3)]
    assert [status for status, _ in seen] == [200, 200, 503]
    for _, one in seen[:2]:
        outside.ask("POST", f"/r/{token}/end", {"visit": one["visit"], "how": "withdrawn"})


def test_half_sent_bodies_shut_nobody_out(outside: Outside) -> None:
    token = outside.link()
    head = f"POST /r/{token}/begin HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n{{"
    with ExitStack() as held:
        for _ in range(240):
            link = held.enter_context(socket.create_connection(("127.0.0.1", outside.port)))
            link.sendall(head.encode())
        for _ in range(5):
            assert outside.ask("GET", f"/r/{token}")[0] == 200
            status, begun = outside.begin(token)
            assert status == 200
            outside.ask("POST", f"/r/{token}/end", {"visit": begun["visit"], "how": "withdrawn"})


def test_a_body_has_seconds_to_arrive_and_an_address_a_few_at_once() -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    async def run() -> list[BaseException | None]:
        bodies = Bodies(within_s=0.05, most=2)
        found = await asyncio.gather(
            *(bodies.read("a", never()) for _ in range(3)),
            bodies.read("b", asyncio.sleep(0)),
            return_exceptions=True,
        )
        return list(found)

    found = asyncio.run(run())
    assert [getattr(one, "status", None) for one in found] == [408, 408, 408, None]


def test_bytes_that_are_held_have_a_bound_from_one_address_and_from_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bodies_module, "MOST_BYTES", 100)
    monkeypatch.setattr(bodies_module, "MOST_BYTES_FROM_ONE", 60)
    bodies = Bodies()
    with bodies.held("a") as first, bodies.held("a") as second, bodies.held("b") as other:
        first(50)
        second(10)
        with pytest.raises(RespondentRefused) as refused:
            second(1)
        assert (refused.value.status, refused.value.again_s) == (503, 5)
        other(40)
        with pytest.raises(RespondentRefused), bodies.held("c") as third:
            third(1)
    assert not bodies._held
    with bodies.held("c") as third:
        third(60)


def test_who_is_refused_for_want_of_room_may_send_the_same_again(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = outside.link()
    monkeypatch.setattr(bodies_module, "MOST_BYTES", 200)
    for _ in range(5):  # what was answered is held no longer
        assert outside.ask("POST", f"/r/{token}/end", {"visit": "x" * 100})[0] == 400
    monkeypatch.setattr(bodies_module, "MOST_BYTES", 10)
    status, said, headers = outside.ask("POST", f"/r/{token}/end", {"visit": "x" * 100})
    assert (status, headers["retry-after"]) == (503, "5")
    assert json.loads(said)["error"] == "Too much comes here at this moment."
    monkeypatch.undo()
    assert outside.ask("POST", f"/r/{token}/end", {"visit": "x" * 100})[0] == 400


def test_a_silent_connection_is_closed(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "HEAD_WITHIN_S", 0.1)
    with socket.create_connection(("127.0.0.1", outside.port), timeout=30) as link:
        link.sendall(b"GET /r/x HTT")
        assert link.recv(10) == b"", "closed by the server"


@pytest.mark.parametrize("body", ["[" * 30_000, '{"a": ' * 9000, '{"read": "\\ud800"}', "²"])
def test_json_that_no_parser_likes_is_refused(outside: Outside, body: str) -> None:
    status, said, _ = outside.ask("POST", f"/r/{'q' * 32}/begin", body.encode())
    assert status == 400
    assert "Traceback" not in said


def test_a_film_that_is_gone_is_told_without_its_path(outside: Outside) -> None:
    token = outside.link()
    away = outside.path.with_suffix(".away")
    outside.path.rename(away)
    try:
        status, said = outside.begin(token)
    finally:
        away.rename(outside.path)
    assert status == 409
    assert said["error"] == "The film cannot be shown just now."
    assert "secret" not in str(said)


@pytest.mark.parametrize(
    ("what", "body", "status"),
    [
        ("connect", "no json", 400),
        ("connect", "[1]", 400),
        ("connect", b"\xff\xfe", 400),
        ("connect", "x" * 70_000, 413),
        ("connect", {"visit": "nobody", "sdp": "v=0"}, 410),
        ("connect", {"visit": 7, "sdp": "v=0"}, 410),
        ("connect", {"visit": "nobody", "sdp": "v" * 65_000}, 400),
        ("start", {"visit": "nobody"}, 410),
        ("end", {"visit": "nobody", "how": "done"}, 410),
        ("end", {"visit": "nobody", "how": "deleted"}, 400),
    ],
)
def test_what_is_not_understood_is_refused_in_words(
    outside: Outside, what: str, body: Any, status: int
) -> None:
    got, said, _ = outside.ask("POST", f"/r/{outside.link()}/{what}", body)
    assert got == status
    assert set(json.loads(said)) == {"error", "hint"}


def test_a_description_that_is_none_does_not_end_the_visit(outside: Outside) -> None:
    token = outside.link()
    _, begun = outside.begin(token)
    for sdp in ("rubbish", "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n"):
        status, said, _ = outside.ask(
            "POST", f"/r/{token}/connect", {"visit": begun["visit"], "sdp": sdp}
        )
        assert status in (400, 409, 500)
        assert "Traceback" not in said
    status, said, _ = outside.ask("POST", f"/r/{token}/start", {"visit": begun["visit"]})
    assert status == 409
    assert "No picture of your camera" in said
    outside.ask("POST", f"/r/{token}/end", {"visit": begun["visit"], "how": "withdrawn"})


def test_whoever_tries_many_tokens_is_not_heard_but_known_links_are(outside: Outside) -> None:
    known = outside.link()
    assert outside.ask("GET", f"/r/{known}")[0] == 200
    fresh = outside.link()
    seen = [outside.ask("GET", f"/r/{'z' * 31}{i}")[0] for i in range(MOST_MISSES + 5)]
    assert seen.count(404) <= MOST_MISSES
    assert seen[-1] == 429
    assert outside.ask("GET", f"/r/{fresh}")[0] == 429, "not even whether it exists is told"
    assert outside.ask("GET", f"/r/{known}")[0] == 200
