"""What reads the bytes of a visit finds a picture in whichever way it is sent."""

from __future__ import annotations

import base64
import http.server
import json
import socket
import threading
from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from benchmarks.bytes_sent import BYTES_A_PICTURE, LONGEST_WORD, read_sent
from benchmarks.recording_proxy import recording
from tests.dashboard.camera.respondents.numbers import batch

KEY, TOKEN = "k" * 32, "a" * 48
GREY = np.random.default_rng(7).integers(0, 256, (48, 48), np.uint8)
JPEG = cv2.imencode(".jpg", GREY)[1].tobytes()
PNG = cv2.imencode(".png", GREY)[1].tobytes()
WEBP = cv2.imencode(".webp", GREY)[1].tobytes()


def request(name: str, body: bytes = b"", more: str = "") -> bytes:
    what = f"POST /r/{TOKEN}/{name}" if body else f"GET /r/{name}"
    head = f"{what} HTTP/1.1\r\nHost: here\r\nAccept: image/webp,image/apng,*/*\r\n{more}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode("ascii") + body


def numbers(data: str | None = None, **more: str) -> bytes:
    given = json.loads(batch(0.0, hz=20)) | {"told": []}
    value = {"visit": KEY, "n": 0, "data": data or json.dumps(given, separators=(",", ":"))}
    return request("numbers", json.dumps({**value, "signature": "f" * 64, **more}).encode())


def frames(face: object) -> str:
    return json.dumps({"size": [640, 480], "film": [], "told": [], "frames": [[0.0, face]]})


BEGIN = json.dumps({"read": "d" * 16, "respondent": "Ada", "language": "en"}).encode()
END = request("end", json.dumps({"visit": KEY, "how": "done"}).encode())
FACE = {"b": [1, 2, 3, 4], "s": 1, "p": [0] * 10, "e": [0] * 7, "w": "", "r": None}


def test_a_visit_of_numbers_has_nothing_against_it() -> None:
    sent = read_sent([request("x.js") + request("begin", BEGIN), numbers() + numbers() + END])
    assert sent.faults == []
    assert (sent.requests, sent.batches, sent.pictures) == (5, 2, 150)
    assert sent.names == {"begin", "end"}
    assert sent.largest_picture < BYTES_A_PICTURE


PLANTED = {
    "a JPEG as a body": (request("numbers", JPEG), "beginning of a picture"),
    "a PNG to an address of its own": (request("face", PNG), "beginning of a picture"),
    "a WebP after a request": (END + WEBP, "beginning of a picture"),
    "its values, without any head": (request("numbers", GREY.tobytes()), "no plain text"),
    "in base64, as a name": (
        request("begin", json.dumps({"respondent": base64.b64encode(JPEG[20:]).decode()})
                .encode()), "a word of more than",
    ),
    "in hexadecimal digits, beside numbers": (numbers(picture=GREY.tobytes().hex()), "a word"),
    "in short words": (numbers(picture=" ".join(map(str, GREY.ravel()))), "not the keys"),
    "as a face's numbers": (numbers(frames({**FACE, "p": GREY.ravel().tolist()})),
                            "something else than a face's"),
    "as reasons": (numbers(frames({**FACE, "w": "dark,12,255"})), "something else"),
    "as a key of a face": (numbers(frames({**FACE, "g": GREY.ravel().tolist()})), "else than"),
    "in long numbers": (numbers(frames({**FACE, "e": [int("9" * 63)] * 7})), "a number of more"),
    "in an address": (request("film/" + "Zm9v" * 40), "a head with too much"),
    "in a head": (request("x.js", more="X: " + "Zm9vYmFy " * 200 + "\r\n"), "a head with"),
    "in a cookie": (request("x.js", more="Cookie: a=1\r\n"), "or a cookie"),
    "by a websocket": (
        request("x.js", more="Connection: Upgrade\r\nUpgrade: websocket\r\n") + b"\x82\x05hello",
        "becomes another",
    ),
    "by WebRTC": (request("connect", b'{"visit": "k", "sdp": "v=0"}'), "POST connect"),
    "over TLS": (b"\x16\x03\x01\x02\x00\x01" + GREY.tobytes(), "illegal request line"),
    "in a request that never ends": (numbers()[:-40], "no whole request"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("planted", "fault"), [pytest.param(*how, id=name) for name, how in PLANTED.items()]
)
def test_a_planted_picture_is_found(planted: bytes, fault: str) -> None:
    found = read_sent([request("x.js"), planted]).faults
    assert any(fault in one for one in found), found


def test_a_word_may_be_as_long_as_a_signature() -> None:
    visit = {"visit": "a" * LONGEST_WORD, "device": True}
    assert read_sent([request("start", json.dumps(visit).encode())]).faults == []
    visit["visit"] = "a" * (LONGEST_WORD + 1)
    assert read_sent([request("start", json.dumps(visit).encode())]).faults != []


class Echo(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"film")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo) as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made.server_port
        made.shutdown()


def through(proxy: str, port: int, sent: bytes) -> bytes:
    """What comes back through the proxy from a port of this machine."""
    with socket.create_connection(("127.0.0.1", int(proxy.rpartition(":")[2]))) as connection:
        connection.sendall(b"\x05\x01\x00" + b"\x05\x01\x00\x01\x7f\x00\x00\x01")
        connection.sendall(port.to_bytes(2, "big") + sent)
        connection.shutdown(socket.SHUT_WR)
        found = b""
        while chunk := connection.recv(4096):
            found += chunk
    return found[12:]


def test_the_proxy_keeps_every_byte_and_leads_nowhere_else(server: int) -> None:
    asked = request("x.js")
    with recording("127.0.0.1", server) as proxy:
        answer = through(proxy.address, server, asked)
        assert through(proxy.address, server + 1, asked) == b""
    assert answer.endswith(b"film")
    first, second = proxy.connections
    assert (bytes(first.up), bytes(first.down)) == (asked, answer)
    assert (bytes(second.up), proxy.elsewhere) == (b"", {f"127.0.0.1:{server + 1}"})
