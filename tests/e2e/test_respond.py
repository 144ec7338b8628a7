"""A respondent's link on a phone's screen, from consent to thanks, in a real browser."""

from __future__ import annotations

import hashlib
import json
import re
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from playwright.sync_api import Browser, Page, expect

from fer_core.home import Home
from fer_core.live import LiveSession
from fer_core.storage import open_store
from fer_core.storage.links import RevokeLink
from fer_core.storage.studies import AddStimulus, AddStudy, StatePurpose
from fer_core.storage.timeline.kept_faces import has_kept_faces
from tests.e2e import clocks
from tests.e2e.conftest import FLAGS, PATIENCE_MS, find_browser
from tests.e2e.respond_site import PHONE, Site, camera_of, listening
from tests.long import only_long
from tests.networks import with_networks
from tests.ports import free_ports
from tests.waiting import eventually

pytestmark = pytest.mark.timed
FILM_S = 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("respond")


@pytest.fixture(scope="module")
def film(folder: Path) -> Path:
    return clocks.stimulus_film(folder / "spot.mp4", seconds=FILM_S)


@pytest.fixture(scope="module")
def site(folder: Path, film: Path, face_networks: Path) -> Iterator[Site]:
    home = with_networks(Home(folder / "home"), face_networks)
    with open_store(home) as store:
        study = store.run(AddStudy(name="Spring spot", conditions=("A", "B")))
        stimulus = store.run(
            AddStimulus(title="Cut A", study_id=study, path=str(film), length_ms=FILM_S * 1000)
        )
        with listening(home, store) as (url, visits):
            yield Site(url, home, store, visits, study, (stimulus,))


@pytest.fixture(scope="module")
def camera(folder: Path, browser: Browser) -> Iterator[Browser]:
    """Chromium whose camera shows a face above a running clock."""
    film = clocks.camera_film(folder / "camera.mjpeg", seconds=30)
    with camera_of(browser.browser_type, film) as opened:
        yield opened


FILM = "document.querySelector('#film > video')"


#: Keeps every paragraph and heading that was ever shown: one may be gone before a test looks.
EVER_SHOWN = """
window.ever = new Set();
new MutationObserver(() => {
  for (const one of document.querySelectorAll('h1, p'))
    if (one.checkVisibility()) ever.add(`${one.tagName} ${one.textContent}`);
}).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
"""


def agree(page: Page, name: str = "") -> None:
    page.get_by_label("Your name or number").fill(name)
    page.get_by_label("I have read this and I agree.").check()
    page.get_by_role("button", name="Continue to the camera").click()


def test_from_consent_to_thanks_aligned_to_the_film(
    site: Site, camera: Browser, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
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
    page.on("request", lambda r: None if r.url.startswith(site.url) else strange.append(r.url))
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.add_init_script(clocks.WATCHER)
    page.goto(site.link(most_uses=5))
    expect(page.get_by_role("heading", name="Watch a short film")).to_be_visible()
    expect(page.get_by_text("A film of 6 seconds")).to_be_visible()
    expect(page.get_by_text("No picture of you is stored.")).to_be_visible()
    agree(page, "P07")
    expect(page.get_by_text("One face is seen")).to_be_visible()
    page.get_by_role("button", name="Start the film").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible(timeout=PATIENCE_MS)
    taken, shown = page.evaluate("[taken, shown]")
    context.close()
    assert not strange
    assert not wrong
    site.store.sync()
    row = site.store.sessions.list(study_id=site.study).iloc[0]
    session = site.store.sessions.get(row["session_id"])
    assert (session.status, session.condition) == ("done", "A")
    assert (session.respondent, session.stimulus_id) == ("P07", site.film)
    came = site.store.respondents.responses(site.store.respondents.links(site.study)[0].link_id)[0]
    assert (came.state, came.session_id) == ("done", row["session_id"])
    assert "stop at any time" in came.consent
    assert not has_kept_faces(site.home, row["session_id"]), "numbers only"
    kept = {path.suffix for path in site.home.session(row["session_id"]).rglob("*.*")}
    assert kept <= {".json", ".parquet", ".lock"}

    errors = misplaced(arrived, taken, shown, session.offset_ms)
    low, middle, high = np.percentile(errors, [2.5, 50, 97.5])
    with capsys.disabled():
        sys.stdout.write(
            f"\nrespondent: {len(errors)} pictures against the film: median {middle:+.0f} ms, "
            f"95 % within {low:+.0f} to {high:+.0f} ms, worst {np.abs(errors).max():.0f} ms\n"
        )
    assert len(errors) >= 40
    assert np.abs([low, middle, high]).max() < 100
    # the film's whole length is there, second by second
    seconds = site.store.timeline.seconds(row["session_id"])
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


@only_long  # alone on the machine
def test_a_broken_connection_is_mended_and_a_respondent_can_take_all_back(
    site: Site, camera: Browser
) -> None:
    context = camera.new_context(viewport=PHONE, permissions=["camera"])
    page = context.new_page()
    page.add_init_script(EVER_SHOWN)
    page.goto(site.link(keep_faces=True))
    expect(page.get_by_text("and small pictures of your face")).to_be_visible()
    agree(page, "P08")
    expect(page.get_by_text("One face is seen")).to_be_visible()
    # the network goes during the check: it is said, and mended
    hang_up(site)
    until(page, "ever.has('P The connection broke. Trying again')")
    expect(page.get_by_text("The connection broke")).to_be_hidden()
    page.get_by_role("button", name="Start the film").click()
    until(page, f"{FILM}.checkVisibility() && {FILM}.currentTime > 1")
    # and once more in the middle of the film, which waits
    hang_up(site)
    until(page, "ever.has('H1 The connection broke')")
    held = page.evaluate(f"{FILM}.currentTime")
    expect(page.get_by_role("heading", name="The connection broke")).to_be_hidden()
    until(page, f"{FILM}.currentTime > {held} + 0.5")
    # a page that is left pauses the film; Stop asks once
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("heading", name="Stop here?")).to_be_visible()
    page.get_by_role("button", name="Go on watching").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible(timeout=PATIENCE_MS)
    site.store.sync()
    table = site.store.sessions.list(search="P08")
    assert table["status"].tolist() == ["done"], "one session, whole, in spite of the break"
    session_id = table["session_id"].iloc[0]
    assert set(range(FILM_S)) <= set(site.store.timeline.seconds(session_id)["second"])
    # the film's clock does not run while it waits: no second is missing or double
    length = site.store.sessions.get(session_id).summary["duration_s"]
    assert length < FILM_S + 6
    assert has_kept_faces(site.home, session_id), "as the page said"
    page.get_by_role("button", name="Delete what was recorded").click()
    expect(page.get_by_role("heading", name="It is deleted")).to_be_visible()
    site.store.sync()
    assert site.store.sessions.list(search="P08").empty
    assert not site.home.session(session_id).exists()
    context.close()


def until(page: Page, condition: str) -> None:
    """The page's policy forbids Playwright's own way to wait."""
    eventually(lambda: page.evaluate(condition))


def hang_up(site: Site) -> None:
    """Cut the newest visit's connection at the server's end."""
    visit = list(site.visits.places.visits.values())[-1]
    peer = visit.peer
    assert peer is not None
    site.visits._loop.submit(peer._peer.close()).result(timeout=10)


def open_visits(site: Site) -> int:
    return sum(visit.step != "over" for visit in site.visits.places.visits.values())


def test_refused_camera_closed_link_and_closed_page(site: Site, browser: Browser) -> None:
    flags = [*FLAGS, "--use-fake-device-for-media-stream", "--deny-permission-prompts"]
    shy = browser.browser_type.launch(executable_path=find_browser(), args=flags)
    context = shy.new_context(viewport=PHONE)
    page = context.new_page()
    link = site.link()
    page.goto(link)
    expect(page.get_by_role("button", name="Continue to the camera")).to_be_disabled()
    agree(page)
    expect(page.get_by_role("heading", name="The camera was not allowed")).to_be_visible()
    expect(page.get_by_text("Nothing was recorded")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert open_visits(site) == 1
    assert site.visits.places.count() == 0, "no picture came: no place is taken"
    page.goto("about:blank")  # who leaves is gone at once
    eventually(lambda: open_visits(site) == 0)
    row = site.store.respondents.link_of_token(link.rsplit("/", 1)[1])
    assert row is not None
    site.store.run(RevokeLink(link_id=row.link_id))
    page.goto(link)
    expect(page.get_by_role("heading", name="This link is closed")).to_be_visible()
    expect(page.get_by_text("The people who sent it have closed this link.")).to_be_visible()
    page.goto(f"{site.url}/r/{'a' * 32}")
    expect(page.get_by_role("heading", name="This link is not known here")).to_be_visible()
    # what a browser without camera or secure address is told
    for missing, words in (
        ("Object.defineProperty(window, 'isSecureContext', {value: false})", "a secure address"),
        ("delete window.RTCPeerConnection", "cannot take part"),
    ):
        bare = shy.new_context(viewport=PHONE)
        other = bare.new_page()
        other.add_init_script(missing)
        other.goto(site.link())
        expect(other.get_by_role("heading", name=words)).to_be_visible()
        bare.close()
    shy.close()


@only_long  # alone on the machine
def test_served_by_tls_with_a_door_of_its_own(
    folder: Path, film: Path, face_networks: Path, camera: Browser
) -> None:
    home = with_networks(Home(folder / "served"), face_networks)
    with open_store(home) as store:
        study = store.run(AddStudy(name="Winter spot"))
        store.run(StatePurpose(study_id=study, purpose="media"))
        store.run(
            AddStimulus( title="Cut A", study_id=study, path=str(film),
            length_ms=FILM_S * 1000,
        ))  # fmt: skip
    ports = free_ports(2)
    command = [sys.executable, "-m", "fer_core.cli.main", "serve", "--tls", "--no-browser"]
    command += ["--json", "--port", str(ports[0]), "--respondents", f"127.0.0.1:{ports[1]}"]
    with (folder / "served.log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--home", str(home.root)], stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        assert server.stdout is not None
        told = json.loads(server.stdout.readline())
        assert told["url"] == f"https://127.0.0.1:{ports[0]}"
        listener = told["respondents"][0]
        seen = ssl.get_server_certificate(("127.0.0.1", ports[1]))
        print_of = hashlib.sha256(ssl.PEM_cert_to_DER_cert(seen)).hexdigest()
        assert told["fingerprint"].replace(":", "").lower() == print_of
        trusting = ssl._create_unverified_context()
        for path in ("/", "/study", "/_stcore/health", "/upload", "/stimulus/x", "/live", "/r/x/y"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(listener + path, context=trusting, timeout=10)

        context = camera.new_context(ignore_https_errors=True, permissions=["camera"])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(told["open"])
        page.goto(f"{told['url']}/study?id={study}&view=Links")
        page.get_by_role("button", name="New link").click()
        words = page.get_by_role("textbox", name="Text of consent")
        expect(words).to_have_value(re.compile("your name and address"))
        words.fill(words.input_value().replace("(your name and address)", "m@example.org"))
        page.get_by_role("textbox", name="Who receives the numbers").fill("Acme Research")
        page.get_by_role("button", name="Make the link").click()
        address = page.get_by_text(f"{listener}/r/")
        expect(address).to_be_visible()
        link = address.inner_text().strip()
        assert page.evaluate("isSecureContext")

        phone = camera.new_context(viewport=PHONE, ignore_https_errors=True, permissions=["camera"])
        guest = phone.new_page()
        guest.goto(link)
        assert guest.evaluate("isSecureContext")
        agree(guest)
        expect(guest.get_by_text("One face is seen")).to_be_visible(timeout=PATIENCE_MS)
        phone.close()

        page.goto(f"{told['url']}/connection")
        for _ in range(2):  # on a busy machine a connection may bring no picture in time
            page.get_by_role("button", name="Test with the camera").click()
            over = page.get_by_text(re.compile("Everything works|No picture|cannot reach"))
            expect(over.first).to_be_visible(timeout=PATIENCE_MS)
            if page.get_by_text("Everything works").is_visible():
                break
        expect(page.get_by_text("Everything works")).to_be_visible()
        expect(page.get_by_text("No STUN or TURN server is set")).to_be_visible()
        page.goto(f"{told['url']}/study?id={study}&view=Links")
        page.get_by_role("button", name="Close").click()
        page.get_by_role("button", name="Close this link").click()
        expect(page.get_by_text("closed by you")).to_be_visible()
        with pytest.raises(urllib.error.HTTPError, match="410"):
            urllib.request.urlopen(link, context=trusting, timeout=10)
        context.close()
    finally:
        server.terminate()
        code = server.wait(timeout=60)
        assert code == 0, (folder / "served.log").read_text(errors="replace")
