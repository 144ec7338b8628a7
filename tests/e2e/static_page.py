"""The page without a server, in a browser that has no network at all.

``python -m tests.e2e.static_page HOME`` writes pictures of its steps to ``test-results/shots``,
light and dark; HOME is a home after ``rapt web install``.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

import cv2
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from skimage.data import astronaut

from fer_core.home import Home
from fer_core.web.static import export_page
from tests.e2e import clocks
from tests.e2e.conftest import PATIENCE_MS
from tests.e2e.looks import OUT, Look
from tests.e2e.page_scripts import FOCUSED
from tests.e2e.respond_site import PHONE, camera_of

#: The worker that keeps the page's files has them all, and the page is its own.
_CONTROLLED: Final = "navigator.serviceWorker.controller !== null"
Shot = Callable[[str], None]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """Any web server will do."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def ready(page: Page) -> None:
    expect(page.get_by_role("status")).to_have_text("Ready", timeout=PATIENCE_MS)


def offline(context: BrowserContext, site: Path) -> Page:
    """The page, opened once from a server; then the server ends, the network is off, and it is
    opened anew."""
    page = context.new_page()
    with _served(site) as url:
        page.goto(url)
        ready(page)
        page.wait_for_function(_CONTROLLED)
    context.set_offline(True)
    page.reload()
    ready(page)
    return page


def press(page: Page, name: str) -> None:
    """By the keyboard alone: Tab until the button has the focus, then Enter."""
    for _ in range(12):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        if found and found["name"] == name:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"the keyboard does not reach «{name}»")


def record(page: Page, shot: Shot, folder: Path) -> list[dict[str, str]]:
    """The camera read and recorded, and the rows of the file that was saved."""
    press(page, "Camera")
    expect(page.get_by_role("status")).to_have_text("One face is read", timeout=PATIENCE_MS)
    press(page, "Record")
    page.wait_for_timeout(2500)
    shot("recording")
    press(page, "Stop recording")
    with page.expect_download() as coming:
        press(page, "Save CSV")
    target = folder / "recording.csv"
    coming.value.save_as(target)
    press(page, "Camera off")
    with target.open(newline="") as file:
        return list(csv.DictReader(file))


def photograph(page: Page, folder: Path) -> None:
    """A photograph with one face is read."""
    path = folder / "astronaut.png"
    cv2.imwrite(str(path), astronaut()[..., ::-1])
    page.get_by_label("Photograph").set_input_files(path)
    expect(page.get_by_role("status")).to_have_text("The largest face is read", timeout=PATIENCE_MS)


def no_face(page: Page, folder: Path) -> None:
    path = folder / "wall.png"
    cv2.imwrite(str(path), astronaut()[:64, -64:, ::-1])
    page.get_by_label("Photograph").set_input_files(path)
    expect(page.get_by_role("status")).to_have_text(
        "No face was found in this photograph", timeout=PATIENCE_MS
    )


@contextmanager
def browser_with_camera(folder: Path) -> Iterator[Browser]:
    film = clocks.camera_film(folder / "camera.mjpeg", seconds=4)
    with sync_playwright() as play, camera_of(play.chromium, film) as browser:
        yield browser


def phone(browser: Browser, scheme: Any = "light") -> BrowserContext:
    return browser.new_context(viewport=PHONE, permissions=["camera"], color_scheme=scheme)


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export_page(Home(Path(sys.argv[1])), folder / "site")
        with browser_with_camera(folder) as browser:
            for look in (Look("light", 390), Look("dark", 390), Look("light", 1440)):
                context = browser.new_context(**look.context(844), permissions=["camera"])
                page = offline(context, folder / "site")

                def shot(step: str, look: Look = look, page: Page = page) -> None:
                    page.screenshot(path=OUT / f"static-{step}-{look.tag}.png", full_page=True)

                shot("ready")
                record(page, shot, folder)
                shot("stopped")
                photograph(page, folder)
                shot("photograph")
                no_face(page, folder)
                shot("no-face")
                context.close()


if __name__ == "__main__":
    main()
