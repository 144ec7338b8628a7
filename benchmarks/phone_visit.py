"""A respondent's visit whose face is read on their own device, in headless Chromium.

``python -m benchmarks.phone_visit HOME [visit] [slow] [breaks] [keyboard] [--shots FOLDER]``: all
parts, or those that are named. HOME is a home after ``rapt web install``. Renews its rows of
docs/benchmarks/phone.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import numpy as np
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from benchmarks.phone_page import Row, write
from benchmarks.phone_watch import CLOCKS, DROPS, Sent, misplaced, slowed, watched
from dashboard.camera.respondents import device_files
from fer_core.home import Home
from fer_core.storage import open_store
from fer_core.storage.studies import AddStimulus, AddStudy, StatePurpose
from tests.e2e import clocks
from tests.e2e.respond_site import PHONE, Site, camera_of, listening
from tests.e2e.test_keyboard import FOCUSED
from tests.e2e.test_pages import AXE, FIND

FILM_S: Final = 20
OUTAGE_S: Final = 60
SLOWED: Final = 4
FILM: Final = "document.querySelector('#film > video')"
HERE: Final = "Your face is read on this device"
PATIENCE_MS: Final = 120_000


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


def guest(browser: Browser, **more: Any) -> BrowserContext:
    """A phone that has never been here: nothing is cached."""
    return browser.new_context(viewport=PHONE, permissions=["camera"], **more)


def to_the_check(page: Page, link: str) -> float:
    """Consent, and the seconds until the camera check says that this device reads."""
    page.goto(link)
    page.get_by_label("I have read this and I agree.").check()
    began = time.monotonic()
    page.get_by_role("button", name="Continue to the camera").click()
    expect(page.get_by_text(HERE)).to_be_visible(timeout=PATIENCE_MS)
    return time.monotonic() - began


def to_the_film(page: Page) -> None:
    press = page.locator("#check button.main")
    expect(press).to_be_enabled(timeout=PATIENCE_MS)
    press.click()


def film_at(page: Page, seconds: float) -> None:
    """Wait until the film has come so far."""
    while page.evaluate(f"{FILM}.currentTime") < seconds:
        page.wait_for_timeout(100)


def thanks(page: Page) -> None:
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible(timeout=PATIENCE_MS)


def newest(here: Site) -> tuple[Any, list[int]]:
    """The newest session, and the times of its pictures on the film, in ms."""
    here.store.sync()
    rows = here.store.sessions.list(study_id=here.study).sort_values("created")
    session = here.store.sessions.get(str(rows["session_id"].iloc[-1]))
    frames = here.store.timeline.frames(session.session_id)
    return session, [int(t) - (session.offset_ms or 0) for t in frames["t_ms"]]


# -- how fast, how well aligned, what left the page -------------------------------------------


def dropped_alone(browser: Browser, film: Path) -> tuple[int, int]:
    """The film alone in a page of the same size, without camera or us: frames dropped, of all."""
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    alone = film.with_suffix(".html")
    alone.write_text(f'<video src="{film.name}" muted autoplay width="390"></video>')
    page.goto(alone.as_uri())
    page.wait_for_timeout(1000 * (FILM_S + 1))
    found = page.evaluate(DROPS)
    context.close()
    return found[0], found[1]


def visit(here: Site, browser: Browser, film: Path, _shots: Path | None) -> list[Row]:
    """An undisturbed visit, between two plays of the film alone."""
    alone = [dropped_alone(browser, film)]
    context, sent = guest(browser), Sent()
    page = watched(context, sent)
    page.add_init_script(CLOCKS)
    ready_s = to_the_check(page, here.link())
    to_the_film(page)
    film_at(page, FILM_S - 0.5)
    ours = page.evaluate(DROPS)
    thanks(page)
    session, placed = newest(here)
    errors = misplaced(page, sent.batches, placed)
    peers = page.evaluate("window.peers")
    context.close()
    alone.append(dropped_alone(browser, film))
    low, middle, high = np.percentile(errors, [2.5, 50, 97.5])
    share = 100 * ours[0] / max(1, ours[1])
    before = [100 * one / max(1, every) for one, every in alone]
    largest = max(len(body) for name, body in sent.bodies if name == "numbers")
    others = {name: len(body) for name, body in sent.bodies if body and name != "numbers"}
    seen = set(here.store.timeline.seconds(session.session_id)["second"])
    return [
        Row("ready after consent, cold cache", "5 s at most", f"{ready_s:.1f} s"),
        Row("pictures read a second while the film plays", "15 at least",
            f"{(session.summary or {}).get('fps')}"),
        Row("frames that the film drops", "2 % more at most than alone",
            f"{share:.1f} % of {ours[1]} (alone before and after: {before[0]:.1f} and "
            f"{before[1]:.1f} %)"),
        Row("pictures against the film", "within 100 ms",
            f"{len(errors)} pictures: median {middle:+.0f} ms, 95 % within {low:+.0f} to "
            f"{high:+.0f} ms, worst {np.abs(errors).max():.0f} ms"),
        Row(f"a visit of {FILM_S} s: what left the page", "numbers alone, no peer connection",
            f"{len(sent.batches)} batches of at most {largest / 1000:.1f} kB, and the requests "
            f"{', '.join(f'`{k}` ({v} bytes)' for k, v in others.items())}; peer connections: "
            f"{peers}; errors: {len(sent.wrong)}; {len(seen & set(range(FILM_S)))} of {FILM_S} "
            "seconds of the film landed"),
    ]  # fmt: skip


def slow(here: Site, browser: Browser, _film: Path, _shots: Path | None) -> list[Row]:
    """The same with the page's process slowed down, from consent on."""
    context, sent = guest(browser), Sent()
    page = watched(context, sent)
    page.set_default_timeout(PATIENCE_MS)
    page.goto(here.link())
    with slowed(SLOWED):
        ready_s = to_the_check(page, page.url)
        to_the_film(page)
        film_at(page, FILM_S - 0.5)
        ours = page.evaluate(DROPS)
        thanks(page)
    session, _ = newest(here)
    context.close()
    return [
        Row(f"the same, the page's process slowed {SLOWED} times: pictures read a second",
            "8 at least", f"{(session.summary or {}).get('fps')} (ready after {ready_s:.1f} s; "
            f"the film dropped {ours[0]} of {ours[1]} frames)"),
    ]  # fmt: skip


# -- breaks ----------------------------------------------------------------------------------


def _whole(here: Site, sent: Sent) -> str:
    """What landed against what was acknowledged; AssertionError where one was lost or doubled."""
    session, placed = newest(here)
    assert session.summary is not None
    # pictures before the film's first report wait for it, on no clock
    without = sent.pictures - len(placed)
    assert 0 <= without <= 1, (sent.pictures, len(placed))
    assert all(later > earlier for earlier, later in pairwise(placed))
    again = sum(times - 1 for times in sent.times_sent.values())
    return (
        f"{sent.acknowledged} batches acknowledged ({again} sent more than once), {sent.pictures} "
        f"pictures, {len(placed)} landed, none twice; ended «{session.summary.get('ended')}»"
    )


def breaks(here: Site, browser: Browser, _film: Path, _shots: Path | None) -> list[Row]:
    """A minute without connection, a reload, a closed tab."""
    rows = []
    aim = "nothing acknowledged lost, nothing doubled"
    context, sent = guest(browser), Sent()
    page = watched(context, sent)
    to_the_check(page, here.link())
    to_the_film(page)
    film_at(page, 4)
    context.set_offline(True)
    page.wait_for_timeout(1000 * OUTAGE_S)
    before = sent.acknowledged
    context.set_offline(False)
    thanks(page)
    context.close()
    seconds = set(here.store.timeline.seconds(newest(here)[0].session_id)["second"])
    landed = len(seconds & set(range(FILM_S)))
    rows.append(Row(f"{OUTAGE_S} s without connection in the middle of the film", aim,
                    f"{before} batches before it; {_whole(here, sent)}; {landed} of {FILM_S} "
                    "seconds landed"))  # fmt: skip
    for what, leave in (("a reload", False), ("a closed tab, its last batch unsent", True)):
        context, sent = guest(browser), Sent()
        page = watched(context, sent)
        link = here.link()
        to_the_check(page, link)
        to_the_film(page)
        film_at(page, 7)
        if leave:
            context.set_offline(True)
            film_at(page, 14)
            left = sent.acknowledged
            page.close()
            context.set_offline(False)
            page = watched(context, sent)
            page.goto(link)
        else:
            left = sent.acknowledged
            page.reload()
        ended = [name for name, _ in sent.bodies].count("end")
        for _ in range(200):
            if [name for name, _ in sent.bodies].count("end") > ended:
                break
            page.wait_for_timeout(50)
        page.wait_for_timeout(1500)
        context.close()
        rows.append(Row(f"{what} in the middle of the film", aim,
                        f"{left} batches before it; {_whole(here, sent)}"))  # fmt: skip
    return rows


# -- by keyboard ------------------------------------------------------------------------------


def keyboard(here: Site, browser: Browser, _film: Path, shots: Path | None) -> list[Row]:
    """The path by the keyboard alone at 390 pixels, light and dark, with axe-core at every stop."""
    names: list[str] = []
    faults: list[Any] = []
    for scheme in ("light", "dark"):
        context, sent = guest(browser, color_scheme=scheme), Sent()
        context.add_init_script(path=AXE)
        page = watched(context, sent)

        def look(step: str, scheme: str = scheme, page: Page = page) -> None:
            page.wait_for_timeout(300)
            faults.extend((step, one["rule"], one["html"]) for one in page.evaluate(FIND))
            if shots:
                page.screenshot(path=str(shots / f"phone-{step}-{scheme}.png"))

        def tab_to(tag: str, name: str, page: Page = page) -> None:
            for _ in range(12):
                page.keyboard.press("Tab")
                found = page.evaluate(FOCUSED)
                if found is None:
                    continue
                assert found["name"], f"a {found['tag']} without a name"
                if found["name"] not in names:
                    names.append(found["name"])
                if found["tag"] == tag and name in found["name"]:
                    return
            raise AssertionError(f"the keyboard does not reach «{name}»")

        page.goto(here.link())
        look("consent")
        tab_to("input", "I have read this")
        page.keyboard.press("Space")
        tab_to("button", "Continue to the camera")
        page.keyboard.press("Enter")
        expect(page.get_by_text(HERE)).to_be_visible(timeout=PATIENCE_MS)
        expect(page.locator("#check button.main")).to_be_enabled(timeout=PATIENCE_MS)
        look("check")
        tab_to("button", "Start")
        page.keyboard.press("Enter")
        film_at(page, 3)
        tab_to("button", "Stop")
        look("film")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Stop here?")).to_be_visible()
        tab_to("button", "Go on watching")
        look("stop")
        page.keyboard.press("Enter")
        thanks(page)
        look("thanks")
        tab_to("button", "Delete what was recorded")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="It is deleted")).to_be_visible()
        look("deleted")
        context.close()
    here.store.sync()
    left = len(here.store.sessions.list(study_id=here.study))
    for one in faults:
        print("fault:", *one, file=sys.stderr)
    return [
        Row("from consent to thanks and «Delete» by the keyboard alone, 390 × 844, light and dark",
            "every stop has a name; axe-core finds nothing serious",
            f"stops: {', '.join(names)}; {len(faults)} serious faults in 12 looks; sessions left "
            f"after «Delete»: {left}"),
    ]  # fmt: skip


PARTS: Final = {"visit": visit, "slow": slow, "breaks": breaks, "keyboard": keyboard}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []])
    parser.add_argument("--shots", type=Path)
    asked = parser.parse_args()
    # what is measured here is how fast it is: no device is too slow
    patient = patch.multiple(device_files, READY_S=100.0, SLOWEST_HZ=0.5)
    with patient, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film = clocks.stimulus_film(folder / "spot.mp4", seconds=FILM_S)
        camera = clocks.camera_film(folder / "camera.mjpeg", seconds=30)
        with sync_playwright() as playwright, camera_of(playwright.chromium, camera) as browser:
            for part in asked.parts or PARTS:
                with site(_fresh(asked.home, folder / part), film) as here:
                    rows = PARTS[part](here, browser, film, asked.shots)
                write(rows, f"python -m benchmarks.phone_visit HOME {part}")


def _fresh(home: Path, folder: Path) -> Home:
    """An empty home with the same runtime."""
    folder.mkdir()
    (folder / "cache").symlink_to(home.resolve() / "cache")
    return Home(folder)


if __name__ == "__main__":
    main()
