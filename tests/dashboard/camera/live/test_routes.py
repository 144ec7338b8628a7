"""What the live page may ask of the server, and who may ask it."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette

from dashboard.camera.connection.network import IceServer
from dashboard.camera.live.data import live_service
from dashboard.camera.live.picture import Layers
from dashboard.camera.live.routes import TOKEN, live_routes
from dashboard.camera.live.run import Run
from dashboard.shared.web.guard import HEADER
from dashboard.state import AppState
from tests.dashboard.camera.live.feeding import feed
from tests.waiting import until


@contextmanager
def served(app: Starlette) -> Iterator[Callable[..., tuple[int, Any]]]:
    """The routes on a real socket; yields what asks them. ``here`` is their own origin."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()

    def ask(
        method: str, path: str, body: Any = None, *, here: bool = True, **headers: str
    ) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        origin = {"Origin": f"http://127.0.0.1:{port}" if here else "http://elsewhere"}
        content = None if body is None else json.dumps(body)
        connection.request(method, path, content, {**origin, **headers})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text) if text else None

    until(lambda: server.started)
    yield ask
    server.should_exit = True
    thread.join(timeout=10)


def test_routes_take_only_their_own_page_and_their_own_run(state: AppState) -> None:
    answered: list[tuple[str, tuple[IceServer, ...]]] = []

    def connect(run: Run, sdp: str, servers: Sequence[IceServer]) -> str:
        answered.append((sdp, tuple(servers)))
        return "v=1"

    ours = {HEADER: state.guard.sign(TOKEN)}
    asked = {"offer": {"type": "offer", "sdp": "v=0"}, "agreed": True, "name": "By route",
             "purpose": "event"}  # fmt: skip
    with served(Starlette(routes=live_routes(lambda: state, connect))) as ask:
        for headers, here, body, expected in (
            ({}, True, asked, 403),
            (ours, False, asked, 403),
            (ours, True, {**asked, "agreed": False}, 422),
            (ours, True, {**asked, "offer": {}}, 400),
            (ours, True, {**asked, "purpose": ""}, 422),
            (ours, True, {**asked, "purpose": "work", "exception": "medical"}, 422),
            (ours, True, {**asked, "stimulus": "Talk"}, 422),
        ):
            status, said = ask("POST", "/live", body, here=here, **headers)
            assert (status, bool(said["error"])) == (expected, True)
        assert live_service(state).running == []

        _, begun = ask("POST", "/live", asked, **ours)
        assert answered == [("v=0", ())]
        assert begun["answer"] == {"type": "answer", "sdp": "v=1"}
        where, key = f"/live/{begun['run']}", f"k={begun['key']}"
        assert ask("GET", where)[0] == 404
        assert ask("GET", f"{where}?k={'0' * 40}")[0] == 404
        assert ask("GET", f"{where}?{key}")[1]["state"] == "running"
        run = live_service(state).run(begun["run"])
        assert run is not None
        feed(run, 4)
        assert ask("POST", f"{where}/do?{key}", {"do": "mark"}, here=False)[0] == 403
        for what in (
            {"do": "mark", "name": "Logo"},
            {"do": "note", "text": "Noise"},
            {"do": "layers", "layers": {"boxes": False, "blur": True}},
            {"do": "pause"},
        ):
            status, said = ask("POST", f"{where}/do?{key}", what)
            assert status == 200
        assert said["state"] == "paused"
        assert run.layers == Layers(boxes=False, blur=True)
        assert ask("POST", f"{where}/do?{key}", {"do": "dance"})[0] == 400
        ask("POST", f"{where}/do?{key}", {"do": "stop"})
        until(lambda: not run.running)
        assert ask("POST", f"{where}/do?{key}", {"do": "mark"})[0] == 409
        assert ask("GET", f"{where}?{key}")[1]["done"]["name"] == "By route"
