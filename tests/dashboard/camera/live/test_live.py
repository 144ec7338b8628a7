"""The desk of live sessions: limits, ends, and a stream that nothing stops."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
import uvicorn
from aiortc.rtp import RtpPacket
from skimage.data import astronaut
from starlette.applications import Starlette

from dashboard.camera.live import data as live_desk
from dashboard.camera.live.data import LIMIT_SETTING, LiveOptions, LiveRefused, Run, live_service
from dashboard.camera.live.picture import Layers, Painter
from dashboard.camera.live.routes import TOKEN, live_routes
from dashboard.camera.live.webrtc import Prompt
from dashboard.shared.web.guard import HEADER
from dashboard.state import AppState
from fer_core.errors import RaptError
from fer_core.faces import make_detector
from fer_core.home import Home
from fer_core.live.values import LiveFace, LiveView
from fer_core.types import Bytes

SIZE = (640, 360)
FACE = LiveFace(
    1, (260.0, 120.0, 80.0, 100.0), 1.0, (0.05, 0.05, 0.1, 0.5, 0.1, 0.1, 0.1), "happy", 0.5,
    1.0, 70.0, 0.3, True, "",
)  # fmt: skip


@pytest.fixture(scope="module")
def networks(request: pytest.FixtureRequest) -> Path:
    """The exported face networks: made once a machine, not once a home."""
    assert request.config.cache is not None
    folder = Path(request.config.cache.mkdir("face-networks"))
    make_detector("mtcnn", cache=folder)
    return folder


@pytest.fixture
def state(home: Home, networks: Path) -> Iterator[AppState]:
    home.root.mkdir(parents=True)
    home.cache.symlink_to(networks)
    opened = AppState(home)
    yield opened
    opened.close()


def room(faces: int = 1) -> np.ndarray:
    picture = np.full((SIZE[1], SIZE[0], 3), 96, np.uint8)
    portrait = cv2.resize(astronaut()[:240, 100:340], (220, 220))
    for place in range(faces):
        picture[60:280, 40 + 280 * place : 260 + 280 * place] = portrait
    return picture


def frame(picture: np.ndarray, t_ms: int | None) -> av.VideoFrame:
    made = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
    made.pts = None if t_ms is None else 90 * t_ms
    made.time_base = Fraction(1, 90_000)
    return made


def feed(run: Run, pictures: int = 8, start_ms: int = 0) -> None:
    """As many pictures as are to be analysed, each when the one before is done: sent on as well,
    which comes after it was counted."""
    done = threading.Semaphore(0)
    drawn = run.session.on_result
    assert drawn is not None

    def then(rgb: Bytes, view: LiveView) -> None:
        try:
            drawn(rgb, view)
        finally:
            done.release()

    run.session.on_result = then
    for turn in range(pictures):
        run.take(frame(room(), start_ms + 100 * turn))
        assert done.acquire(timeout=20)
    run.session.on_result = drawn


def until(what: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_run_is_shown_drawn_marked_and_written(state: AppState) -> None:
    run = live_service(state).open(LiveOptions(name="Room", study="Evening", condition="A"))
    pictures: list[av.VideoFrame] = []
    hung_up = threading.Event()
    run.wire(pictures.append, hung_up.set)
    feed(run)
    assert len(pictures) == 8
    times = [picture.pts for picture in pictures]
    assert times == sorted(set(times))
    drawn = pictures[-1].to_ndarray(format="rgb24").astype(int)
    assert (np.abs(drawn - room()).max(axis=2) > 60).sum() > 500

    run.layers = Layers(picture=False)
    feed(run, 2, 800)
    assert len(pictures) == 8
    run.take(frame(room(), None))  # no time of its own: counted, and the stream goes on
    run.mark("speaker two", run.session.now_ms - 300)
    run.mark("")
    run.note("The door was open")
    told = run.view()
    assert (told["state"], told["people"], told["frames"], told["errors"]) == ("running", 1, 10, 1)
    assert [mark["name"] for mark in told["markers"]] == [
        "speaker two", "Marker 2", "The door was open",
    ]  # fmt: skip
    assert told["markers"][0]["t"] < told["markers"][1]["t"]
    run.pause()
    run.take(frame(room(), 1200))
    assert run.view()["state"] == "paused"
    run.resume()
    feed(run, 1, 1300)

    run.ended()  # as when the stream is over: it does not wait
    until(lambda: not run.running)
    assert hung_up.wait(5)
    told = run.view()
    assert told["state"] == "ended"
    assert told["done"]["frames"] == 11
    row = state.store.session(told["done"]["session"])
    assert (row["status"], row["kind"], row["study"], row["viewers"]) == (
        "done", "live", "Evening", 1,
    )  # fmt: skip
    assert live_service(state).running == []


def test_a_browser_that_cannot_keep_up_is_sent_fewer_pictures(state: AppState) -> None:
    run = live_service(state).open(LiveOptions())
    pictures: list[av.VideoFrame] = []
    run.wire(pictures.append, lambda: None)
    feed(run, 5)
    assert len(pictures) == 5
    for _ in range(20):
        run.late(900)
    feed(run, 11, 500)  # 1.1 s
    assert 1 <= len(pictures) - 5 <= 3
    for _ in range(60):
        run.late(20)
    before = len(pictures)
    feed(run, 5, 1600)
    assert len(pictures) - before == 5
    assert run.view()["frames"] == 21  # what is measured does not depend on it


def test_there_are_no_more_than_the_setting_allows(state: AppState) -> None:
    live_service(state).set_limit(2)
    assert state.store.setting(LIMIT_SETTING) == 2
    first, second = live_service(state).open(LiveOptions()), live_service(state).open(LiveOptions())
    with pytest.raises(LiveRefused, match="2 live sessions run on this server"):
        live_service(state).open(LiveOptions())
    first.finish()
    assert first.view()["done"] is None  # no picture came: nothing stays
    third = live_service(state).open(LiveOptions())
    assert {run.id for run in live_service(state).running} == {second.id, third.id}
    # followed apart: a face in one is nobody in the other
    feed(second, 4)
    assert (second.view()["people"], third.view()["people"]) == (1, 0)


def test_a_camera_that_falls_silent_ends_its_session(
    state: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = live_service(state).open(LiveOptions(name="Silent"))
    feed(run, 3)
    monkeypatch.setattr(live_desk, "SILENT_S", 0.5)
    until(lambda: not run.running)
    told = run.view()
    assert told["words"] == live_desk.SILENT
    assert told["done"]["frames"] == 3


def test_a_server_that_stops_writes_what_runs(home: Home, networks: Path) -> None:
    home.root.mkdir(parents=True)
    home.cache.symlink_to(networks)
    state = AppState(home)
    run = live_service(state).open(LiveOptions(name="Until the end"))
    feed(run, 3)
    state.close()
    again = AppState(home)
    row = again.store.session(run.session.session_id)
    again.close()
    assert (row["status"], row["frames"]) == ("done", 3)


def test_drawing_that_fails_is_counted_and_the_session_goes_on(state: AppState) -> None:
    run = live_service(state).open(LiveOptions())

    def broken(_picture: av.VideoFrame) -> None:
        raise RuntimeError("no more paint")

    run.wire(broken, lambda: None)
    feed(run, 7)
    until(lambda: run.view()["errors"] >= 7)
    told = run.view()
    assert told["frames"] == 7
    assert "Many pictures cannot be analysed" in told["words"]
    run.finish()
    assert run.view()["done"]["frames"] == 7


def test_a_session_that_cannot_be_written_is_said_and_hung_up(
    state: AppState, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = live_service(state).open(LiveOptions())
    hung_up = threading.Event()
    run.wire(lambda picture: None, hung_up.set)
    feed(run, 2)
    stop = run.session.stop

    def full(reason: str) -> dict[str, object]:
        stop(reason)
        raise RaptError("The disk is full.")

    monkeypatch.setattr(run.session, "stop", full)
    run.finish()
    told = run.view()
    assert (told["state"], told["done"]) == ("ended", None)
    assert told["words"] == "The session could not be written."
    assert "The disk is full" in told["hint"]
    assert hung_up.is_set()


def test_layers_are_drawn_one_by_one_and_a_blurred_face_is_gone() -> None:
    picture = room(2)
    painter = Painter()

    def paint(**layers: bool) -> np.ndarray:
        off = {"boxes": False, "names": False, "bars": False}
        return painter.paint(picture, 0, [FACE], Layers(**{**off, **layers}))

    assert np.array_equal(paint(), picture)
    for layer in ("boxes", "names", "bars"):
        assert not np.array_equal(paint(**{layer: True}), picture)
    blurred = paint(blur=True)[120:220, 260:340]
    assert np.abs(np.diff(blurred.astype(int), axis=1)).max() < 12
    # missed for a moment, the face stays blurred; then it is not known to be there
    held = painter.paint(picture, 600, [], Layers(blur=True, boxes=False))
    assert np.abs(np.diff(held[120:220, 260:340].astype(int), axis=1)).max() < 12
    assert np.array_equal(painter.paint(picture, 1600, [], Layers(blur=True)), picture)
    # at the edge and beyond it nothing breaks
    edge = LiveFace(2, (-30.0, 330.0, 90.0, 90.0), 1.0, (), None, 0, 0, 0, 0, False, "cut")
    assert painter.paint(picture, 2000, [edge], Layers(blur=True)).shape == picture.shape


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
    answered: list[dict[str, object]] = []

    def connect(run: Run, offer: dict[str, object], rtc: dict[str, object]) -> dict[str, str]:
        answered.append(rtc)
        return {"type": "answer", "sdp": "v=0"}

    ours = {HEADER: state.guard.sign(TOKEN)}
    asked = {"offer": {"type": "offer", "sdp": "v=0"}, "agreed": True, "name": "By route"}
    with served(Starlette(routes=live_routes(lambda: state, connect))) as ask:
        for headers, here, body, expected in (
            ({}, True, asked, 403),
            (ours, False, asked, 403),
            (ours, True, {**asked, "agreed": False}, 422),
            (ours, True, {**asked, "offer": {}}, 400),
            (ours, True, {**asked, "stimulus": "Talk"}, 422),
        ):
            status, said = ask("POST", "/live", body, here=here, **headers)
            assert (status, bool(said["error"])) == (expected, True)
        assert live_service(state).running == []

        _, begun = ask("POST", "/live", asked, **ours)
        assert answered == [{"iceServers": []}]
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


def packet(number: int, t: int, data: bytes, marker: bool = False) -> RtpPacket:
    made = RtpPacket(payload_type=96, sequence_number=number, timestamp=t, marker=int(marker))
    made._data = data  # type: ignore[attr-defined]
    return made


def test_a_frame_is_given_with_its_last_packet_in_any_order() -> None:
    buffer = Prompt(capacity=16, is_video=True)

    def add(*args: object, **more: object) -> tuple[bytes, int] | None:
        _, found = buffer.add(packet(*args, **more))  # type: ignore[arg-type]
        return None if found is None else (found.data, found.timestamp)

    assert add(65534, 100, b"a") is None
    assert add(65535, 100, b"b", marker=True) == (b"ab", 100)
    assert add(0, 100, b"") is None  # padding after a frame is no frame
    assert add(2, 200, b"d", marker=True) is None  # its first part is still on the way
    assert add(1, 200, b"c") == (b"cd", 200)
    assert add(3, 300, b"e") is None  # a sender without markers: the next one tells
    assert add(4, 400, b"f", marker=True) == (b"e", 300)
    assert add(5, 500, b"g", marker=True) in ((b"f", 400), (b"g", 500))


def test_errors_of_a_session_are_words(state: AppState) -> None:
    run = live_service(state).open(LiveOptions())
    with pytest.raises(RaptError, match="needs a name"):
        run.note("   ")
