"""A respondent's visit whose face is read on their own device, in headless Chromium.

``python -m benchmarks.phone_visit HOME [PART...] [--shots FOLDER]``: all parts, or those that are
named: visit, aligned, throttled, slow, breaks, keyboard, course, wire. HOME is a home after ``rapt
web install``. Renews its rows of docs/benchmarks/phone.md.
"""

from __future__ import annotations

import argparse
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Final
from unittest.mock import patch

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.phone_page import Row, write
from benchmarks.phone_steps import (
    FILM_S,
    PATIENCE_MS,
    film_at,
    guest,
    newest,
    site,
    thanks,
    to_the_check,
    to_the_film,
)
from benchmarks.phone_walk import keyboard, through_a_course, wire
from benchmarks.phone_watch import CLOCKS, DROPS, Sent, misplaced, slowed, watched
from dashboard.camera.respondents import device_files
from fer_core.home import Home
from tests.e2e import clocks
from tests.e2e.respond_site import PHONE, Site, camera_of

OUTAGE_S: Final = 60
SLOWED: Final = 4


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
    ready_s = to_the_check(page, here.link())
    to_the_film(page)
    film_at(page, FILM_S - 0.5)
    ours = page.evaluate(DROPS)
    thanks(page)
    session, _ = newest(here)
    context.close()
    alone.append(dropped_alone(browser, film))
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
        Row(f"a visit of {FILM_S} s: what left the page", "numbers alone, no peer connection",
            f"{len(sent.batches)} batches of at most {largest / 1000:.1f} kB, and the requests "
            f"{', '.join(f'`{k}` ({v} bytes)' for k, v in others.items())}; peer connections: "
            f"{sent.peers}; errors: {len(sent.wrong)}; {len(seen & set(range(FILM_S)))} of "
            f"{FILM_S} seconds of the film landed"),
    ]  # fmt: skip


def aligned(here: Site, browser: Browser, _film: Path, _shots: Path | None) -> list[Row]:
    """Each picture's place on the film, against what camera and film showed then: that is read from
    their pixels, which takes time of its own."""
    context, sent = guest(browser), Sent()
    page = watched(context, sent)
    page.add_init_script(CLOCKS)
    to_the_check(page, here.link())
    to_the_film(page)
    thanks(page)
    errors = misplaced(page, sent.batches, newest(here)[1])
    context.close()
    low, middle, high = np.percentile(errors, [2.5, 50, 97.5])
    return [
        Row("pictures against the film", "within 100 ms",
            f"{len(errors)} pictures: median {middle:+.0f} ms, 95 % within {low:+.0f} to "
            f"{high:+.0f} ms, worst {np.abs(errors).max():.0f} ms"),
    ]  # fmt: skip


def slow(here: Site, browser: Browser, _film: Path, _shots: Path | None) -> list[Row]:
    """The same with every thread of the page's process slowed down, from consent on."""
    page = watched(guest(browser), Sent())
    page.goto(here.link())  # what is slowed is the process that it has now
    with slowed(SLOWED):
        return _slow_visit(here, page, "every thread of the page's process stopped for three "
                           "quarters of the time")  # fmt: skip


def throttled(here: Site, browser: Browser, _film: Path, _shots: Path | None) -> list[Row]:
    """The same, slowed as developers' tools do it: the page's own thread, not its workers."""
    context = guest(browser)
    page = watched(context, Sent())
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    return _slow_visit(here, page, f"the processor throttled {SLOWED} times, as Chromium's "
                       "developer tools do it")  # fmt: skip


def _slow_visit(here: Site, page: Page, how: str) -> list[Row]:
    page.set_default_timeout(PATIENCE_MS)
    ready_s = to_the_check(page, here.link())
    to_the_film(page)
    film_at(page, FILM_S - 0.5)
    ours = page.evaluate(DROPS)
    thanks(page)
    session, _ = newest(here)
    page.context.close()
    return [
        Row(f"pictures read a second, {how}", "8 at least",
            f"{(session.summary or {}).get('fps')} (ready after {ready_s:.1f} s; the film dropped "
            f"{ours[0]} of {ours[1]} frames)"),
    ]  # fmt: skip


# -- breaks ----------------------------------------------------------------------------------


def _whole(here: Site, sent: Sent) -> str:
    """What landed against what was acknowledged; AssertionError where one was lost or doubled."""
    session, placed = newest(here)
    assert session.summary is not None
    # a picture before the film's first report has no place on its clock
    assert len(placed) >= sent.pictures - 1, (sent.pictures, len(placed))
    assert len(placed) <= sum(len(one) for one in sent.batches.values())
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


PARTS: Final = {
    "visit": visit,
    "aligned": aligned,
    "throttled": throttled,
    "slow": slow,
    "breaks": breaks,
    "keyboard": keyboard,
    "course": through_a_course,
    "wire": wire,
}


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
