"""From a first visit to the answer, at full size, in a real browser: steps and time.

    python -m benchmarks.journeys [--only WORD] [--out docs/benchmarks/journeys.md]

Each journey has a server and a home of its own, and a row of the page: ``--only`` walks those
whose names contain the word, and leaves the other rows as they are. A person's time is the pages'
and four seconds a step; what the computer takes to analyse and to write a report is counted
apart.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from fer_core.home import Home
from fer_core.machine import commit, stamp
from tests.e2e import journeys
from tests.e2e.conftest import FLAGS, PATIENCE_MS, Server, find_browser, serve
from tests.e2e.journeys import Visit
from tests.e2e.live_films import TWO, camera_film
from tests.e2e.live_rig import camera_browser

PROJECT = Path(__file__).resolve().parents[1]
OUT = PROJECT / "docs" / "benchmarks" / "journeys.md"
#: The camera's film begins anew after so long.
CAMERA_S = 9

#: Walks a journey on a fresh server.
Walk = Callable[[Browser, Server, Path], Visit]


def on_a_page(journey: Callable[[Page, Path], Visit]) -> Walk:
    """A journey that needs a page and a folder for its files."""

    def walk(browser: Browser, server: Server, folder: Path) -> Visit:
        context = browser.new_context(
            viewport={"width": 1440, "height": 900},
            base_url=server.url,
            storage_state=server.let_in(),
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        try:
            return journey(page, folder)
        finally:
            context.close()

    return walk


def organiser(browser: Browser, server: Server, folder: Path) -> Visit:
    """The organiser's browser has a camera, before which two people sit."""
    film = camera_film(folder / "room.y4m", TWO, CAMERA_S)
    chromium = camera_browser(browser.browser_type, film)
    try:
        return journeys.organiser(chromium, server)
    finally:
        chromium.close()


JOURNEYS: dict[str, Walk] = {
    "Ad tester: six recordings of 30 s, two conditions; the sentence and the PDF": (
        on_a_page(journeys.ad_tester)
    ),
    "Researcher: a film of two faces with cuts; the session, the replay of one, a marker": (
        on_a_page(journeys.researcher)
    ),
    "Organiser: a room of two, live, paused, gone on with, ended; its session": organiser,
    "A folder of thirty of 2 s, one of them in another study; a CSV of respondents; the sentence": (
        on_a_page(journeys.thirty)
    ),
}


def rows_of(page: Path) -> dict[str, str]:
    """The rows that a page has already, by the journey."""
    if not page.is_file():
        return {}
    rows = [line for line in page.read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    return {row.split(" | ")[0].removeprefix("| "): row for row in rows[2:]}


def walked(browser: Browser, name: str, folder: Path) -> str:
    """One journey's row."""
    folder.mkdir()
    server = serve(Home(folder / "home"), folder / "server.log")
    try:
        visit = JOURNEYS[name](browser, server, folder)
    finally:
        server.stop()
    return (
        f"| {name} | {visit.steps} | {visit.took_s:.0f} s | {visit.computing_s:.0f} s "
        f"| {datetime.now(UTC):%Y-%m-%d}, {commit()}, load {os.getloadavg()[1]:.0f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--only", default="", metavar="WORD")
    given = parser.parse_args()
    expect.set_options(timeout=PATIENCE_MS)
    rows = rows_of(given.out)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find_browser(), args=FLAGS)
        for at, name in enumerate(JOURNEYS):
            if given.only in name:
                rows[name] = walked(browser, name, Path(temporary) / str(at))
                print(rows[name], flush=True)
        browser.close()
    lines = [
        "# From a first visit to the answer",
        "",
        stamp("python -m benchmarks.journeys"),
        "",
        "Each journey in a real Chromium, in a home of its own. A person's time: the pages' and "
        "four seconds a step; wanted for the ad tester: under two minutes. What the computer takes "
        "to analyse and to write a report is counted apart.",
        "",
        "| journey | steps | a person's time | computing | measured |",
        "| --- | ---: | ---: | ---: | --- |",
        *(rows[name] for name in JOURNEYS if name in rows),
        "",
    ]
    given.out.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
