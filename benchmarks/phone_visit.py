"""A respondent's visit whose face is read on their own device, in headless Chromium.

``python -m benchmarks.phone_visit HOME [SHOTS]`` plays one visit; every byte that leaves the page
is read. HOME is a home after ``rapt web install``; screenshots go to the folder SHOTS.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from dashboard.camera.respondents import device_files
from fer_core.home import Home
from fer_core.storage import open_store
from fer_core.storage.studies import AddStimulus, AddStudy, StatePurpose
from tests.e2e import clocks
from tests.e2e.respond_site import PHONE, Site, camera_of, listening

FILM_S = 20
NO_PEER = """
window.peers = 0;
window.RTCPeerConnection = class { constructor() { window.peers += 1; throw new Error("none"); } };
"""
DROPS = """() => { const q = document.querySelector('#film > video').getVideoPlaybackQuality();
return [q.droppedVideoFrames, q.totalVideoFrames]; }"""


@contextmanager
def site(home: Home, film: Path, seconds: int = FILM_S) -> Iterator[Site]:
    """The listener; ``home`` has the runtime already."""
    with open_store(home) as store:
        study = store.run(AddStudy(name="Spring spot", conditions=("A",)))
        store.run(StatePurpose(study_id=study, purpose="media"))
        stimulus = store.run(
            AddStimulus(title="Cut A", study_id=study, path=str(film), length_ms=seconds * 1000)
        )
        with listening(home, store) as (url, visits):
            yield Site(url, home, store, visits, study, (stimulus,))


@contextmanager
def camera_browser(folder: Path, *flags: str) -> Iterator[Browser]:
    """Chromium whose camera shows a face above a running clock."""
    film = clocks.camera_film(folder / "camera.mjpeg", seconds=30)
    with sync_playwright() as playwright, camera_of(playwright.chromium, film, *flags) as opened:
        yield opened


def agree(page: Page) -> float:
    """Consent, and the seconds until the camera check says what it sees."""
    page.get_by_label("I have read this and I agree.").check()
    page.get_by_role("button", name="Continue to the camera").click()
    began = time.monotonic()
    expect(page.get_by_text("Your face is read on this device")).to_be_visible(timeout=90_000)
    return time.monotonic() - began


def watch(page: Page, timeout_ms: float = 90_000) -> None:
    page.get_by_role("button", name="Start the film").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible(timeout=timeout_ms)


def undisturbed(here: Site, browser: Browser, shots: Path | None = None) -> dict[str, Any]:
    """One visit; what left the page, how fast it was read, how well it is aligned."""
    context = browser.new_context(viewport=PHONE, permissions=["camera"])
    page = context.new_page()
    sent: list[tuple[str, bytes]] = []
    wrong: list[str] = []

    def note(request: Request) -> None:
        sent.append((request.url.rsplit("/", 1)[-1], request.post_data_buffer or b""))

    page.on("request", note)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.add_init_script(NO_PEER)
    page.goto(here.link())
    expect(page.get_by_role("heading", name="Watch a short film")).to_be_visible()
    ready_s = agree(page)
    expect(page.get_by_text("One face is seen")).to_be_visible(timeout=20_000)
    if shots:
        page.screenshot(path=str(shots / "phone-check.png"))
    page.get_by_role("button", name="Start the film").click()
    page.wait_for_timeout(10_000)
    if shots:
        page.screenshot(path=str(shots / "phone-film.png"))
    page.wait_for_timeout(1000 * (FILM_S + 3) - 12_500)
    drops = page.evaluate(DROPS)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible(timeout=60_000)
    peers = page.evaluate("window.peers")
    context.close()
    here.store.sync()
    row = here.store.sessions.list(study_id=here.study).iloc[0]
    session = here.store.sessions.get(row["session_id"])
    seconds = here.store.timeline.seconds(row["session_id"])
    bodies = [body for name, body in sent if name == "numbers"]
    largest = max((len(body) for body in bodies), default=0)
    for body in bodies:
        data = json.loads(json.loads(body)["data"])
        assert set(data) == {"size", "film", "frames"}
    return {
        "ready_s": round(ready_s, 2), "fps": (session.summary or {}).get("fps"),
        "seconds": len(seconds), "batches": len(bodies), "largest batch": largest,
        "other bodies": {n: len(b) for n, b in sent if b and n != "numbers"},
        "peers": peers, "wrong": wrong, "dropped, of": drops, "offset_ms": session.offset_ms,
    }  # fmt: skip


def main(home: Path, shots: Path | None = None) -> None:
    # what is measured here is how fast it is: no device is too slow
    patient = patch.multiple(device_files, READY_S=60, SLOWEST_HZ=0.5)
    with patient, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film = clocks.stimulus_film(folder / "spot.mp4", seconds=FILM_S)
        with site(Home(home), film) as here, camera_browser(folder) as browser:
            print(json.dumps(undisturbed(here, browser, shots), indent=1, default=str))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
