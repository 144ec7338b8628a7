"""Webhooks: told once it is done, signed, tried again; nothing to a private address unasked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from fer_core.errors import SettingsError
from fer_core.home import Home
from fer_core.storage import Store
from fer_core.storage.jobs import AddJob, UpdateJob
from fer_core.types import JobStatus
from fer_core.webhooks.hooks import BACKOFF_S, Event, Hooks
from fer_core.webhooks.sending import check_address, send_due
from fer_core.webhooks.signing import HEADER, TOLERANCE_S, Check, sign
from fer_core.webhooks.watching import notice


class Receiver:
    """Answers with these statuses, then with 204, and keeps what came."""

    def __init__(self, *statuses: int) -> None:
        self.came: list[tuple[dict[str, str], bytes]] = []
        left = list(statuses)
        came = self.came

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                came.append((dict(self.headers), self.rfile.read(length)))
                self.send_response(left.pop(0) if left else 204)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """It says nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_port}/told?from=rapt"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def failing_twice() -> Iterator[Receiver]:
    receiver = Receiver(503, 302)
    yield receiver
    receiver.close()


def test_a_receiver_that_fails_twice_gets_the_third(home: Home, failing_twice: Receiver) -> None:
    hooks = Hooks(home)
    hook = hooks.add(failing_twice.address, [Event.JOB_DONE], private=True)
    assert hooks.queue(Event.STUDY_COMPLETE, {}, now=1000) == 0, "it does not hear of that"
    assert hooks.queue(Event.JOB_DONE, {"job_id": "j1"}, now=1000) == 1
    assert send_due(hooks, now=1000) == 1
    (one,) = hooks.log()
    assert (one.tries, one.status, one.done, one.due) == (1, 503, False, 1000 + BACKOFF_S[0])
    assert send_due(hooks, now=1005) == 0, "it waits"
    assert send_due(hooks, now=1010) == 1
    assert send_due(hooks, now=1010 + BACKOFF_S[1]) == 1
    (one,) = hooks.log()
    assert (one.tries, one.status, one.done, one.due) == (3, 204, True, None)
    assert send_due(hooks, now=10**6) == 0
    assert len(failing_twice.came) == 3, "a redirect is not followed"
    bodies = {body for _, body in failing_twice.came}
    assert len(bodies) == 1
    told = json.loads(bodies.pop())
    assert (told["event"], told["job_id"], told["id"]) == ("job.done", "j1", one.delivery_id)
    check = Check(hook.secret)
    headers, body = failing_twice.came[-1]
    assert check.accepts(headers[HEADER], body, now=1070)
    assert not check.accepts(headers[HEADER], body, now=1071), "replayed"


def test_a_receiver_that_never_answers_is_given_up(home: Home) -> None:
    hooks = Hooks(home)
    hooks.add("http://127.0.0.1:9/x", [], private=True)
    hooks.queue(Event.JOB_DONE, {}, now=0)
    now = 0.0
    for pause in (*BACKOFF_S, 0):
        assert send_due(hooks, now=now) == 1
        now += pause
    (one,) = hooks.log()
    assert (one.done, one.due, one.tries) == (False, None, len(BACKOFF_S) + 1)
    assert "refused" in one.error.lower()


def test_the_documented_check_refuses_what_is_old_forged_or_seen() -> None:
    body = b'{"event":"job.done"}'
    made = sign("secret", body, 1000)
    assert Check("secret").accepts(made, body, now=1000 + TOLERANCE_S)
    assert not Check("secret").accepts(made, body, now=1001 + TOLERANCE_S)
    assert not Check("other").accepts(made, body, now=1000)
    assert not Check("secret").accepts(made, body + b" ", now=1000)
    later = made.replace("t=1000", "t=1200")
    assert not Check("secret").accepts(later, body, now=1200), "the time is signed too"
    for odd in ("", "t=", "t=x,v1=", "v1=ü", "t=99999999999999,v1=0", made + ",v1=0"):
        assert not Check("secret").accepts(odd, body, now=1000)


@pytest.mark.parametrize(
    "address",
    ["https://127.0.0.1/x", "https://localhost/x", "https://10.0.0.1/", "https://[::1]/",
     "https://169.254.169.254/latest", "https://[::ffff:127.0.0.1]/", "http://example.org/",
     "ftp://example.org/", "https://", "https://user:pw@example.org/", "nothing"],
)  # fmt: skip
def test_private_and_odd_addresses_are_refused(home: Home, address: str) -> None:
    with pytest.raises(SettingsError):
        Hooks(home).add(address, [])
    assert Hooks(home).list() == ()


def test_a_name_that_leads_elsewhere_later_is_not_followed(
    home: Home, failing_twice: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is looked up anew for each try, and a private number refused then too."""
    import socket
    from dataclasses import asdict, replace

    hooks = Hooks(home)
    hook = hooks.add(failing_twice.address, [], private=True)
    hooks._write("hooks", [asdict(replace(hook, private=False))])
    hooks.queue(Event.JOB_DONE, {}, now=0)
    send_due(hooks, now=0)
    assert failing_twice.came == []
    assert "private network" in hooks.log()[0].error
    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]
    both = [*public, (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: public)
    assert check_address("example.org", 443, private=False) == "93.184.216.34"
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: both)
    with pytest.raises(SettingsError, match="private"):
        check_address("example.org", 443, private=False)


def test_what_ends_is_told_once_and_nothing_of_before(store: Store) -> None:
    hooks = Hooks(store.home)
    hooks.add("https://127.0.0.1:9/x", [], private=True)
    old = store.run(AddJob(kind="demo", spec={}, title="Old"))
    store.run(UpdateJob(job_id=old, status=JobStatus.DONE))
    assert notice(store, hooks) == 0, "the first look learns what there is"
    new = store.run(AddJob(kind="demo", spec={}, title="New"))
    assert notice(store, hooks) == 0
    store.run(UpdateJob(job_id=new, status=JobStatus.FAILED))
    assert notice(store, hooks) == 1
    assert notice(store, hooks) == 0
    (one,) = hooks.log()
    assert (one.body["job_id"], one.body["status"]) == (new, "failed")
    assert "title" not in one.body, "ids alone"


def test_the_job_that_was_queued_first_and_ends_last_is_told(store: Store) -> None:
    hooks = Hooks(store.home)
    hooks.add("https://127.0.0.1:9/x", [], private=True)
    first = store.run(AddJob(kind="demo", spec={}, title="First"))
    with store.transaction() as cursor:
        cursor.execute(
            "INSERT INTO jobs (job_id, kind, status, created, updated) SELECT 'z' || i, 'demo', "
            "'done', now()::TIMESTAMP, now()::TIMESTAMP FROM range(2500) AS t (i)"
        )
    assert notice(store, hooks) == 0
    store.run(UpdateJob(job_id=first, status=JobStatus.DONE))
    assert notice(store, hooks) == 1
    (one,) = hooks.log()
    assert (one.body["job_id"], one.body["session_id"]) == (first, None)


def test_an_address_that_is_removed_is_told_no_more(home: Home, failing_twice: Receiver) -> None:
    hooks = Hooks(home)
    hook = hooks.add(failing_twice.address, [], private=True)
    assert home.webhooks.joinpath("hooks.json").stat().st_mode & 0o077 == 0
    hooks.queue(Event.JOB_DONE, {}, now=0)
    hooks.remove(hook.hook_id)
    assert send_due(hooks, now=0) == 0
    assert failing_twice.came == []
    assert hooks.log()[0].error == "the address was removed"
    with pytest.raises(SettingsError, match="no webhook"):
        hooks.remove("x")


@pytest.mark.parametrize("text", ['[{"hook_id": "a"}]', "[1]", '{"a": 1}', "{", "7"])
def test_damaged_addresses_are_told_in_words(home: Home, text: str) -> None:
    hooks = Hooks(home)
    hooks.add("https://127.0.0.1/told", [], private=True)
    for name, read in (("hooks", hooks.list), ("log", hooks.log)):
        (home.webhooks / f"{name}.json").write_text(text)
        with pytest.raises(SettingsError, match=f"{name}.json is damaged"):
            read()


def test_what_ended_while_nobody_was_told_is_no_news(home: Home, store: Store) -> None:
    hooks = Hooks(home)
    first = hooks.add("https://127.0.0.1/told", [], private=True)
    assert notice(store, hooks) == 0
    hooks.remove(first.hook_id)
    store.run(AddJob(kind="analyze", spec={}, title="A film", job_id="over"))
    store.run(UpdateJob(job_id="over", status=JobStatus.DONE))
    hooks.add("https://127.0.0.1/other", [], private=True)
    assert not hooks.marked
    assert notice(store, hooks) == 0
    assert hooks.marked
