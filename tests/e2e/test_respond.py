"""A respondent's link on a phone's screen, from consent to thanks, in a real browser."""

from __future__ import annotations

import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Browser, Page, expect

from dashboard.services.media_loop import MediaLoop
from dashboard.services.respond_door import Address, Door
from dashboard.services.respond_routes import respond_routes
from dashboard.services.respond_visits import Visits
from fer_core.home import Home
from fer_core.live import LiveSession
from fer_core.storage import Store, open_store
from tests.e2e import clocks
from tests.e2e.conftest import FLAGS, find_browser

FILM_S = 6
PHONE: Any = {"width": 390, "height": 844}
expect.set_options(timeout=20_000)


@dataclass
class House:
    """A second listener in this process, so that a test sees what arrives."""

    url: str
    home: Home
    store: Store
    visits: Visits
    study: str
    film: str

    def link(self, **more: Any) -> str:
        link_id = self.store.order(
            "add_link",
            study_id=self.study,
            title="Watch a short film",
            consent="We look at how people respond.\n\nYou may stop at any time.",
            arms=[{"stimulus_id": self.film, "condition": "A"}],
            **more,
        )
        rows = self.store.links(self.study)
        return f"{self.url}/r/{next(r['token'] for r in rows if r['link_id'] == link_id)}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("respond")


@pytest.fixture(scope="module")
def house(folder: Path, networks: Path) -> Iterator[House]:
    home = Home(folder / "home")
    shutil.copytree(networks, home.cache)
    film = clocks.stimulus_film(folder / "spot.mp4", seconds=FILM_S)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with open_store(home) as store:
        study = store.order("add_study", name="Spring spot", conditions=["A", "B"])
        stimulus = store.order(
            "add_stimulus", title="Cut A", study_id=study, path=str(film), length_ms=FILM_S * 1000
        )
        loop = MediaLoop()
        visits = Visits(home, lambda: store, loop)
        routes = respond_routes(lambda: visits, lambda: store, lambda: loop)
        door = Door(Address("127.0.0.1", port), routes, loop)
        door.open()
        yield House(f"http://127.0.0.1:{port}", home, store, visits, study, stimulus)
        door.close()
        loop.submit(visits.close()).result(timeout=20)
        loop.close()


@pytest.fixture(scope="module")
def camera(folder: Path, browser: object) -> Iterator[Browser]:
    """Chromium whose camera shows a face above a running clock."""
    film = clocks.camera_film(folder / "camera.mjpeg", seconds=60)
    flags = [*FLAGS, "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    flags += [f"--use-file-for-fake-video-capture={film}"]
    kind = browser.browser_type  # type: ignore[attr-defined]
    opened = kind.launch(executable_path=find_browser(), args=flags)
    yield opened
    opened.close()


#: What the browser itself sees: when each picture was taken, and what the film showed then.
PROBE = (
    clocks.READER
    + """
window.taken = []; window.shown = [];
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wish) => {
  const stream = await ask(wish);
  const eye = document.createElement('video');
  eye.muted = true; eye.srcObject = stream; eye.style = 'position:fixed;width:2px;opacity:.01';
  document.body.append(eye); eye.play();
  const look = (at, frame) => {
    taken.push([readClock(eye), frame.captureTime ?? -1, at, frame.expectedDisplayTime]);
    eye.requestVideoFrameCallback(look);
  };
  eye.requestVideoFrameCallback(look);
  const film = document.querySelector('#film > video');
  const watch = (at, frame) => {
    shown.push([readClock(film), frame.expectedDisplayTime, film.paused ? 0 : 1]);
    film.requestVideoFrameCallback(watch);
  };
  film.requestVideoFrameCallback(watch);
  return stream;
};
"""
)


def agree(page: Page, name: str = "") -> None:
    page.get_by_label("Your name or number").fill(name)
    page.get_by_label("I have read this and I agree.").check()
    page.get_by_role("button", name="Continue to the camera").click()


def test_from_consent_to_thanks_aligned_to_the_film(
    house: House, camera: Browser, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    arrived: list[tuple[int | None, int]] = []  # the camera's clock, the session's
    take = LiveSession.offer

    def offer(self: LiveSession, rgb: np.ndarray, t_ms: int, captured: Any = None) -> None:
        arrived.append((clocks.read(rgb), t_ms))
        take(self, rgb, t_ms, captured)

    monkeypatch.setattr(LiveSession, "offer", offer)
    context = camera.new_context(viewport=PHONE, permissions=["camera"])
    page = context.new_page()
    strange: list[str] = []
    page.on("request", lambda r: None if r.url.startswith(house.url) else strange.append(r.url))
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.add_init_script(PROBE)
    page.goto(house.link(most_uses=5))
    expect(page.get_by_role("heading", name="Watch a short film")).to_be_visible()
    expect(page.get_by_text("A film of 6 seconds")).to_be_visible()
    expect(page.get_by_text("No picture of you is stored.")).to_be_visible()
    agree(page, "P07")
    expect(page.get_by_text("One face is seen")).to_be_visible()
    page.get_by_role("button", name="Start the film").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible(timeout=40_000)
    taken, shown = page.evaluate("[taken, shown]")
    context.close()
    assert not strange
    assert not wrong
    house.store.sync()
    row = house.store.sessions(study_id=house.study).iloc[0]
    session = house.store.session(row["session_id"])
    assert (session["status"], session["condition"]) == ("done", "A")
    assert (session["respondent"], session["stimulus_id"]) == ("P07", house.film)
    came = house.store.responses(house.store.links(house.study)[0]["link_id"]).iloc[0]
    assert (came["state"], came["session_id"]) == ("done", row["session_id"])
    assert "stop at any time" in came["consent"]
    # numbers only
    kept = {path.suffix for path in house.home.session(row["session_id"]).rglob("*.*")}
    assert kept <= {".json", ".parquet", ".lock"}

    errors = misplaced(arrived, taken, shown, session["offset_ms"])
    low, middle, high = np.percentile(errors, [2.5, 50, 97.5])
    with capsys.disabled():
        sys.stdout.write(
            f"\nrespondent: {len(errors)} pictures against the film: median {middle:+.0f} ms, "
            f"95 % within {low:+.0f} to {high:+.0f} ms, worst {np.abs(errors).max():.0f} ms\n"
        )
    assert len(errors) >= 40
    assert np.abs([low, middle, high]).max() < 100
    # the film's whole length is there, second by second
    seconds = house.store.seconds(row["session_id"])
    assert set(range(FILM_S)) <= set(seconds["second"])
    assert seconds["second"].min() < 0, "a resting face was seen before the film"


def misplaced(
    arrived: list[tuple[int | None, int]],
    taken: list[list[Any]],
    shown: list[list[Any]],
    offset_ms: int,
) -> np.ndarray:
    """By how much each picture's place in the session misses what the film showed, in ms.

    The browser's own sight of it is the truth: which number the camera showed when, and which
    number the film showed then, both read from pixels.
    """
    film = [(at, number * 1000 / 25) for number, at, playing in shown if number and playing]
    at, film_ms = np.array(film, float).T
    moments = {number: capture for number, capture, _, _ in taken if number is not None}
    found = []
    for number, t_ms in arrived:
        moment = moments.get(number)
        if moment is not None and at[0] <= moment <= at[-1]:
            found.append(t_ms - offset_ms - np.interp(moment, at, film_ms))
    return np.array(found)
