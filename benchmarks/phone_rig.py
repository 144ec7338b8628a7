"""A page in headless Chromium that runs the chain of ``fer_core/web``, and a server for it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

from fer_core.web.folder import SCRIPTS, WebFolder
from fer_core.zoo.model_store import StoredModel
from tests.e2e.conftest import find_browser

PAGE = """<!doctype html><title>chain</title><video id="film" muted playsinline></video>
<script type="module" src="/page.js"></script>"""
SCRIPT = """
import { Reader, CameraReader } from "/read/reader.js";
window.CameraReader = CameraReader;
window.opened = (async () => {
  const table = await (await fetch("/table.json")).json();
  const reader = new Reader("/read/");
  const began = performance.now();
  const alone = location.hash === "#alone";
  await reader.ask("open", { table, base: `${location.origin}/files/`, alone });
  window.reader = reader;
  return performance.now() - began;
})();
window.film = async (frames) => {
  await window.opened;
  const found = [];
  for (const [k, one] of frames.entries()) {
    const rgba = new Uint8ClampedArray(await (await fetch(`/frame/${k}`)).arrayBuffer());
    const value = { rgba, width: one.width, height: one.height, tMs: one.tMs };
    found.push(await window.reader.ask("read", value, [rgba.buffer]));
  }
  return found;
};
"""
CSP = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
    "connect-src 'self'; media-src 'self' blob:"
)
KINDS = {".js": "text/javascript", ".wasm": "application/wasm", ".json": "application/json"}


class Rig:
    """Answers the page's requests; ``frames`` are the pictures of the film that is read."""

    def __init__(self, folder: WebFolder, stored: StoredModel) -> None:
        self.frames: list[np.ndarray] = []
        self.table = folder.table(stored)
        model = {self.table["files"]["model"]["name"]: stored.content(stored.card.default)}
        rig = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = rig.answer(self.path.split("?")[0].split("#")[0], folder, model)
                self.send_response(200 if found else 404)
                kind, body = found or ("text/plain", b"")
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Security-Policy", CSP)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def answer(
        self, path: str, folder: WebFolder, model: dict[str, bytes]
    ) -> tuple[str, bytes] | None:
        kind = KINDS.get(Path(path).suffix, "application/octet-stream")
        name = path.rsplit("/", 1)[-1]
        if path == "/":
            return "text/html", PAGE.encode()
        if path == "/page.js":
            return kind, SCRIPT.encode()
        if path == "/table.json":
            return kind, json.dumps(self.table).encode()
        if path.startswith("/read/"):
            return kind, SCRIPTS.joinpath(name).read_bytes()
        if path.startswith("/frame/"):
            rgb = self.frames[int(name)]
            alpha = np.full((*rgb.shape[:2], 1), 255, np.uint8)
            return kind, np.concatenate([rgb, alpha], axis=2).tobytes()
        if name in model:
            return kind, model[name]
        file = folder.path / name
        return (kind, file.read_bytes()) if path.startswith("/files/") and file.is_file() else None


@contextmanager
def chain_page(
    folder: WebFolder, stored: StoredModel, flags: tuple[str, ...] = (), where: str = ""
) -> Iterator[tuple[Rig, Page]]:
    """The rig and its page, with all networks open."""
    rig = Rig(folder, stored)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_browser(), args=["--no-sandbox", *flags]
        )
        page = browser.new_page()
        page.on("console", lambda said: print("page:", said.text))
        page.on("pageerror", lambda said: print("page failed:", said))
        page.goto(rig.url + where)
        try:
            yield rig, page
        finally:
            browser.close()
            rig.server.shutdown()


def read_film(rig: Rig, page: Page, frames: list[np.ndarray], t_ms: list[int]) -> list[Any]:
    """What the chain reads of each picture (h, w, 3) at its time."""
    rig.frames = frames
    asked = [
        {"width": one.shape[1], "height": one.shape[0], "tMs": t} for one, t in zip(frames, t_ms)
    ]
    page.evaluate("reader.ask('restart')")
    return list(page.evaluate("frames => film(frames)", asked))
