"""What a respondent's device loads to read the face itself: scripts, runtime, networks, table."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final, TypedDict

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from dashboard.camera.respondents.camera_check import check_table
from fer_core.errors import RaptError
from fer_core.files import sha256_of
from fer_core.home import Home
from fer_core.zoo.model_store import StoredModel, find_model

if TYPE_CHECKING:
    from fer_core.web.folder import WebFolder

KINDS: Final = {".js": "text/javascript", ".wasm": "application/wasm", ".json": "application/json"}
#: Addresses below this one carry a digest of what they give, so that they never change.
FILES: Final = "device/"
#: The worker's own rules: it may run WebAssembly, and ask this server alone.
WORKER_RULES: Final = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
_FOREVER: Final = "public, max-age=31536000, immutable"
#: A device that reads fewer pictures a second leaves it to the server.
SLOWEST_HZ: Final = 5.0
#: One that is not ready so long after the camera is open leaves it as well.
READY_S: Final = 20.0
#: How often the folder and the model in use are looked for on the disk, in seconds.
LOOK_EVERY_S: Final = 1.0


class OnDevice(TypedDict):
    """For the page: where the files are, how slow a device may be to read and to begin."""

    base: str
    slowest_hz: float
    ready_s: float


@dataclass(frozen=True, slots=True)
class Made:
    """The folder, the model in use, the table as JSON, a digest of what is given out."""

    folder: WebFolder
    stored: StoredModel
    table: bytes
    stamp: str


def _make(folder: WebFolder, stored: StoredModel) -> Made:
    from fer_core.web.folder import SCRIPTS

    table = json.dumps({**folder.table(stored), "check": check_table()}).encode()
    scripts = {one.name: sha256_of(one.read_bytes()) for one in SCRIPTS.iterdir()}
    given = json.dumps([folder.sums, scripts], sort_keys=True).encode()
    return Made(folder, stored, table, sha256_of(table + given)[:16])


class DeviceFiles:
    """One home's files. Nothing is loaded before the first visit."""

    def __init__(self, home: Home, look_every_s: float = LOOK_EVERY_S) -> None:
        self._home, self._look_every_s = home, look_every_s
        self._made_lock = Lock()
        self._kept: Made | None = None
        self._looked = 0.0

    def offer(self) -> OnDevice | None:
        """For the page; None where the runtime is not installed, or the model cannot run."""
        try:
            made = self._made()
        except RaptError:
            return None
        if made is None:
            return None
        return {
            "base": f"/r/-/{FILES}{made.stamp}/", "slowest_hz": SLOWEST_HZ, "ready_s": READY_S,
        }  # fmt: skip

    def versions(self) -> dict[str, str]:
        """What makes the numbers on a device, kept with the session."""
        from fer_core import __version__
        from fer_core.measures import measure_versions

        made = self._made()
        assert made is not None
        card = made.stored.card
        return {
            "rapt": __version__,
            "model": f"{card.name}@{card.files[card.default].sha256[:12]}",
            "detector": "mtcnn",
            "viewer": "alone/1",
            "reader": made.folder.runtime,
            **measure_versions(eyes=True),
        }

    def _made(self) -> Made | None:
        """What is given out now; made once for a folder and a model, however many ask at once."""
        from fer_core.web.folder import web_folder

        with self._made_lock:
            kept, now = self._kept, time.monotonic()
            if kept is not None and now < self._looked + self._look_every_s:
                return kept  # hundreds may come in a second
            folder = web_folder(self._home)
            if folder is None:
                self._kept = None
                return None
            stored = find_model(None, self._home)
            if kept is None or (kept.folder, kept.stored) != (folder, stored):
                kept = _make(folder, stored)
            self._kept, self._looked = kept, now
        return kept

    def answer(self, name: str, request: Request) -> Response:
        """A file by its address below ``FILES``: a stamp and a name."""
        from fer_core.web.folder import SCRIPTS

        made = self._made()
        stamp, _, name = name.removeprefix(FILES).partition("/")
        if made is None or stamp != made.stamp or Path(name).name != name:
            return Response(status_code=404)
        folder, stored = made.folder, made.stored
        headers = {"Cache-Control": _FOREVER, "X-Content-Type-Options": "nosniff"}
        kind = KINDS.get(Path(name).suffix, "application/octet-stream")
        if name == "table.json":
            return Response(made.table, media_type=kind, headers=headers)
        script = SCRIPTS.joinpath(name)
        if name.endswith(".js") and script.is_file():
            headers["Content-Security-Policy"] = WORKER_RULES
            return Response(script.read_bytes(), media_type=kind, headers=headers)
        if f"{name}.gz" in folder.sums and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return FileResponse(folder.path / f"{name}.gz", media_type=kind, headers=headers)
        if name in folder.sums:
            return FileResponse(folder.path / name, media_type=kind, headers=headers)
        entry = stored.card.files[stored.card.default]
        if name == f"{entry.sha256[:16]}.tflite":
            content = stored.content(stored.card.default)
            return Response(content, media_type=kind, headers=headers)
        return Response(status_code=404)
