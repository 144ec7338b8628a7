"""Sources of `rapt live`: files at their own speed, streams that break off, cameras that are
not there."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import av
import cv2
import pytest

from fer_core.errors import VideoError
from fer_core.home import Home
from fer_core.live import Engines, LiveSession, LiveSpec
from fer_core.live.capture import Feed, LiveSource, Playing, open_camera
from tests.films import portrait_film
from tests.live.pictures import portrait
from tests.waiting import until


def test_a_source_is_told_by_its_form(tmp_path: Path) -> None:
    film = tmp_path / "room 3.mp4"
    film.touch()
    assert LiveSource.parse("0") == LiveSource("camera", "/dev/video0")
    assert LiveSource.parse("0").name == "Camera 0"
    assert LiveSource.parse(str(film)).name == "room 3"
    address = LiveSource.parse("rtsp://anna:secret@cam.local:554/live?token=1")
    assert address.shown == "rtsp://cam.local:554/live"
    assert "secret" not in address.name
    with pytest.raises(VideoError, match="no file"):
        LiveSource.parse("nothing.mp4")
    with pytest.raises(VideoError, match="no kind of stream"):
        LiveSource.parse("gopher://there")


def test_a_camera_that_is_not_there_is_one_line() -> None:
    with pytest.raises(VideoError, match="no camera /dev/video97"):
        open_camera("/dev/video97")


def test_a_file_plays_at_its_own_speed_and_ends(
    home: Home, engines: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = portrait_film(tmp_path / "film.mp4", frames=50)  # two seconds
    session = LiveSession(home, LiveSpec("Played"), engines)
    feed = Feed(LiveSource.parse(str(film)), session, Playing())
    waits: list[float] = []
    wait = feed._stop.wait
    monkeypatch.setattr(feed._stop, "wait", lambda s: (waits.append(s), wait(s))[1])
    feed.start()
    assert feed.wait(60)
    assert len(waits) == 50, "each picture is held back until it is due"
    assert feed.error is None
    summary = session.stop()
    assert summary.offered == 50
    assert summary.frames + summary.dropped == 50
    assert abs(summary.duration_s - 2.0) < 0.2


def test_a_file_can_go_faster_and_round_and_round(
    home: Home, engines: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = portrait_film(tmp_path / "film.mp4", frames=50)
    session = LiveSession(home, LiveSpec("Looped"), engines)
    feed = Feed(
        LiveSource.parse(str(film)), session, Playing(fps=5, fast=True, loop=True, seconds=30)
    )
    waits: list[float] = []
    monkeypatch.setattr(feed._stop, "wait", waits.append)
    feed.start()
    assert feed.wait(120)
    assert feed.error is None
    assert waits == [], "no picture is held back"
    summary = session.stop()
    assert summary.dropped == 0
    assert summary.frames == 150
    assert abs(summary.duration_s - 30) < 0.3
    assert summary.viewers == 1


def test_a_stream_that_breaks_off_is_opened_again(home: Home, engines: Engines) -> None:
    with _camera_on_the_net(breaks_after=40) as (address, calls):
        session = LiveSession(home, LiveSpec("Net"), engines)
        feed = Feed(LiveSource.parse(address), session, Playing(seconds=None, patience_s=20))
        feed.start()
        until(lambda: len(calls) >= 3)
        feed.stop()
    summary = session.stop()
    assert feed.reconnects >= 2
    assert summary.frames > 12
    assert summary.duration_s > 4, "each connection begins its own times at 0"
    assert summary.viewers == 1


def test_a_camera_that_is_pulled_out_is_waited_for_and_time_runs_on(
    home: Home, engines: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A film without a length stands for the camera; it is there twice, in between it is not."""
    film = tmp_path / "camera.mjpeg"
    film.write_bytes(cv2.imencode(".jpg", portrait()[..., ::-1])[1].tobytes() * 10)
    there = iter([True, False, True])

    def plug(_device: str) -> object:
        if next(there, False):
            return av.open(str(film), format="mjpeg", options={"framerate": "25"})
        raise VideoError("/dev/video0 gives no picture (no such device).")

    monkeypatch.setattr("fer_core.live.capture.open_camera", plug)
    session = LiveSession(home, LiveSpec("Pulled out"), engines)
    feed = Feed(LiveSource("camera", "/dev/video0"), session, Playing(seconds=3.5))
    feed.start()
    assert feed.wait(30)
    assert feed.error is None
    assert feed.reconnects >= 2
    summary = session.stop()
    assert summary.offered == 20
    assert summary.duration_s > 1.4, "half a second and a second of waiting are in it"


def test_a_stream_that_never_answers_is_given_up(home: Home, engines: Engines) -> None:
    session = LiveSession(home, LiveSpec("Nobody"), engines)
    feed = Feed(LiveSource.parse("http://127.0.0.1:9/cam"), session, Playing(patience_s=0.2))
    feed.start()
    assert feed.wait(20)
    assert session.stop().frames == 0
    assert "gave no picture for 0 s (does not answer (connection refused))" in str(feed.error)


def _stream(frames: int) -> Iterator[bytes]:
    """A picture of a face ten times a second, as an MPEG transport stream."""
    out = BytesIO()
    with av.open(out, "w", format="mpegts") as container:
        stream = container.add_stream("mpeg2video", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.gop_size = 1
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(portrait(), format="rgb24")
            frame.pts, frame.time_base = index * 2, Fraction(1, 25)
            container.mux(stream.encode(frame))
            yield out.getvalue()
            out.seek(0)
            out.truncate()


@contextmanager
def _camera_on_the_net(breaks_after: int) -> Iterator[tuple[str, list[float]]]:
    """A camera that hangs up on every caller after so many pictures; its address, its calls."""
    calls: list[float] = []

    class Camera(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(time.monotonic())
            self.send_response(200)
            self.send_header("Content-Type", "video/mp2t")
            self.end_headers()
            for piece in _stream(breaks_after):
                try:
                    self.wfile.write(piece)
                    self.wfile.flush()
                except OSError:
                    return
                time.sleep(0.08)

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Camera)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/live", calls
    finally:
        server.shutdown()
        server.server_close()
