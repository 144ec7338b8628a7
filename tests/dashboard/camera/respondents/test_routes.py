"""The second listener over a real socket: who gets in, what is said, what is never said."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dashboard.camera.connection import network
from dashboard.camera.connection.event_loop import MediaLoop
from dashboard.camera.respondents import data as respond
from dashboard.camera.respondents import routes
from dashboard.camera.respondents.listener import Address, RespondentListener
from dashboard.camera.respondents.routes import MOST_MISSES, respondent_routes
from dashboard.camera.respondents.visits import Visits
from dashboard.shared.assets import modules
from fer_core.errors import SettingsError
from fer_core.faces import make_detector
from fer_core.home import Home
from fer_core.storage import Store, open_store
from fer_core.studies.membership import load_study

CONSENT = "We look at how people respond."


@dataclass
class Outside:
    """What someone on the street can ask."""

    port: int
    store: Store
    visits: Visits
    study: str
    film: str
    path: Path

    def ask(self, method: str, path: str, value: Any = None) -> tuple[int, str, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        body = value if isinstance(value, str | bytes | None) else json.dumps(value)
        connection.request(method, path, body)
        answer = connection.getresponse()
        said = answer.read().decode("utf-8", "replace")
        connection.close()
        return answer.status, said, {k.lower(): v for k, v in answer.getheaders()}

    def link(self, **more: Any) -> str:
        link_id = self.store.order(
            "add_link", study_id=self.study, title="A film", consent=CONSENT,
            arms=[{"stimulus_id": self.film, "condition": "A"}], **more,
        )  # fmt: skip
        return str(next(
            one["token"] for one in self.store.links(self.study) if one["link_id"] == link_id
        ))  # fmt: skip

    def begin(self, token: str) -> tuple[int, dict[str, Any]]:
        _, page, _ = self.ask("GET", f"/r/{token}")
        read = page.split('"read": "')[1].split('"')[0]
        status, said, _ = self.ask("POST", f"/r/{token}/begin", {"read": read, "respondent": "P1"})
        return status, json.loads(said)


@pytest.fixture(scope="module")
def outside(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Outside]:
    folder = tmp_path_factory.mktemp("outside")
    home = Home(folder / "secret-home")
    assert request.config.cache is not None
    networks = Path(request.config.cache.mkdir("face-networks"))  # made once a machine
    make_detector("mtcnn", cache=networks)
    shutil.copytree(networks, home.cache)
    film = folder / "secret-film.mp4"
    film.write_bytes(b"\0" * 5000)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with open_store(home, look_after=False) as store:
        study = store.order("add_study", name="Secret study", conditions=["A"])
        stimulus = store.order(
            "add_stimulus", title="Secret title", study_id=study, path=str(film), length_ms=5000
        )
        loop = MediaLoop()
        visits = Visits(home, lambda: store, loop)
        door = RespondentListener(
            Address("127.0.0.1", port),
            respondent_routes(lambda: visits, lambda: store, lambda: loop),
            loop,
        )
        door.open()
        for _ in range(100):
            if door.listening:
                break
            time.sleep(0.05)
        yield Outside(port, store, visits, study, stimulus, film)
        door.close()
        loop.submit(visits.close()).result(timeout=20)
        loop.close()


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
    scripts = modules(routes.__file__, "respondent.js")
    assert 'src="/r/-/camera/respondents/respondent.js"' in page
    assert "camera/connection/peer.js" in scripts
    for name in (*scripts, "respondent.css"):
        status, text, headers = outside.ask("GET", f"/r/-/{name}")
        assert status == 200
        assert headers["content-type"].startswith(("text/javascript", "text/css"))
        assert "//" not in text.replace("// ", ""), "no address of another server"


def test_words_of_the_organiser_cannot_become_markup(outside: Outside) -> None:
    token = outside.link()
    link_id = outside.store.link_of_token(token)["link_id"]  # type: ignore[index]
    outside.store.order(
        "update_link", link_id=link_id, title="</title><script>x()</script>",
        consent="</script><img src=x onerror=alert(1)>",
    )  # fmt: skip
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
    link_id = outside.store.link_of_token(token)["link_id"]  # type: ignore[index]
    if change == "revoked":
        outside.store.order("revoke_link", link_id=link_id)
    if change == "used up":
        outside.store.order("begin_response", link_id=link_id, consent="")
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
    assert outside.visits.count() == 0


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
    row = outside.store.link_of_token(token)
    assert row is not None
    assert row["uses"] == 0, "who leaves before the film gives the place back"


def test_one_more_than_the_limit_is_asked_to_come_back(outside: Outside) -> None:
    token = outside.link()
    respond.set_most_sessions(outside.store, 1)
    try:
        status, first = outside.begin(token)
        assert status == 200
        status, said = outside.begin(token)
        assert status == 503
        assert said["error"] == "All places are taken at this moment."
        outside.ask("POST", f"/r/{token}/end", {"visit": first["visit"], "how": "withdrawn"})
        status, again = outside.begin(token)
        assert status == 200
        outside.ask("POST", f"/r/{token}/end", {"visit": again["visit"], "how": "withdrawn"})
    finally:
        outside.store.order("set_setting", name=respond.MOST_SESSIONS_SETTING, value=None)


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


def test_links_begin_where_respondents_are_let_in(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = "http://127.0.0.1:8501/study?id=1"
    assert respond.base(outside.store, page) == respond.Base(
        "http://127.0.0.1:8501", True, False, False
    )
    assert not respond.base(outside.store, "http://10.0.0.5:8501/study").secure
    monkeypatch.setenv("RAPT_RESPONDENTS", "0.0.0.0:8600")
    monkeypatch.setenv("RAPT_TLS_CERT", "cert.pem")
    found = respond.base(outside.store, "https://10.0.0.5:8501/study")
    assert found == respond.Base("https://10.0.0.5:8600", True, True, True)
    network.save(outside.store, network.Network(public_url="https://study.example.org/"))
    assert respond.base(outside.store, page).url == "https://study.example.org"
    network.save(outside.store, network.Network())


def test_a_text_of_consent_says_who_asks(outside: Outside) -> None:
    study = load_study(outside.store, outside.study)
    with pytest.raises(SettingsError, match="who you are"):
        respond.make(
            outside.store, study, [(outside.film, "")], title="T", consent=respond.USUAL_CONSENT
        )


def test_a_link_lists_its_films_and_its_last_day(outside: Outside) -> None:
    study = load_study(outside.store, outside.study)
    day = respond.date(2027, 1, 31)
    link_id = respond.make(
        outside.store, study, [(outside.film, "A")], title="T", consent="C", last_day=day
    )
    link = next(one for one in respond.links(outside.store, study) if one.link_id == link_id)
    assert respond.last_day(link.ends) == day
    assert link.arms[0].title == "Secret title"
    assert list(respond.films(outside.store, study)) == [outside.film]


def test_no_server_is_asked_unless_one_was_named(outside: Outside) -> None:
    from dashboard.camera.connection.peer import server_configuration

    store = outside.store
    assert network.rtc_configuration(store) == {"iceServers": []}
    # an empty list, not an absent one: the library would ask a public server
    assert server_configuration(network.rtc_configuration(store)).iceServers == []
    network.save(store, network.Network("turn.example.org:3478", "turn:turn.example.org", "u", "c"))
    stun, turn = network.rtc_configuration(store)["iceServers"]
    assert stun == {"urls": ["stun:turn.example.org:3478"]}
    assert turn == {"urls": ["turn:turn.example.org"], "username": "u", "credential": "c"}
    assert len(server_configuration(network.rtc_configuration(store)).iceServers or []) == 2
    network.save(store, network.Network())


def test_a_turn_login_from_a_secret_ends_and_is_what_coturn_expects() -> None:
    given = network.Network(turn_url="turn:t.example", turn_secret="north", turn_user="rapt")
    server = network.configuration(given, now=1_800_000_000)["iceServers"][0]
    until, _, user = server["username"].partition(":")
    assert user == "rapt"
    assert 6 * 3600 <= int(until) - 1_800_000_000 <= 7 * 3600
    # echo -n USERNAME | openssl dgst -sha1 -hmac north -binary | base64
    assert server["credential"] == login_by_openssl(server["username"])


def login_by_openssl(name: str) -> str:
    import subprocess

    done = subprocess.run(
        ["openssl", "dgst", "-sha1", "-hmac", "north", "-binary"],
        input=name.encode(), capture_output=True, check=True,
    )  # fmt: skip
    import base64

    return base64.b64encode(done.stdout).decode()


@pytest.mark.parametrize(
    "wrong",
    [
        network.Network(stun_url="https://stun.example.org"),
        network.Network(turn_url="turn:host"),
        network.Network(turn_url="turn:host name", turn_secret="s"),
        network.Network(public_url="study.example.org"),
        network.Network(public_url="ftp://study.example.org"),
    ],
)
def test_addresses_that_no_browser_takes_are_refused(wrong: network.Network) -> None:
    with pytest.raises(SettingsError):
        network.check(wrong)
