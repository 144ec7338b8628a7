"""The app's own HTTP, over a real socket."""

from __future__ import annotations

import hashlib
import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dashboard.shared.web.guard import HEADER

SERVER = """
import pathlib, socket, sys
import uvicorn
from starlette.applications import Starlette
from dashboard.audience.replay import media
from dashboard.audience.replay.routes import media_routes
from dashboard.shared.web.upload import uploads
from dashboard.shared.web.guard import Guard
from dashboard.shared.web.upload.routes import upload_routes
from fer_core.home import Home

root = pathlib.Path(sys.argv[1])

class State:
    guard = Guard(b"test")
    home, store = Home(root), None
    kept = None
    def service(self, make):
        self.kept = self.kept or make(self)
        return self.kept

def told(home, store, arrived):
    return {"digest": arrived.digest, "path": str(arrived.path), "options": arrived.options}

media.recording = lambda store, session_id: root / "clip.mp4" if session_id == "s1" else None
uploads.upload_limit = lambda store: 400_000_000
uploads.most_uploaded = lambda store: 10**12
uploads.files_in_use = lambda store: set()
state = State()
uploads.upload_service(state).receive("", told)
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
print(listener.getsockname()[1], flush=True)
app = Starlette(routes=[*upload_routes(lambda: state), *media_routes(lambda: state)])
uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])
"""


@dataclass
class Server:
    port: int
    pid: int
    folder: Path
    token: str

    def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any, http.client.HTTPResponse]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {
            HEADER: self.token,
            "Origin": f"http://127.0.0.1:{self.port}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        if isinstance(body, dict):
            body = json.dumps(body)
        connection.request(method, path, body, {k: v for k, v in sent.items() if v})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        kind = answer.headers.get("content-type", "")
        return answer.status, json.loads(content) if "json" in kind else content, answer

    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    from dashboard.shared.web.guard import Guard

    folder = tmp_path_factory.mktemp("server")
    (folder / "clip.mp4").write_bytes(bytes(range(256)) * 100)
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    port = int(process.stdout.readline())
    yield Server(port, process.pid, folder, Guard(b"test").token)
    process.terminate()
    process.wait(timeout=10)


def begin(server: Server, name: str, size: int, **headers: str) -> tuple[int, Any]:
    body = {"name": name, "size": size, "changed": 1, "options": {"fps": 5}}
    status, answer, _ = server.ask("POST", "/upload", body, **headers)
    return status, answer


def test_a_file_arrives_in_pieces_and_is_taken_in_once_whole(server: Server) -> None:
    content = b"rapt" * 5000
    status, begun = begin(server, "clip.mp4", len(content))
    assert (status, begun["offset"]) == (200, 0)
    where = f"/upload/{begun['id']}?offset="
    assert server.ask("PUT", where + "0", content[:7000])[:2] == (200, {"offset": 7000})
    assert server.ask("PUT", where + "0", content[:10])[:2] == (409, {"offset": 7000})
    status, done, _ = server.ask("PUT", where + "7000", content[7000:])
    assert status == 200
    assert done["done"] is True
    assert done["digest"] == hashlib.sha256(content).hexdigest()
    assert done["options"] == {"fps": 5}
    assert Path(done["path"]).read_bytes() == content


@pytest.mark.parametrize(
    "headers",
    [
        {HEADER.replace("-", "_"): ""},
        {HEADER.replace("-", "_"): "guessed"},
        {"Origin": "http://elsewhere.example"},
        {"Origin": ""},
        {"Origin": "null"},
    ],
)
def test_a_page_that_is_not_ours_can_send_nothing(server: Server, headers: dict[str, str]) -> None:
    status, answer = begin(server, "clip.mp4", 10, **headers)
    assert status == 403
    assert "Reload" in answer["hint"]


def test_refusals_come_in_words(server: Server) -> None:
    status, answer = begin(server, "long.mp4", 500_000_000)
    assert status == 413
    assert answer["error"] == "long.mp4 is larger than the limit of 0.4 GB."
    assert server.ask("POST", "/upload", "{not json")[0] == 400
    assert server.ask("POST", "/upload", {"name": 3})[0] == 400
    assert server.ask("PUT", "/upload/..%2F..%2Fx?offset=0", b"x")[0] in (400, 404)
    assert server.ask("PUT", f"/upload/{'0' * 24}?offset=0", b"x")[0] == 404
    assert server.ask("PUT", f"/upload/{'0' * 24}?offset=-1", b"x")[0] == 400


def test_a_recording_is_served_by_ranges_to_who_has_its_key(server: Server) -> None:
    from dashboard.shared.web.guard import Guard

    key = Guard(b"test").sign("clip:s1")
    assert server.ask("GET", "/clip/s1")[0] == 404
    assert server.ask("GET", f"/clip/s1?k={Guard(b'test').sign('clip:s2')}")[0] == 404
    status, content, answer = server.ask("GET", f"/clip/s1?k={key}", Range="bytes=256-259")
    assert (status, content) == (206, bytes([0, 1, 2, 3]))
    assert answer.headers["content-range"] == "bytes 256-259/25600"


def test_the_charts_script_comes_from_this_machine(server: Server) -> None:
    status, content, answer = server.ask("GET", "/plotly-7.0.0.min.js")
    assert status == 200
    assert b"plotly.js v" in content[:200]
    assert "immutable" in answer.headers["cache-control"]


def test_a_large_upload_leaves_memory_flat(server: Server) -> None:
    size, piece = 300_000_000, 8_000_000
    before = server.memory_mb()
    _, begun = begin(server, "large.mp4", size)
    block, offset = unrepeating(piece), 0
    while offset < size:
        part = block[: min(piece, size - offset)]
        status, answer, _ = server.ask("PUT", f"/upload/{begun['id']}?offset={offset}", part)
        assert status == 200
        offset += len(part)
    assert answer["done"]
    # buffers of a request and of the server's sockets; the whole file would be 300 MB
    assert server.memory_mb() - before < 30
    Path(answer["path"]).unlink()


def unrepeating(size: int) -> bytes:
    """Bytes that do not repeat within a block, made in no time."""
    return hashlib.shake_128(b"rapt").digest(1_000_003) * (size // 1_000_003 + 1)
