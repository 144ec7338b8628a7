"""What the Label page's own script asks."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

from starlette.applications import Starlette

from dashboard.lab.label.routes import label_routes
from dashboard.shared.web.guard import HEADER, Guard
from fer_core.access.audit import AuditLog
from fer_core.home import Home
from fer_core.storage import Store
from tests.lab import KeepFaces


def post(app: Any, path: str, value: Any, headers: dict[str, str]) -> tuple[int, Any]:
    """One request to the app, without a server."""
    body, sent = json.dumps(value).encode(), []
    heads = {"host": "testserver", "content-length": str(len(body)), **headers}
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(),
        "query_string": b"", "http_version": "1.1", "scheme": "http", "root_path": "",
        "headers": [(k.lower().encode(), v.encode()) for k, v in heads.items()],
        "server": ("testserver", 80), "client": ("testclient", 1),
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    content = b"".join(one.get("body", b"") for one in sent)
    return sent[0]["status"], json.loads(content)


def test_only_our_own_pages_can_ask_for_faces_and_label_them(
    home: Home, store: Store, keep_faces: KeepFaces
) -> None:
    keep_faces("s1", (0.9, 0.5))

    state = SimpleNamespace(guard=Guard(b"test"), home=home, store=store, audit=AuditLog(home))
    app = Starlette(routes=label_routes(lambda: state))  # type: ignore[arg-type, return-value]
    ours = {HEADER: state.guard.token, "Origin": "http://testserver"}
    wish = {"labeller": "ann"}
    for headers in ({}, {**ours, HEADER: "guess"}, {**ours, "Origin": "http://elsewhere"}):
        for path in ("faces", "label", "undo"):
            assert post(app, f"/lab/{path}", wish, headers)[0] == 403
    _, faces = post(app, "/lab/faces", wish, ours)
    assert [face["item"] for face in faces["faces"]] == ["s1/25/0", "s1/0/0"]
    label = {"id": "l1", "item": "s1/25/0", "say": "sad", "labeller": "ann", "t_ms": 1000}
    assert post(app, "/lab/label", label, ours) == (200, {"id": "l1"})
    assert post(app, "/lab/faces", wish, ours)[1]["left"] == 1
    assert post(app, "/lab/undo", {"id": "l1"}, ours) == (200, {"undone": True})
    status, refused = post(app, "/lab/label", {**label, "id": "l2", "say": "x"}, ours)
    assert status == 422
    assert "cannot be" in refused["error"]
