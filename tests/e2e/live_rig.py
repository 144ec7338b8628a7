"""Browsers with a camera made from a film, and the live page in their hands."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserType, Page, expect

from fer_core.home import Home
from fer_core.storage import open_store
from tests.e2e.conftest import FLAGS, PATIENCE_MS, Server, find_browser
from tests.e2e.live_films import BITS, CELL
from tests.waiting import eventually

ALLOWED = "--use-fake-ui-for-media-stream"
DEVICE = "--use-fake-device-for-media-stream"


#: Keeps what the camera really gave, and when: a film played under load does not keep its rate.
SPY = """
window.numberOf = () => {
  const wide = CELL * BITS, tall = 2 * CELL;
  const pen = new OffscreenCanvas(wide, tall).getContext('2d', {willReadFrequently: true});
  return (film) => {
    pen.drawImage(film, 0, film.videoHeight - tall, wide, tall, 0, 0, wide, tall);
    const p = pen.getImageData(0, 0, wide, tall).data;
    const at = (bit, row) => p[4 * ((row + 0.5) * CELL * wide + CELL * (bit + 0.5)) + 1];
    let number = 0;
    for (let bit = 0; bit < BITS; bit += 1) if (at(bit, 0) > at(bit, 1)) number |= 1 << bit;
    return number;
  };
};
(() => {
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.given = [];
  navigator.mediaDevices.getUserMedia = async (wish) => {
    const stream = await real(wish), look = window.numberOf();
    const film = document.createElement('video');
    film.muted = true;
    film.srcObject = stream.clone();
    film.style = 'position:fixed;width:1px;height:1px;opacity:0.01';
    document.body.append(film);
    const next = (now, about) => {
      window.given.push([about.captureTime ?? now, look(film)]);
      film.requestVideoFrameCallback(next);
    };
    film.requestVideoFrameCallback(next);
    film.play();
    return stream;
  };
})();
""".replace("CELL", str(CELL)).replace("BITS", str(BITS))

#: Keeps when which numbered picture was shown, and when the curves were drawn.
WATCH = """
(() => {
  const roots = [document, ...[...document.querySelectorAll('*')].map((one) => one.shadowRoot)];
  const film = roots.map((root) => root?.querySelector('.live video')).find(Boolean);
  const canvas = film.closest('.live').querySelector('.curves canvas');
  window.film = () => film;
  window.shown = [];
  window.drawn = [];
  const ctx = canvas.getContext('2d'), old = ctx.clearRect.bind(ctx);
  ctx.clearRect = (...all) => { window.drawn.push(performance.now()); old(...all); };
  const look = window.numberOf();
  const next = (now) => {
    window.shown.push([now, look(film)]);
    film.requestVideoFrameCallback(next);
  };
  film.requestVideoFrameCallback(next);
})();
"""


def camera_browser(kind: BrowserType, film: Path | None, *flags: str) -> Browser:
    """Chromium whose camera plays a film; None: without the permission being given."""
    camera = [DEVICE, *([ALLOWED, f"--use-file-for-fake-video-capture={film}"] if film else [])]
    return kind.launch(executable_path=find_browser(), args=[*FLAGS, *camera, *flags])


def kill(film: Path) -> None:
    """kill -9 to the browser that plays this film; it says no good-bye."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        named = any(word.endswith(str(film).encode()) for word in words)
        if named and not any(word.startswith(b"--type=") for word in words):
            os.kill(int(folder.name), signal.SIGKILL)


def visit(
    browser: Browser, server: Server, *, url: str = "", script: str = "", **context: Any
) -> Page:
    """The page Live; ``url`` is another address of the same server."""
    settings = {"viewport": {"width": 1280, "height": 1000}, **context}
    settings["storage_state"] = server.let_in(url)
    page = browser.new_context(base_url=url or server.url, **settings).new_page()
    if script:
        page.add_init_script(script)
    page.set_default_timeout(PATIENCE_MS)
    page.goto("/live", wait_until="domcontentloaded")
    page.get_by_role("button", name="START").wait_for()
    return page


def state(page: Page) -> str:
    return page.locator(".live").get_attribute("data-state") or ""


def agree(page: Page) -> None:
    """What stands between a person and START: consent, and what it is for."""
    page.get_by_label("Everyone in view").check()
    if page.get_by_label("Purpose").is_enabled():
        page.get_by_label("Purpose").select_option("event")


def start(page: Page, **fields: str) -> None:
    """Tick, fill in, START; once more where the first gave no picture."""
    agree(page)
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)
    for _ in range(2):
        page.get_by_role("button", name="START").click()
        eventually(lambda: state(page) != "starting")
        if state(page) == "running":
            return
    raise AssertionError(page.locator(".words").inner_text())


def ran_s(page: Page) -> int:
    """How long the session runs, as the page says it."""
    minutes, seconds = page.locator(".running").inner_text().split(":")
    return 60 * int(minutes) + int(seconds)


def stop(page: Page) -> str:
    """STOP; the session's id from the link to it. One that ended by itself says why."""
    assert state(page) == "running", f"{state(page)}: {page.locator('.words').inner_text()}"
    page.get_by_role("button", name="STOP").click()
    link = page.get_by_role("link", name="Open the session")
    expect(link).to_be_visible(timeout=PATIENCE_MS)
    return (link.get_attribute("href") or "").partition("id=")[2]


def sessions(home: Home) -> dict[str, dict[str, Any]]:
    """What the store has, by name."""
    with open_store(home) as store:
        store.sync()
        return {row["name"]: row for row in store.sessions.list().to_dict("records")}


def faces(home: Home, session_id: str) -> list[tuple[int, int]]:
    """Time and number of faces of every analysed frame."""
    with open_store(home) as store:
        found = store.frame(
            "SELECT t_ms, faces FROM frames WHERE session_id = $id ORDER BY t_ms",
            {"id": session_id},
        )
    return [(int(t), int(n)) for t, n in zip(found["t_ms"], found["faces"])]


def changes(seen: list[tuple[int, int]], at_least_ms: int = 250) -> list[tuple[int, int]]:
    """When the number of faces became another and stayed it: (time, number)."""
    found: list[tuple[int, int]] = []
    i = 0
    while i < len(seen):
        t, n = seen[i]
        j = i
        while j < len(seen) and seen[j][1] == n:
            j += 1
        end = seen[j][0] if j < len(seen) else seen[-1][0]
        if end - t >= at_least_ms and (not found or found[-1][1] != n):
            found.append((t, n))
        i = j
    return found
